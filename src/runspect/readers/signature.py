"""What tells this set of readers from another: an index that others filled is to be read again."""

from __future__ import annotations

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

from runspect.readers.pattern_set import user_files
from runspect.readers.plugins import installed


def readers_signature() -> str:
    """A hash of the text of all readers and patterns, and of the names and versions of readers of other packages."""
    digest = hashlib.sha256()
    for name, text in (*_texts(resources.files("runspect.readers")), *user_files()):
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    digest.update("\0".join(installed()).encode())
    return digest.hexdigest()[:16]


def _texts(directory: Traversable) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in sorted(directory.iterdir(), key=lambda item: item.name):
        if item.is_dir() and not item.name.startswith(("__", ".")):
            found += [(f"{item.name}/{name}", text) for name, text in _texts(item)]
        elif item.name.endswith((".py", ".toml")):
            found.append((item.name, item.read_bytes()))
    return found
