"""Optuna's RDB storage in SQLite: `studies`, `trials` and tables of their parameters and values.

A trial's row changes until it ends, and then never again; parameters and values only come. So each read looks at all
trials, at what is new in the other tables, and at the attributes of trials that had not ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.numbers import number
from runspect.readers.optuna import (
    FIXED,
    INTERMEDIATE,
    METRIC_NAMES,
    OPEN,
    USER_ATTRIBUTES,
    Study,
    Trial,
    attribute,
    change_time,
    external,
    key_of,
    names_in,
    state_text,
    time_of,
    written_at,
)
from runspect.readers.sqlite_store import MAGIC, Row, Store, read_store, tables_in

_TABLES = ("studies", "study_directions", "trials", "trial_params", "version_info")
_NON_FINITE = {"INF_POS": float("inf"), "INF_NEG": float("-inf"), "NAN": float("nan")}
_TOUCHED = ("fixed", "params", "values", "intermediate")
"""Tables that only grow; the last row read of each is in the cursor."""


class OptunaReader:
    """Reads what is new since the cursor."""

    name = "optuna"
    mode: Mode = "store"
    begins = MAGIC
    precision = 3

    def claim(self, entry: Entry) -> Claim | None:
        """By its tables."""
        if not set(_TABLES) <= tables_in(entry).keys():
            return None
        return Claim(self.name, entry.path, entry.path, "tool", "store", 2, "optuna")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch for each trial that changed, in pieces of many rows; the last moves the cursor.

        Raises:
            OSError: The file cannot be read now.
        """
        written = written_at(path)
        return read_store(path, self.name, lambda store: _Pass(store, cursor, written).run())


READER = OptunaReader()


@dataclass(slots=True)
class _Seen:
    """What the cursor knows of the last read."""

    trials: int = 0
    """How many there were."""
    last: int = 0
    """The last trial."""
    mark: str = ""
    """What tells this storage from another one in its place."""
    open: list[int] = field(default_factory=list)
    """Trials that had not ended."""
    rows: dict[str, int] = field(default_factory=dict)
    """The last row read of each table that only grows."""
    written: float = 0.0
    """When the file had been written last; 0 where nothing was read."""

    @classmethod
    def of(cls, cursor: Cursor) -> _Seen:
        """Read back from a cursor; a strange state is a fresh one."""
        try:
            seen = json.loads(cursor.state) if cursor.state else {}
            rows = {str(name): int(row) for name, row in seen.get("rows", {}).items()}
            still = [int(trial) for trial in seen.get("open", ())]
            known = int(seen.get("trials", 0)), int(seen.get("last", 0)), str(seen.get("mark", ""))
            return cls(*known, still, rows, float(seen.get("written", 0.0)))
        except (ValueError, TypeError, AttributeError):
            return cls()


class _Pass:
    """One read of one storage."""

    def __init__(self, store: Store, cursor: Cursor, written: float) -> None:
        self._store, self._written = store, written
        self._seen = _Seen.of(cursor)
        self._studies = _studies(store)
        self._rows: dict[int, tuple[str, Study, int, Row]] = {}
        """Key, study, number and row of each trial."""
        self._told: dict[int, Trial] = {}
        self._changed: set[int] = set()
        """Trials that reported something since the last read."""
        self._restart = False

    def run(self) -> Iterator[Batch]:
        """All pieces."""
        self._list_trials()
        if not self._goes_on():
            self._seen, self._restart = _Seen(), True
        watched = {*self._seen.open, *(trial for trial in self._rows if trial > self._seen.last)}
        for trial in sorted(watched & self._rows.keys()):
            self._tell_trial(trial)
        yield from self._hand_out()
        yield from self._fixed()
        yield from self._params()
        yield from self._values()
        yield from self._intermediate()
        self._attributes(watched)
        self._heartbeats()
        yield from self._hand_out()
        yield Batch(self._moved(), restart=self._restart)

    # ---------------------------------------------------------------- trials

    def _list_trials(self) -> None:
        columns = ("number", "study_id", "state", "datetime_start", "datetime_complete")
        counts: dict[object, int] = {}
        for row in self._store.rows("trials", columns):
            study = self._studies.get(row[2])
            counts[row[2]] = counts.get(row[2], -1) + 1
            if study is not None:
                count = row[1] if isinstance(row[1], int) else counts[row[2]]
                self._rows[row[0]] = (key_of(study, count), study, count, row)

    def _goes_on(self) -> bool:
        """Whether this is the storage that the cursor speaks of, with all its trials still there."""
        known = sum(trial <= self._seen.last for trial in self._rows)
        if not self._seen.last or known != self._seen.trials or self._seen.last not in self._rows:
            return False
        return self._mark(self._seen.last) == self._seen.mark

    def _mark(self, last: int) -> str:
        """The last trial's name and the first one's start: another storage has others."""
        return f"{self._rows[last][0]}@{self._rows[min(self._rows)][3][4]}"

    def _tell_trial(self, trial: int) -> None:
        _, study, count, row = self._rows[trial]
        told = self._trial(trial)
        if told is not None:
            told.begin(study, count, time_of(row[4]))
            told.end(str(row[3]), time_of(row[5]))

    def _trial(self, trial: object) -> Trial | None:
        """What is being told of a trial; None for one that no study has."""
        if not isinstance(trial, int) or trial not in self._rows:
            return None
        return self._told.setdefault(trial, Trial(self._rows[trial][0]))

    def _hand_out(self) -> Iterator[Batch]:
        """Give out what was gathered."""
        told, self._told = self._told, {}
        for trial in told.values():
            yield trial.batch(Cursor(), self._restart)
            self._restart = False

    # ---------------------------------------------------------------- what belongs to them

    def _new(self, name: str, table: str, columns: tuple[str, ...]) -> Iterator[list[Row]]:
        """Pages of the rows that came since, their trial first; each is remembered as read.

        Rows of a trial that came after the list of trials are left for the next read.
        """
        last = max(self._rows, default=0)
        for page in self._store.pages(table, columns, self._seen.rows.get(name, 0)):
            known = [row for row in page if not isinstance(row[1], int) or row[1] <= last]
            if known:
                self._seen.rows[name] = known[-1][0]
                self._changed |= {row[1] for row in known if isinstance(row[1], int)}
                yield known
            if len(known) < len(page):
                return

    def _fixed(self) -> Iterator[Batch]:
        for page in self._new("fixed", "trial_system_attributes", ("trial_id", "key", "value_json")):
            for _, trial, name, value in page:
                if name == FIXED and (told := self._trial(trial)) is not None:
                    told.fix(attribute(value))
            yield from self._hand_out()

    def _params(self) -> Iterator[Batch]:
        columns = ("trial_id", "param_name", "param_value", "distribution_json")
        for page in self._new("params", "trial_params", columns):
            for _, trial, name, value, distribution in page:
                if (told := self._trial(trial)) is not None:
                    told.params[str(name)] = external(value, distribution)
            yield from self._hand_out()

    def _values(self) -> Iterator[Batch]:
        for page in self._new("values", "trial_values", ("trial_id", "objective", "value", "value_type")):
            for _, trial, objective, value, kind in page:
                if (told := self._trial(trial)) is not None:
                    _, study, _, row = self._rows[trial]
                    told.curves.add(study.objective(objective or 0), 0, time_of(row[5]), _float(value, kind))
            yield from self._hand_out()

    def _intermediate(self) -> Iterator[Batch]:
        columns = ("trial_id", "step", "intermediate_value", "intermediate_value_type")
        for page in self._new("intermediate", "trial_intermediate_values", columns):
            for _, trial, step, value, kind in page:
                if (told := self._trial(trial)) is not None:
                    told.curves.add(INTERMEDIATE, step, None, _float(value, kind))
            yield from self._hand_out()

    def _attributes(self, watched: set[int]) -> None:
        """User attributes of trials that had not ended; they may change until then."""
        if not watched:
            return
        for _, trial, name, value in self._store.rows("trial_user_attributes", ("trial_id", "key", "value_json")):
            if trial in watched and (told := self._trial(trial)) is not None:
                told.params[f"{USER_ATTRIBUTES}{name}"] = attribute(value)

    def _heartbeats(self) -> None:
        """Signs of life: that a trial reported something, and those that the database itself stamps, in UTC."""
        when = change_time(self._seen.written, self._written)
        for trial in self._changed & self._rows.keys() if when is not None else ():
            if self._is_open(trial) and (reporting := self._trial(trial)) is not None:
                reporting.beat(when)
        for _, trial, told_at in self._store.rows("trial_heartbeats", ("trial_id", "heartbeat")):
            told = self._trial(trial) if trial in self._rows and self._is_open(trial) else None
            if told is not None and isinstance(told_at, str):
                told.beat(time_of(f"{told_at}+00:00"))

    # ---------------------------------------------------------------- the next read

    def _is_open(self, trial: int) -> bool:
        return self._rows[trial][3][3] in OPEN

    def _moved(self) -> Cursor:
        last = max(self._rows, default=0)
        self._seen.open = [trial for trial in self._rows if self._is_open(trial)]
        state: dict[str, Json] = {
            "trials": len(self._rows),
            "last": last,
            "mark": self._mark(last) if last else "",
            "open": self._seen.open,
            "rows": {name: self._seen.rows.get(name, 0) for name in _TOUCHED},
            "written": self._written,
        }
        return Cursor(state=state_text(state))


def _studies(store: Store) -> dict[object, Study]:
    studies: dict[object, Study] = {row[0]: Study(str(row[1])) for row in store.rows("studies", ("study_name",))}
    for _, study, objective, direction in store.rows("study_directions", ("study_id", "objective", "direction")):
        directions = studies[study].directions if study in studies else []
        if isinstance(objective, int) and 0 <= objective < 100:
            directions += [""] * (objective + 1 - len(directions))
            directions[objective] = str(direction).lower()
    for _, study, name, value in store.rows("study_system_attributes", ("study_id", "key", "value_json")):
        if name == METRIC_NAMES and study in studies:
            studies[study].objectives = names_in(attribute(value))
    return studies


def _float(value: object, kind: object) -> float | None:
    """NaN and infinities, which SQLite cannot keep, stand beside an empty value."""
    return _NON_FINITE[str(kind)] if kind in _NON_FINITE else number(value)
