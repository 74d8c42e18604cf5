"""Points as lines of `metrics.jsonl`, at about a microsecond a value: `{"step": 3, "time": 1.5, "loss": NaN}`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from runspect.recorder.scalars import flat, number, whole

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any

    Refuse = Callable[[str, Any], None]  # is told the name and value of what is no number

MOST_NAMES = 10_000
"""Names whose JSON is kept at hand; a program that makes up new ones all the time is not to grow by them."""
OWN = ("step", "time")
"""Keys of the line itself: values that are called so get a "_" behind."""
_BARE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class Lines:
    """Makes lines; keeps the JSON of the names that it met. May be used by several threads at once."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._names: dict[str, str] = {}

    def line(self, values: Mapping[str, Any], step: Any, time: float) -> str:
        """One line with its newline; "" when no value is a number. `time` is s since 1970."""
        names, parts = self._names, []
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
        if step is None and "step" in values:
            return self._stepped(values, time)
        if not parts:
            return ""
        return f'{{{self._place(step)}"time": {time:.3f}{"".join(parts)}}}\n'

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

    def _stepped(self, values: Mapping[str, Any], time: float) -> str:
        """A line whose step stands among its values."""
        step = whole(values["step"])
        rest = {name: value for name, value in values.items() if name != "step"}
        return self.line(rest, step, time) if step is not None else self.line(rest, None, time)

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
        shown = str(name)
        made = f", {json.dumps(f'{shown}_' if shown in OWN else shown)}: "
        if len(self._names) >= MOST_NAMES:
            self._names.clear()
        self._names[name] = made
        return made
