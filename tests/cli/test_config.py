"""`runspect config`: what is in effect, and where from."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from runspect.settings import FILE, Settings, example, parse_settings
from tests.cli.program import runspect


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNSPECT_HOME", str(tmp_path))
    return tmp_path


def test_each_setting_with_its_place(home: Path) -> None:
    (home / FILE).write_text("mouse = false\n\n[keys]\nstar = 'Z'\n", encoding="utf-8")
    done = runspect("config", "--json")
    assert done.code == 0
    found = {row["key"]: row for row in done.json()}
    assert found["mouse"] == {"key": "mouse", "value": False, "from": f"{home}/{FILE}:1"}
    assert found["keys.star"]["from"] == f"{home}/{FILE}:4"
    assert found["theme"]["from"] == "default"
    assert found["RUNSPECT_HOME"]["from"] == "environment"
    assert f"{home}/{FILE}:4" in runspect("config").out


def test_a_fault_is_an_error_with_its_line(home: Path) -> None:
    (home / FILE).write_text("[keys]\nstarr = 'S'\n", encoding="utf-8")
    done = runspect("config")
    assert done.code == 2
    assert f"{FILE}: line 2: unknown key 'keys.starr'; did you mean 'star'" in done.err


def test_a_file_to_begin_with(home: Path) -> None:
    made = runspect("config", "--init")
    path = Path(made.out.strip())
    assert path == home / FILE
    assert parse_settings(path.read_text(encoding="utf-8")) == Settings()
    again = runspect("config", "--init")
    assert again.code == 2
    assert "left alone" in again.err


def test_every_line_of_it_means_something() -> None:
    bare = [line.removeprefix("# ") for line in example().splitlines()[1:]]
    assert set(tomllib.loads("\n".join(bare))) <= set(Settings.__slots__)
