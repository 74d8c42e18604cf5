"""Guild AI: `<run>/.guild/attrs/<name>`, one YAML value a file; `opref`, `output` and event files beside `attrs`.

Times are microseconds since 1970. `exit_status` is there once the operation ended, negative when a signal ended it.
`env` holds the user's environment, keys and tokens among it: it is never opened.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import yaml_plain
from runspect.readers.console import TAIL, verdict
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.flatten import flatten
from runspect.readers.lines import text_of
from runspect.readers.whole import read_whole

LARGEST = 1 << 20
HIDDEN = ".guild"
PROTO = f"{HIDDEN}/proto"
"""Below a batch run: the pattern of its trials, no run."""
_ID = re.compile(r"[0-9a-f]{32}")
_COMMIT = re.compile(r"(?:git:)?([0-9a-f]{7,64})(\*)?")


class GuildReader:
    """Which value a file holds says its name."""

    name = "guild"
    mode: Mode = "replace"
    precision = 3
    names = (
        *("flags", "id", "initialized", "started", "stopped", "exit_status", "label", "tags", "comments", "host"),
        *("user", "cmd", "platform", "random_seed", "pip_freeze", "vcs_commit", "opref", "output"),
    )

    def claim(self, entry: Entry) -> Claim | None:
        """The known attributes, `opref` (which makes a run by itself) and the output."""
        attributes = entry.directory == f"{HIDDEN}/attrs" or entry.directory.endswith(f"/{HIDDEN}/attrs")
        root = run_root(entry.above if attributes else entry.directory)
        if root is None or entry.name not in (_ATTRIBUTES if attributes else _FILES):
            return None
        kind: ClaimKind = "status"
        if not attributes and entry.name == "output":
            kind = "console"
        elif attributes and entry.name == "flags":
            kind = "config"
        return Claim(self.name, entry.path, root, "container", kind, 3, "guild")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params or facts."""
        if path.name == "output":
            yield _output(path, cursor)
        elif path.stat().st_size == 0:
            yield Batch(with_offset(cursor, 0))
        else:
            yield from read_whole(path, cursor, self.name, _parse, LARGEST)


def run_root(hidden: str) -> str | None:
    """The run's directory, when `hidden` is its `.guild`."""
    above, _, name = hidden.rpartition("/")
    if name != HIDDEN or above.endswith(PROTO):
        return None
    return above or "."


def _output(path: Path, cursor: Cursor) -> Batch:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        found = verdict(text_of(file.read(TAIL)))
    return Batch(with_offset(cursor, size), facts={"console_verdict": found} if found else {})


def _parse(path: Path, text: str) -> Batch:
    if path.name == "opref":
        return Batch(Cursor(), facts=_operation(text))
    value = yaml_plain.load(text)
    if path.name == "flags":
        if not isinstance(value, dict):
            raise ReaderFault("no mapping of flags", 0)
        return Batch(Cursor(), params=flatten(value))
    if path.name == "id":
        # a run is called by its directory; the copy of another keeps that one's attribute
        known = isinstance(value, str) and _ID.fullmatch(value) and value == path.parents[2].name
        return Batch(Cursor(), ids=(f"guild:{value}",), facts={"run_id": value}) if known else Batch(Cursor())
    made = (_ATTRIBUTES | _FILES).get(path.name)
    facts = {} if made is None or value is None else made(value)
    return Batch(Cursor(), facts={name: fact for name, fact in facts.items() if fact not in (None, "", [])})


def _operation(text: str) -> dict[str, Json]:
    """`<kind>:<package or file> <version> <model> <operation>`, quoted as for a shell."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    if len(words) != 4 or ":" not in words[0]:
        return {}
    return {"job_type": ":".join(filter(None, words[2:]))}


def _moment(name: str) -> Callable[[Json], dict[str, Json]]:
    return lambda value: {name: value / 1e6} if isinstance(value, int) and 0 < value < 1 << 62 else {}


def _text(name: str) -> Callable[[Json], dict[str, Json]]:
    return lambda value: {name: str(value)} if isinstance(value, (str, int, float)) else {}


def _exit(value: Json) -> dict[str, Json]:
    if type(value) is not int:
        return {}
    return (
        {"exit_code": value, "end_state": "killed", "end_reason": f"signal {-value}"}
        if value < 0
        else {"exit_code": value}
    )


def _command(value: Json) -> dict[str, Json]:
    return {"command": shlex.join(map(str, value))} if isinstance(value, list) and value else {}


def _platform(value: Json) -> dict[str, Json]:
    found: Mapping[str, Any] = value if isinstance(value, dict) else {}
    facts: dict[str, Json] = {"os": found.get("uname")}
    if isinstance(found.get("python_version"), str):
        facts["python"] = found["python_version"].partition(" ")[0]
    if type(found.get("cpus")) is int:
        facts["cpu_count"] = found["cpus"]
    return facts


def _comments(value: Json) -> dict[str, Json]:
    """Notes that were put to the run, oldest first."""
    found = value if isinstance(value, list) else []
    bodies = [str(each["body"]).strip() for each in found if isinstance(each, dict) and each.get("body")]
    return {"notes": "\n".join(reversed(bodies))}


def _commit(value: Json) -> dict[str, Json]:
    match = _COMMIT.fullmatch(value.strip()) if isinstance(value, str) else None
    return {"git_commit": match[1], "git_dirty": match[2] is not None} if match else {}


def _whole(name: str) -> Callable[[Json], dict[str, Json]]:
    return lambda value: {name: value} if type(value) is int else {}


_ATTRIBUTES: dict[str, Callable[[Json], dict[str, Json]]] = {
    "flags": lambda _: {},
    "id": lambda _: {},
    "initialized": lambda _: {},
    "started": _moment("started"),
    "stopped": _moment("ended"),
    "exit_status": _exit,
    "label": _text("name"),
    "tags": lambda value: {"tags": [str(tag) for tag in value]} if isinstance(value, list) else {},
    "comments": _comments,
    "host": _text("host"),
    "user": _text("user"),
    "cmd": _command,
    "platform": _platform,
    "random_seed": _whole("seed"),
    "pip_freeze": lambda _: {"packages": f"{HIDDEN}/attrs/pip_freeze"},
    "vcs_commit": _commit,
}
"""Attribute → the facts that its value is."""
_FILES: dict[str, Callable[[Json], dict[str, Json]]] = {
    "opref": lambda _: {},
    "output": lambda _: {},
}

READER = GuildReader()
