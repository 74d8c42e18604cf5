"""What is peculiar to SwanLab: three generations of logs in directories that are named as W&B's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of, found_in

LOG = next((FIXTURES / "swanlab").rglob("run-*.swanlab"))


def test_reads_scalars_with_their_times_and_the_end() -> None:
    found = found_in(reader_named("swanlab"), LOG)
    assert found.steps["loss"] == list(range(25))
    assert found.values["acc"][-1] == 0.9140625
    assert found.facts["end_state"] == "finished"
    assert found.facts["started"] < found.times["loss"][0] < found.facts["ended"]
    assert (found.facts["project"], found.facts["name"], found.facts["run_id"]) == ("toy", "toy-offline", "rpnyt6jb")


def test_a_log_that_ends_in_the_middle_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "run-x.swanlab"
    path.write_bytes(LOG.read_bytes()[:6000])
    found = found_in(reader_named("swanlab"), path)
    assert len(found.steps["loss"]) >= 20
    assert "end_state" not in found.facts and not found.problems


@pytest.mark.parametrize(("head", "what"), [(b"", "an empty file"), (b":W&B\xe1\xbe\x00junk", "not a SwanLab log")])
def test_says_why_nothing_was_read(tmp_path: Path, head: bytes, what: str) -> None:
    path = tmp_path / "run-x.swanlab"
    path.write_bytes(head)
    assert what in found_in(reader_named("swanlab"), path).problems[0].what


def test_the_dashboards_database_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "swanlog" / "runs.swanlab"
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\0" + bytes(200))
    assert claim_file(entry_of(tmp_path, path)) is None


@pytest.mark.parametrize("above", ["swanlog", "logs"])
def test_files_are_known_where_the_log_directory_has_another_name(tmp_path: Path, above: str) -> None:
    files = tmp_path / above / "run-20260101_000000-ab12" / "files"
    files.mkdir(parents=True)
    (files / "swanlab-metadata.json").write_text("{}")
    (files / "config.yaml").write_text("lr:\n  desc: ''\n  sort: 0\n  value: 1e-3\n")
    claim = claim_file(entry_of(tmp_path, files / "config.yaml"))
    assert claim is not None and (claim.reader, claim.root) == ("swanlab-files", f"{above}/run-20260101_000000-ab12")
    assert found_in(reader_named("swanlab-files"), files / "config.yaml").params == {"lr": 0.001}


def test_numbered_curves_count_only_where_no_log_tells_their_names(tmp_path: Path) -> None:
    curve = tmp_path / "run-20260101_000000-ab12" / "logs" / "1" / "1000.log"
    curve.parent.mkdir(parents=True)
    rows = [{"index": at, "data": at / 4, "create_time": f"2026-01-01T00:00:0{at}+00:00"} for at in range(3)]
    curve.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"index": 3, "da')
    assert found_in(reader_named("swanlab-files"), curve).values == {"1": [0.0, 0.25, 0.5]}
    (curve.parents[2] / "run-ab12.swanlab").write_bytes(LOG.read_bytes())
    assert found_in(reader_named("swanlab-files"), curve).values == {}


def test_metadata_of_both_layouts() -> None:
    reader = reader_named("swanlab-files")
    new, old = sorted((FIXTURES / "swanlab").rglob("swanlab-metadata.json"), key=lambda path: "old" in path.as_posix())
    facts = found_in(reader, new).facts
    assert (facts["host"], facts["pid"], facts["cpu_count"], facts["writer"]) == ("vm", 12173, 2, "swanlab 0.10.3")
    facts = found_in(reader, old).facts
    assert (facts["git_branch"], facts["gpu"], facts["gpu_count"], facts["cpu_count"]) == ("main", "Example GPU", 1, 8)
