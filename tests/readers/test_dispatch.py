"""Which readers are asked about a file: asking few of them finds what asking all would find."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runspect.model import Claim
from runspect.readers import readers
from runspect.readers.contract import Entry
from runspect.readers.dispatch import Dispatch
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of

PLACES = [FIXTURES, *(Path(place) for name in ("RUNSPECT_CORPUS", "RUNSPECT_REAL") if (place := os.environ.get(name)))]
READERS = readers()
DISPATCH = Dispatch(READERS)


@dataclass(frozen=True)
class Named:
    """As much of a reader as the choice looks at."""

    name: str
    names: tuple[str, ...] | None
    begins: bytes = b""


def _claimed_unasked(entry: Entry) -> list[Claim]:
    asked = DISPATCH.asked(entry.name, DISPATCH.beginning(entry))
    return [claim for reader in READERS if reader not in asked and (claim := reader.claim(entry)) is not None]


def _files(place: Path) -> Iterator[Path]:
    return (path for path in place.rglob("*") if path.is_file() and path.stat().st_size >= 0)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_who_is_not_asked_would_not_have_claimed(place: Path) -> None:
    unasked = [claim for path in _files(place) for claim in _claimed_unasked(entry_of(place, path))]
    assert not unasked


def test_most_readers_are_not_asked_about_most_files() -> None:
    names = ("config.yaml", "metrics.jsonl", "train.log", "metrics.csv", "events.out.tfevents.1.host", "model.py")
    assert all(len(DISPATCH.asked(name)) < len(READERS) / 4 for name in names)


@pytest.mark.parametrize(
    ("globs", "fits", "others"),
    [
        (("metrics.json",), ("metrics.json", "METRICS.json"), ("metrics.jsonl", "xmetrics.json", "metrics")),
        (("*.log",), ("a.log", ".log", "a.b.LOG"), ("log", "a.log.1", "alog")),
        (("*.log.json",), ("a.log.json", "A.LOG.JSON"), ("log.json", "a.json")),
        (("*.",), ("log", "log."), ("a.log", ".log")),
        (("*tfevents*",), ("events.out.tfevents.1.h", "tfevents"), ("events",)),
        (("data-[0-9]*.log", "x"), ("data-1.log", "x"), ("data-a.log", "data.log")),
        ((), (), ("anything", "any.log")),
        (None, ("anything", "any.log"), ()),
    ],
)
def test_globs(globs: tuple[str, ...] | None, fits: tuple[str, ...], others: tuple[str, ...]) -> None:
    dispatch = Dispatch([Named("one", globs)])  # type: ignore[list-item]  # no reader, but all that is looked at
    assert all(dispatch.asked(name) for name in fits)
    assert not any(dispatch.asked(name) for name in others)


def test_readers_keep_their_order() -> None:
    one, two, three = Named("one", None), Named("two", ("a.b",)), Named("three", ("*.b",))
    dispatch = Dispatch([three, one, two])  # type: ignore[list-item]  # no readers, but all that is looked at
    assert [reader.name for reader in dispatch.asked("a.b")] == ["three", "one", "two"]


def test_formats_with_a_beginning_are_asked_about_files_that_begin_so(tmp_path: Path) -> None:
    named = [Named("any", None), Named("database", None, b"BASE\0"), Named("more", None, b"BA")]
    dispatch = Dispatch(named)  # type: ignore[arg-type]
    asked = {}
    for name, begin, size in (
        ("one", b"BASE\0", 600),
        ("two", b"", 600),
        ("three", b"BAR", 600),
        ("small", b"BASE\0", 0),
    ):
        content = begin + bytes(size)
        (tmp_path / name).write_bytes(content)
        asked[name] = dispatch.asked(name, dispatch.beginning(entry_of(tmp_path, tmp_path / name)))
    assert {name: [reader.name for reader in them] for name, them in asked.items()} == {
        "one": ["any", "database", "more"], "two": ["any"], "three": ["any", "more"], "small": ["any"],
    }  # fmt: skip
    assert len(dispatch.asked("two")) == 3
