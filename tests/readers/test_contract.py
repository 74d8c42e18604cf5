"""What every reader promises, tried on every reader and every fixture."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runspect.readers import claim_file, reader_named, readers
from runspect.readers.contract import Cursor, Entry, Mode, Reader
from tests.conftest import FIXTURES
from tests.readers.entries import Found, entries, entry_of, found_in

ENTRIES = {entry.path: entry for entry in entries(FIXTURES)} if FIXTURES.is_dir() else {}
CLAIMED = {path: claim.reader for path, entry in ENTRIES.items() if (claim := claim_file(entry))}
APPENDED = sorted(path for path, reader in CLAIMED.items() if reader_named(reader).mode == "append")
TYPICAL = (
    "metrics.csv", "progress.tsv", "metrics.jsonl", "scalars.json", "history.json", "results.json", "train.log",
    "trainer_state.json", "training_args.bin", "all_results.json", "hparams.yaml", "config.json", "config.toml",
    "config.py", "args.txt", ".hydra/config.yaml", ".hydra/overrides.yaml", ".hydra/hydra.yaml",
    "events.out.tfevents.1700000000.host.1.0", "wandb/run-20240101_000000-abc/run-abc.wandb",
    "wandb/run-20240101_000000-abc/files/config.yaml", "wandb/run-20240101_000000-abc/files/wandb-metadata.json",
    "wandb/run-20240101_000000-abc/files/wandb-summary.json", "slurm-1.out",
    "20240101_000000/vis_data/scalars.json", "20240101_000000/20240101_000000.log", "20240101_000000.log.json", "run.json",
    "cout.txt", "info.json", "dvclive/plots/metrics/train/loss.tsv", "dvclive/metrics.json", ".guild/attrs/flags",
    ".guild/attrs/cmd", ".guild/opref", ".guild/output", ".guild/LOCK",
    "log_1795442420.txt", "structured_logs/trainer.global_rank_1.20240101-000000-X.jsonl", "cmd-args.log", "last_checkpoint", "metrics/train.jsonl", "dvc.lock", "data.dvc",
)  # fmt: skip
READERS = readers()


def test_names_are_unique_and_known() -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    assert all(reader_named(name).name == name for name in names)
    assert all(reader.mode in get_args(Mode) and reader.precision in (0, 1, 2, 3) for reader in READERS)


@pytest.mark.parametrize("path", ENTRIES)
def test_one_reader_claims_most_strongly(path: str) -> None:
    claims = [claim for reader in READERS if (claim := reader.claim(ENTRIES[path]))]
    best = max((claim.strength for claim in claims), default=0)
    assert len([claim for claim in claims if claim.strength == best]) <= 1, claims
    chosen = claim_file(ENTRIES[path])
    assert (chosen.reader in [claim.reader for claim in claims]) if chosen else not claims


@pytest.mark.parametrize("path", ENTRIES)
def test_claims_speak_of_the_file_and_a_directory_of_it(path: str) -> None:
    claim = claim_file(ENTRIES[path])
    if claim is not None:
        assert claim.path == path
        assert claim.root == "." or f"{path}/".startswith(claim.root + "/")


@pytest.mark.parametrize("path", APPENDED)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reading_in_pieces_is_reading_at_once(path: str, data: st.DataObject) -> None:
    entry = ENTRIES[path]
    claim = claim_file(entry)
    assert claim is not None
    reader, content = reader_named(claim.reader), entry.absolute.read_bytes()
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / entry.name
        pieces = Found()
        for end in [*sorted(cuts), len(content)]:
            copy.write_bytes(content[:end])
            pieces.add(reader.read(copy, pieces.cursor))
        whole = found_in(reader, copy)
    assert pieces.series() == whole.series()
    assert (pieces.params, pieces.cursor.offset) == (whole.params, whole.cursor.offset)
    if "heartbeat" not in whole.facts:
        pieces.facts.pop("heartbeat", None)  # of what has no time of its own, only who saw it come knows when
    assert pieces.facts == whole.facts
    told = [problem for problem in pieces.problems if problem.what != "an empty file"]
    assert whole.problems or not told


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_arbitrary_bytes_never_raise(reader: Reader, data: st.DataObject) -> None:
    content = data.draw(_noise())
    own = [path for path, claimed in CLAIMED.items() if claimed == reader.name]
    name = data.draw(st.one_of(st.sampled_from(TYPICAL), *([st.sampled_from(own)] if own else [])))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        entry = entry_of(Path(folder), path)
        claim = reader.claim(entry)
        assert claim is None or claim.path == name
        found = Found()
        found.add(reader.read(path, Cursor()))
        assert found.cursor.offset <= len(content)
        assert all(problem.path == str(path) and problem.reader == reader.name for problem in found.problems)


@pytest.mark.parametrize("path", ENTRIES)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_never_raise(path: str, data: st.DataObject) -> None:
    claim = claim_file(ENTRIES[path])
    if claim is None:
        return
    content = bytearray(ENTRIES[path].absolute.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / ENTRIES[path].name
        copy.write_bytes(content)
        reader = reader_named(claim.reader)
        reader.claim(entry_of(Path(folder), copy))
        found_in(reader, copy)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_an_empty_file_gives_nothing(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.touch()
    found = found_in(reader, path)
    assert not found.steps and not found.params


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_file_that_cannot_be_read_is_an_os_error(reader: Reader, tmp_path: Path) -> None:
    entry = Entry("metrics.csv", tmp_path / "metrics.csv", 0, 0.0, frozenset(), frozenset())
    reader.claim(entry)
    with pytest.raises(OSError):
        list(reader.read(tmp_path / "metrics.csv", Cursor()))


def _noise() -> st.SearchStrategy[bytes]:
    pieces = st.sampled_from(
        (
            b'{"step": 1, "loss": ', b"NaN}\n", b'"x": [', b"}", b"]", b"step,loss\n", b"1,2\n", b'"', b"\0" * 40,
            b"\xff\xfe", b"\xef\xbb\xbf", b"- !!python/object/apply:os.system ['true']\n", b"a: &a [*a]\n",
            b"\x80\x04\x95",
            b"cos\nsystem\n(S'true'\ntR.", b"PK\x03\x04", b"<<<<<<< HEAD\n", b"Traceback (most recent call last):\n",
            b"\r\n", b"${a.b}", b"1e999,", b'{"log_history": [{"step": ', b"a = b\n", b"W&B\x00", b"epoch;acc\n", b"|",
        )
    )  # fmt: skip
    return st.one_of(
        st.binary(max_size=300), st.lists(st.one_of(pieces, st.binary(max_size=12)), max_size=20).map(b"".join)
    )
