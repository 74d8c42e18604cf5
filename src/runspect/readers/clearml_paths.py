"""ClearML's offline sessions: a directory `offline-<id>` and, once it is closed, a zip of it beside it."""

from __future__ import annotations

import re

from runspect.model import Claim, ClaimKind
from runspect.readers.contract import Entry

_SESSION = re.compile(r"(offline-[0-9a-f]{32})(?:\.zip)?")
_EVENTS = re.compile(rb'\s*\[\{"timestamp": ?\d+, ?"type": ?"\w+", ?"task": ?"')


def is_session(name: str) -> bool:
    """Whether a directory or archive is named as a session."""
    return _SESSION.fullmatch(name) is not None


def is_events(head: bytes) -> bool:
    """Whether a file begins with a list of ClearML's events."""
    return _EVENTS.match(head) is not None


def session_claim(reader: str, entry: Entry, root: str, kind: ClaimKind) -> Claim:
    """A claim for the session at `root`, a directory or an archive; both of one id are one run."""
    named = _SESSION.fullmatch(root.rpartition("/")[2])
    hints = (("id", f"clearml-id:{named[1]}"),) if named else ()
    return Claim(reader, entry.path, root, "tool", kind, 3, "clearml", hints)
