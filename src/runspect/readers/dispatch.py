"""Which readers are asked about a file: those whose `names` its own name fits, and those that have none.

Formats that are told by how every file of them `begins` need not be asked about any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import lru_cache

from runspect.readers.contract import Entry, Reader

WITHOUT_EXTENSION = "*."
"""Stands among the `names` of a reader for names in which nothing follows a dot."""
SMALLEST = 512
"""Files of less bytes begin like none of those formats: their first bytes are not looked at for that."""
REMEMBERED = 4096
"""Names whose readers are remembered: most files of a tree are called as others are."""


class Dispatch:
    """Readers by the names of files; they keep their order. Case does not count."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = tuple(readers)
        self._asked_always: list[int] = []
        self._exact: dict[str, list[int]] = {}
        self._extensions: dict[str, list[int]] = {}
        self._globs: list[tuple[re.Pattern[str], int]] = []
        self._begins: dict[int, bytes] = {
            number: begin for number, reader in enumerate(self._readers) if (begin := getattr(reader, "begins", b""))
        }
        self._beginnings = tuple(set(self._begins.values()))
        for number, reader in enumerate(self._readers):
            names: Iterable[str] | None = getattr(reader, "names", None)
            if names is None:
                self._asked_always.append(number)
            for name in names or ():
                self._add(name.lower(), number)
        self.asked = lru_cache(maxsize=REMEMBERED)(self._asked)
        """The readers to ask about a file of this name, and with this `beginning`; of any where none is given."""

    def beginning(self, entry: Entry) -> bytes:
        """How the file begins, as far as readers told; b"" for others."""
        head = entry.head() if entry.size >= SMALLEST else b""
        return max(filter(head.startswith, self._beginnings), key=len, default=b"")

    def _add(self, name: str, number: int) -> None:
        if name == WITHOUT_EXTENSION:
            self._extensions.setdefault("", []).append(number)
        elif name.startswith("*.") and not re.search(r"[*?.\[]", name[2:]):
            self._extensions.setdefault(name[2:], []).append(number)
        elif re.search(r"[*?\[]", name):
            self._globs.append((re.compile(translate(name)), number))
        else:
            self._exact.setdefault(name, []).append(number)

    def _asked(self, name: str, beginning: bytes | None = None) -> tuple[Reader, ...]:
        lower = name.lower()
        found = {*self._asked_always, *self._exact.get(lower, ())}
        _, dot, extension = lower.rpartition(".")
        found.update(self._extensions.get(extension if dot else "", ()))
        found.update(number for pattern, number in self._globs if pattern.match(lower))
        if beginning is not None:
            found = {number for number in found if beginning.startswith(self._begins.get(number, b""))}
        return tuple(self._readers[number] for number in sorted(found))
