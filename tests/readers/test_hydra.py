"""Hydra's own files: what is read of them without the whole being parsed is what the whole says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from runspect.model import Json
from runspect.readers import hydra
from runspect.readers.contract import read_all

JOB: dict[str, Json] = {
    "name": "train",
    "chdir": None,
    "override_dirname": "lr=0.1,model=small",
    "id": "???",
    "num": 3,
    "env_set": {},
}
RUNTIME: dict[str, Json] = {
    "version": "1.3.2",
    "cwd": "/home/ml",
    "config_sources": [{"path": "hydra.conf", "schema": "pkg"}],
}
HELP = {"template": "Powered by Hydra\n\n  job:\n    name: other\n== Config ==\n", "footer": "x: y\n"}


def told(place: Path, name: str, text: str) -> tuple[Mapping[str, Json], list[str]]:
    """Facts and problems of a file of that name."""
    (place / name).write_text(text)
    batches = read_all(hydra.READER, place / name)
    return batches[0].facts, [problem.what for batch in batches for problem in batch.problems]


@pytest.mark.parametrize(
    ("job", "runtime"),
    [
        (JOB, RUNTIME),
        ({**JOB, "override_dirname": ""}, RUNTIME),
        ({**JOB, "num": "???", "name": "a: b # c"}, RUNTIME),
        ({**JOB, "name": "it's\n\ntwo lines"}, {**RUNTIME, "cwd": "x " * 200}),
        ({**JOB, "name": "null", "override_dirname": "017"}, {**RUNTIME, "version": 1.3, "cwd": "- a"}),
        ({**JOB, "name": ["a", "b"]}, {**RUNTIME, "cwd": {"version": "9"}}),
        ({"id": "x"}, RUNTIME),
    ],
)
@pytest.mark.parametrize("above", [{"help": HELP, "mode": "RUN"}, {}, {"callbacks": {"job": {"name": "inner"}}}])
def test_the_facts_of_a_job_are_those_of_the_whole_file(
    tmp_path: Path, job: Json, runtime: Json, above: dict[str, Json]
) -> None:
    text = yaml.safe_dump({"hydra": {**above, "job": job, "runtime": runtime, "verbose": False}}, sort_keys=False)
    flow = yaml.safe_dump(yaml.safe_load(text), default_flow_style=True, sort_keys=False)
    assert told(tmp_path, "hydra.yaml", text) == told(tmp_path, "hydra.yaml", flow)


def test_only_the_wanted_lines_of_the_usual_layout_are_parsed(tmp_path: Path) -> None:
    text = yaml.safe_dump({"hydra": {"help": HELP, "job": JOB, "runtime": RUNTIME}}, sort_keys=False)
    assert hydra._wanted(text) == {
        "job": {name: JOB[name] for name in ("name", "override_dirname", "num")},
        "runtime": {name: RUNTIME[name] for name in ("version", "cwd")},
    }
    facts, problems = told(tmp_path, "hydra.yaml", text)
    assert (facts["sweep_number"], facts["job_type"], facts["writer"], problems) == (3, "train", "hydra 1.3.2", [])
    assert told(tmp_path, "hydra.yaml", text[: text.index("ema: pkg")])[0] == {}, "it is still being written"
    assert hydra._wanted(text.replace("  runtime:", "  runtime: &r")) is None


@pytest.mark.parametrize(
    "overrides",
    [
        ["lr=0.1", "+model@pkg=small"],
        ["a=[1,2]", "~b"],
        ["x=1", "y='a b'"],
        ["seed=1e-3", "c=a: b"],
        ["-1=2", "017"],
        [],
    ],
)
def test_overrides_are_the_texts_that_yaml_makes_of_them(tmp_path: Path, overrides: list[str]) -> None:
    facts, problems = told(tmp_path, "overrides.yaml", yaml.safe_dump(overrides))
    assert (facts, problems) == ({"args": overrides} if overrides else {}, [])
