"""One line of the journal, and how lines of many writers become one state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from runspect.dataclass import dataclass, field
from runspect.model import Json

VERSION = 1
_KNOWN = frozenset(("v", "id", "ts", "who", "target", "key", "value", "client", "group", "undoes", "redoes"))


@dataclass(frozen=True, slots=True)
class Line:
    """One op as it stands in a journal file."""

    id: str
    ts: int
    """Nanoseconds since 1970, later than anything that the writer had seen."""
    who: str
    target: str
    """`run:UID`, `hyp:ID`, `dataset:NAME` or `project:NAME`."""
    key: str
    value: Json
    client: str = ""
    """Whose undo takes this op back; "" when none does."""
    group: str = ""
    """The request that this op is part of: what one undo takes back."""
    undoes: str = ""
    """The group that this op takes back."""
    redoes: str = ""
    """The group that this op puts into force again."""
    extra: Mapping[str, Json] = field(default_factory=dict, compare=False)
    """Keys of a newer runspect, kept as they are."""

    @property
    def order(self) -> tuple[int, str]:
        """The total order of ops."""
        return self.ts, self.id


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that is no op which counts."""

    what: str


def encode(line: Line) -> bytes:
    """The line as bytes, with its newline."""
    fields: dict[str, Json] = {
        "v": VERSION, "id": line.id, "ts": line.ts, "who": line.who,
        "target": line.target, "key": line.key, "value": line.value,
    }  # fmt: skip
    links = {"client": line.client, "group": line.group, "undoes": line.undoes, "redoes": line.redoes}
    fields.update({name: text for name, text in links.items() if text})
    fields.update(line.extra)
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def read_line(raw: bytes) -> Line | Odd | None:
    """The op in a complete line; None for an empty one."""
    if not raw.strip():
        return None
    try:
        fields = json.loads(raw)
        if isinstance(fields, dict) and fields.get("v", VERSION) != VERSION:
            return Odd(f"of version {str(fields['v'])[:20]}: a newer runspect shows it")
        texts = {name: fields.get(name, "") for name in ("who", "client", "group", "undoes", "redoes")}
        strings = (fields["id"], fields["target"], fields["key"], *texts.values())
        if not all(isinstance(text, str) for text in strings) or type(fields["ts"]) is not int or "v" not in fields:
            return Odd(_shown(raw))
        extra = {name: value for name, value in fields.items() if name not in _KNOWN}
        return Line(fields["id"], fields["ts"], target=fields["target"], key=fields["key"], value=fields["value"],
                    extra=extra, **texts)  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Odd(_shown(raw))


def _shown(raw: bytes) -> str:
    text = raw[:60].decode("utf-8", "replace").strip()
    return f"no annotation: {text!r}" if len(raw) <= 60 else f"no annotation: {text!r} and so on"


def merge(lines: Iterable[Line]) -> dict[tuple[str, str], Line]:
    """The winning op per (target, key): the last by (ts, id), whatever the order of `lines` and their repeats."""
    winners: dict[tuple[str, str], Line] = {}
    for line in lines:
        held = winners.get((line.target, line.key))
        if held is None or line.order > held.order:
            winners[line.target, line.key] = line
    return winners
