"""Readers that other packages bring: entry points of the group `runspect.readers`, each an object like `contract.Reader`.

What is wrong with one costs that one alone, and is told in the health view.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from runspect.model import Claim
from runspect.readers.contract import Entry, Mode, Reader
from runspect.readers.dispatch import Dispatch
from runspect.without_pandas import let_pandas_in

GROUP = "runspect.readers"


class Plugins:
    """The readers of other packages; mutable: one that fails on a file is noted."""

    def __init__(self) -> None:
        self.by_name: dict[str, Reader] = {}
        self._origins: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._dispatch = Dispatch(())

    def add(self, point: EntryPoint, taken: Collection[str]) -> None:
        """Load one; a fault is noted."""
        origin = f"reader {point.name!r} of {_package(point)}"
        try:
            reader = point.load()
            wrong = next(_flaws(reader, {*taken, *self.by_name}), None)
        except Exception as error:  # noqa: BLE001 - another package's code, whatever it raises
            wrong = f"cannot be loaded: {type(error).__name__}: {error}"
        if wrong is not None:
            self._faults[origin] = f"{origin} {wrong}"
            return
        self.by_name[reader.name] = reader
        self._origins[reader.name] = origin
        self._dispatch = Dispatch(tuple(self.by_name.values()))

    def claims(self, entry: Entry) -> list[Claim]:
        """What they say of a file."""
        found: list[Claim] = []
        for reader in self._dispatch.asked(entry.name, self._dispatch.beginning(entry)):
            name = reader.name
            try:
                claim = reader.claim(entry)
            except Exception as error:  # noqa: BLE001 - another package's code must not stop the walk
                self._faults.setdefault(name, f"{self._origins[name]} failed on {entry.path}: {error!r}")
                continue
            if isinstance(claim, Claim) and claim.reader == name:
                found.append(claim)
        return found

    def faults(self) -> tuple[str, ...]:
        """What is wrong with them, a line each."""
        return tuple(self._faults.values())


def load(taken: Collection[str]) -> Plugins:
    """All that are installed; `taken` are names that they may not have."""
    plugins = Plugins()
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    if points:
        let_pandas_in()  # they may well read their files with it
    for point in points:
        plugins.add(point, taken)
    return plugins


def installed() -> tuple[str, ...]:
    """Name, package and version of each, without loading any."""
    return tuple(sorted(f"{point.name} {_package(point)}" for point in entry_points(group=GROUP)))


def _flaws(reader: Reader, taken: Collection[str]) -> Iterator[str]:
    name = getattr(reader, "name", None)
    if not isinstance(name, str) or not name:
        yield "has no name"
    if name in taken:
        yield f"is called {name!r} like another reader"
    if getattr(reader, "mode", None) not in get_args(Mode):
        yield f"has a mode that is none of {', '.join(get_args(Mode))}"
    if not isinstance(getattr(reader, "precision", None), int):
        yield "has no precision"
    names = getattr(reader, "names", None)
    if names is not None and not (isinstance(names, tuple | list) and all(isinstance(name, str) for name in names)):
        yield "has names that are no list of texts"
    if not isinstance(getattr(reader, "begins", b""), bytes):
        yield "has a beginning that is no bytes"
    if not callable(getattr(reader, "claim", None)) or not callable(getattr(reader, "read", None)):
        yield "has no claim() or no read()"


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value
