"""Points as lines of `metrics.jsonl`, at about a microsecond a value: `{"step": 3, "time": 1.5, "loss": NaN}`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from runspect.recorder.scalars import flat, number, whole

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any

    Refuse = Callable[[str, Any], None]  # is told the name and value of what is no number

INSIDE = "metrics"
MOST_NAMES = 10_000
"""Names whose JSON is kept at hand; a program that makes up new ones all the time is not to grow by them."""
OWN = frozenset(("step", "time", INSIDE))
"""Keys of the line itself: metrics that are called so stand in an object under `INSIDE`."""
_BARE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class Lines:
    """Makes lines; keeps the JSON of the names that it met. May be used by several threads at once."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._names: dict[str, str] = {}

    def line(self, values: Mapping[str, Any], step: Any, time: float) -> str:
        """One line with its newline; "" when no value is a number. `time` is s since 1970."""
        if not OWN.isdisjoint(values):
            return self._line_of_own(values, step, time)
        names, parts = self._names, list[str]()
        for name, value in values.items():
            kind = type(value)
            if kind is float:
                text = repr(value)
                if "n" in text:
                    text = _BARE[text]
            elif kind is int and -(1 << 53) < value < 1 << 53:
                text = repr(value)
            else:
                parts += self._other(name, value)
                continue
            try:
                parts.append(names[name] + text)
            except KeyError:
                parts.append(self._named(name) + text)
        if not parts:
            return ""
        return self._whole(parts, step, time)

    def _other(self, name: str, value: Any) -> list[str]:
        """Parts of a value that is no plain number."""
        pairs = flat(value, str(name)) if isinstance(value, Mapping) else ((name, value),)
        parts = []
        for own, each in pairs:
            known = number(each)
            if known is None:
                self._refuse(str(own), each)
            else:
                text = repr(known)
                parts.append(self._named(own) + _BARE.get(text, text))
        return parts

    def _line_of_own(self, values: Mapping[str, Any], step: Any, time: float) -> str:
        """A line of metrics some of which are called like its own keys; a "step" that is the only one is the step."""
        inside, parts = list[str](), list[str]()
        for name, value in values.items():
            if name == "step" and step is None:
                step = value
            elif name in OWN and not isinstance(value, Mapping):
                inside += self._other(name, value)
            else:
                parts += self._other(name, value)
        if inside:
            parts.append(f', "{INSIDE}": {{{"".join(inside)[2:]}}}')
        return self._whole(parts, step, time) if parts else ""

    def _whole(self, parts: list[str], step: Any, time: float) -> str:
        return f'{{{self._place(step)}"time": {time:.3f}{"".join(parts)}}}\n'

    def _place(self, step: Any) -> str:
        if type(step) is int and -(1 << 63) <= step < 1 << 63:
            return f'"step": {step}, '
        if step is None:
            return ""
        known = whole(step)
        if known is None:
            self._refuse("step", step)
            return ""
        return f'"step": {known}, '

    def _named(self, name: Any) -> str:
        known = self._names.get(name)
        if known is not None:
            return known
        made = f", {json.dumps(str(name))}: "
        if len(self._names) >= MOST_NAMES:
            self._names.clear()
        self._names[name] = made
        return made
