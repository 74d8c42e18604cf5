"""What a program itself set in a W&B run's summary: `run.summary["test/acc"] = 0.9` after the training.

W&B puts the end of every series there too; those are not wanted. When the run has ended, each number that no row of the
history has a key for is a series of one point at the last step.
"""

from __future__ import annotations

from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.readers.contract import Points
from runspect.readers.flatten import flatten
from runspect.readers.protobuf import BYTES, WireFault, fields
from runspect.readers.records import log_records
from runspect.readers.single import single
from runspect.readers.wandb_history import items_of

MOST = 500
"""Values that are kept; more is no summary."""
_HEADER = 7
_HISTORY, _SUMMARY = 2, 3
_AGGREGATES = frozenset({"min", "max", "mean", "best", "last", "first"})
"""What `define_metric(…, summary=…)` makes of a series, which is there itself."""


@dataclass(slots=True)
class Summary:
    """Mutable, of one read of one file."""

    values: dict[str, Json] = field(default_factory=dict)
    """Numbers by key, the last ones that were set."""

    @classmethod
    def of(cls, told: Json) -> Summary:
        """Read back from a cursor."""
        return cls(dict(told)) if isinstance(told, dict) else cls()

    def take(self, payload: bytes, start: int) -> None:
        """Take a summary record.

        Raises:
            WireFault: It is none.
        """
        for number, wire, first, stop in fields(payload, start):
            if number != _SUMMARY or wire != BYTES:
                continue
            for kind, key, value in items_of(payload, first, stop):
                if kind == 1 and not key.startswith("_") and not is_derived(value):
                    self._keep(numbers_in({key: value}))

    def points(self, path: Path, step: int, time: float | None) -> dict[str, Points]:
        """The values as series, where the history in the file at `path` does not have their keys."""
        if not self.values:
            return {}
        logged = _logged(path, self.values)
        return {
            key: single(max(step, 0), float(value), time)
            for key, value in self.values.items()
            if key not in logged and isinstance(value, (int, float))
        }

    def _keep(self, found: dict[str, float]) -> None:
        for key, value in found.items():
            if key in self.values or len(self.values) < MOST:
                self.values[key] = value


def numbers_in(values: dict[str, Json]) -> dict[str, float]:
    """The numbers of a summary, nested ones with their keys joined by dots as those of the history are."""
    return {
        key: float(value)
        for key, value in flatten(values).items()
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e308
    }


def is_derived(value: Json) -> bool:
    """Whether it is a medium ({"_type": "image-file", …}) or what W&B made of a series."""
    return isinstance(value, dict) and ("_type" in value or set(value) <= _AGGREGATES)


def _logged(path: Path, keys: dict[str, Json]) -> set[str]:
    """Which of the keys stand in some row of the history. A log is read for this once, when its run has ended."""
    wanted = {key: _spelled(key) for key in keys}
    found: set[str] = set()
    with path.open("rb") as file:
        size = file.seek(0, 2)
        for record in log_records(file, _HEADER, size, checked=False):
            if record.damage is not None or not any(any(map(record.payload.__contains__, s)) for s in wanted.values()):
                continue
            if _is_row(record.payload):
                own = {key for key, spelled in wanted.items() if any(map(record.payload.__contains__, spelled))}
                found |= own
                for key in own:
                    del wanted[key]
    return found


def _is_row(payload: bytes) -> bool:
    try:
        return any(number == _HISTORY and wire == BYTES for number, wire, *_ in fields(payload, 0))
    except (WireFault, IndexError):
        return False


def _spelled(key: str) -> tuple[bytes, ...]:
    """How an item may spell a key: whole, and nested by its last part; both fields are texts with their length before."""
    names = {key.encode(), key.rpartition(".")[2].encode()}
    return tuple(bytes([tag, len(name)]) + name for name in sorted(names) for tag in (0x0A, 0x12) if len(name) < 0x80)
