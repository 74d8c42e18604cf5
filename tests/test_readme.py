"""The README tells what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from tests import readme

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_tables_are_those_of_the_program() -> None:
    assert readme.written(TEXT) == TEXT, "run: python -m tests.readme"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\]\((screenshots/[^)]+)\)", TEXT)
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_every_module_it_names_is_there() -> None:
    named = re.findall(r"`(src/runspect/[\w/.]+|tests/[\w/.]+)`", TEXT)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_top_level_is_as_agreed() -> None:
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    made = {"build", "dist", "venv", "src", "tests", "screenshots", "pyproject.toml", "README.md"}
    assert names >= {"src", "tests", "screenshots", "pyproject.toml", "README.md"}
    assert names - made == set()
