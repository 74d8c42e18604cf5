"""Names of runs as directories that any file system takes, each once."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
"""Bytes of a name at most: with a number behind it, it still fits everywhere."""
_UNSAFE = re.compile(r"[^\w.+=@,-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
"""What Windows takes for devices."""


class Names:
    """Gives out names; mutable."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = {_folded(name) for name in taken}

    def unique(self, name: str) -> str:
        """A safe directory name for a run, given to no other: NAME, NAME-2, NAME-3 …; case does not tell two apart."""
        base = component(name)
        number, found = 1, base
        while _folded(found) in self._taken:
            number += 1
            found = f"{base}-{number}"
        self._taken.add(_folded(found))
        return found


def component(name: str) -> str:
    """A run's name as one path component: no separator, control character or dot in front; never empty."""
    safe = _UNSAFE.sub("-", unicodedata.normalize("NFC", name)).strip("-.")
    cut = safe.encode("utf-8", "replace")[:LONGEST].decode("utf-8", "ignore").strip("-.")
    return f"run-{cut}".rstrip("-") if not cut or _RESERVED.match(cut) else cut


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
