"""Optuna's JournalStorage: a file of operations, an object a line, whose order makes the numbers of studies and trials."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.flatten import plain
from runspect.readers.jsonl import read_values
from runspect.readers.numbers import number
from runspect.readers.optuna import (
    FIXED,
    INTERMEDIATE,
    METRIC_NAMES,
    OPEN,
    USER_ATTRIBUTES,
    Study,
    Trial,
    change_time,
    external,
    key_of,
    names_in,
    state_text,
    time_of,
    written_at,
)

_SIGNATURE = re.compile(rb'\s*\{[^{}\n]{0,400}"op_code": ?\d')
_STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
_DIRECTIONS = {1: "minimize", 2: "maximize"}


@dataclass(slots=True)
class _Known:
    """What the operations so far made; a study that was deleted is None."""

    studies: list[Study | None] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """Trials of each study."""
    trials: int = 0
    open: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Trials that have not ended: study and number. Of the others nothing is told any more."""
    written: float = 0.0
    """When the file had been written last, as it was read; 0 where nothing was."""

    @classmethod
    def of(cls, cursor: Cursor) -> _Known:
        """Read back from a cursor; a strange state is a fresh one."""
        try:
            seen = json.loads(cursor.state).get("known", {}) if cursor.state else {}
            studies = [None if each is None else Study(*each) for each in seen.get("studies", ())]
            still = {int(trial): (int(place[0]), int(place[1])) for trial, place in seen.get("open", {}).items()}
            counts = [int(count) for count in seen.get("counts", ())]
            return cls(studies, counts, int(seen.get("trials", 0)), still, float(seen.get("written", 0.0)))
        except (ValueError, TypeError, AttributeError, LookupError):
            return cls()

    def state(self) -> Json:
        """For the cursor."""
        studies = [each and [each.name, each.directions, each.objectives] for each in self.studies]
        still: Json = {str(trial): list(place) for trial, place in self.open.items()}
        return {
            "studies": studies, "counts": self.counts, "trials": self.trials, "open": still, "written": self.written,
        }  # fmt: skip


class OptunaJournalReader:
    """Reads on by byte offset."""

    name = "optuna-journal"
    mode: Mode = "append"
    precision = 3

    def claim(self, entry: Entry) -> Claim | None:
        """By the first operation."""
        head = entry.head()
        if b'"worker_id"' not in head or not _SIGNATURE.match(head):
            return None
        return Claim(self.name, entry.path, entry.path, "tool", "store", 2, "optuna")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a trial and block; only the last of a block moves the cursor."""
        known, before, written = _Known.of(cursor), cursor, written_at(path)
        changed = change_time(known.written, written)
        known.written = written
        for batch, rows in read_values(path, cursor, self.name, dict):
            piece = _Piece(known)
            for row in rows:
                piece.take(row)
            for at, trial in piece.told.items():
                if at in known.open:
                    trial.beat(changed)
                yield trial.batch(before, restart=False)
            state = state_text({**json.loads(batch.cursor.state), "known": known.state()})
            before = with_offset(batch.cursor, batch.cursor.offset, state)
            yield Batch(before, problems=batch.problems)


READER = OptunaJournalReader()


class _Piece:
    """The operations of one block."""

    def __init__(self, known: _Known) -> None:
        self._known = known
        self.told: dict[int, Trial] = {}

    def take(self, row: dict[str, Any]) -> None:
        """Apply an operation; one that Optuna would refuse changes nothing."""
        operation = row.get("op_code")
        if operation == 4:
            self._create(row)
        elif isinstance(operation, int) and 0 <= operation <= 3:
            self._take_study(operation, row)
        elif operation in _OF_TRIALS and row.get("trial_id") in self._known.open:
            trial = row["trial_id"]
            _OF_TRIALS[operation](self, row, self._trial(trial), trial)

    # ---------------------------------------------------------------- studies

    def _take_study(self, operation: int, row: dict[str, Any]) -> None:
        known, at = self._known, row.get("study_id")
        if operation == 0:
            name, directions = str(row.get("study_name")), row.get("directions")
            if not any(study is not None and study.name == name for study in known.studies):
                words = [_DIRECTIONS.get(each, "") for each in directions] if isinstance(directions, list) else []
                known.studies.append(Study(name, words))
                known.counts.append(0)
        elif self._study(at) is None:
            return
        elif operation == 1 and isinstance(at, int):
            known.studies[at] = None
            known.open = {trial: place for trial, place in known.open.items() if place[0] != at}
        elif operation == 3 and isinstance(row.get("system_attr"), dict) and METRIC_NAMES in row["system_attr"]:
            study = self._study(at)
            assert study is not None
            study.objectives = names_in(plain(row["system_attr"][METRIC_NAMES]))

    def _study(self, at: object) -> Study | None:
        if not isinstance(at, int) or not 0 <= at < len(self._known.studies):
            return None
        return self._known.studies[at]

    # ---------------------------------------------------------------- trials

    def _create(self, row: dict[str, Any]) -> None:
        at, known = row.get("study_id"), self._known
        study = self._study(at)
        if study is None or not isinstance(at, int):
            return
        trial, count = known.trials, known.counts[at]
        known.trials, known.counts[at] = trial + 1, count + 1
        known.open[trial] = (at, count)
        told = self._trial(trial)
        told.begin(study, count, time_of(row.get("datetime_start")))
        self._from_template(row, told, trial)

    def _from_template(self, row: dict[str, Any], told: Trial, trial: int) -> None:
        """A trial that was added with its parameters and values (`study.add_trial`)."""
        self._system(row, told, trial)
        params, kinds = row.get("params"), row.get("distributions")
        for name, value in params.items() if isinstance(params, dict) else ():
            told.params[str(name)] = external(value, kinds.get(name) if isinstance(kinds, dict) else None)
        steps = row.get("intermediate_values")
        for step, value in steps.items() if isinstance(steps, dict) else ():
            told.curves.add(INTERMEDIATE, int(step) if str(step).isdecimal() else None, None, number(value))
        self._attributes(row, told, trial)
        if isinstance(row.get("state"), int):
            values = row.get("values", [row["value"]] if row.get("value") is not None else None)
            self._set_state({**row, "values": values}, told, trial)

    def _trial(self, trial: int) -> Trial:
        at, count = self._known.open[trial]
        study = self._known.studies[at]
        assert study is not None
        return self.told.setdefault(trial, Trial(key_of(study, count)))

    def _param(self, row: dict[str, Any], told: Trial, trial: int) -> None:
        told.params[str(row.get("param_name"))] = external(row.get("param_value_internal"), row.get("distribution"))

    def _set_state(self, row: dict[str, Any], told: Trial, trial: int) -> None:
        state, values = row.get("state"), row.get("values")
        if not isinstance(state, int) or not 0 <= state < len(_STATES):
            return
        study, ended = self._study(self._known.open[trial][0]), time_of(row.get("datetime_complete"))
        told.start(time_of(row.get("datetime_start")))
        for at, value in enumerate(values if isinstance(values, list) else ()):
            if study is not None:
                told.curves.add(study.objective(at), 0, ended, number(value))
        told.end(_STATES[state], ended)
        if _STATES[state] not in OPEN:
            del self._known.open[trial]

    def _intermediate(self, row: dict[str, Any], told: Trial, trial: int) -> None:
        told.curves.add(INTERMEDIATE, row.get("step"), None, number(row.get("intermediate_value")))

    def _attributes(self, row: dict[str, Any], told: Trial, trial: int) -> None:
        found = row.get("user_attr", row.get("user_attrs"))
        for name, value in found.items() if isinstance(found, dict) else ():
            told.params[f"{USER_ATTRIBUTES}{name}"] = plain(value)

    def _system(self, row: dict[str, Any], told: Trial, trial: int) -> None:
        found = row.get("system_attr", row.get("system_attrs"))
        if isinstance(found, dict) and FIXED in found:
            told.fix(plain(found[FIXED]))


_OF_TRIALS: dict[object, Callable[[_Piece, dict[str, Any], Trial, int], None]] = {
    5: _Piece._param,
    6: _Piece._set_state,
    7: _Piece._intermediate,
    8: _Piece._attributes,
    9: _Piece._system,
}
