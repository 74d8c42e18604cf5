"""Commands on the columns of the table: another aggregate, another place, wider, hidden, only what varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runspect import columns
from runspect.columns import Column
from runspect.columns.spec import AGGREGATES, STEPPED
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.tui.cell_maker import judged
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.shown_columns import differing
from runspect.workspace import Choices

_CYCLE = ("best", "last", "min", "max", "mean", "first", "n", "nan", "best.step", "last.step")
"""What a metric column shows one after another."""
_AT = ("min", "max", "last", "first")


class Arranging:
    """One short method a command; each works on the column under the column cursor."""

    def __init__(self, desk: Desk, runs: RunList) -> None:
        self.desk = desk
        self.runs = runs
        self._before: tuple[str, ...] = ()
        """The columns before only those that vary were shown."""
        self._varying: tuple[str, ...] = ()

    def do_aggregate(self) -> None:
        found = self._here()
        if found is None:
            return
        at, column = found
        specs = self._specs()
        following = [spec for spec in aggregates_after(column) if spec not in specs]
        if not following:
            self.desk.say(f"{column.spec} is no metric: it has one value only", "dim")
            return
        sort = self.runs.wanted.sort
        follows = any(key.column == column.spec for key in sort)
        if follows:
            sort = tuple(replace(key, column=following[0]) if key.column == column.spec else key for key in sort)
            self.runs.sort_with_columns(sort)
        self.runs.set_columns((*specs[:at], following[0], *specs[at + 1 :]))
        self.desk.say(told(following[0]) + ("; sorted by it" if follows else ""), "plain")

    def do_move_left(self) -> None:
        self._move(-1)

    def do_move_right(self) -> None:
        self._move(1)

    def do_hide(self) -> None:
        found = self._here()
        if found is not None:
            at, column = found
            specs = self._specs()
            self.runs.set_columns((*specs[:at], *specs[at + 1 :]))
            sorts = any(key.column == column.spec for key in self.runs.wanted.sort)
            still = ", and still what the runs are sorted by" if sorts else ""
            self.desk.say(f"{column.spec} is hidden{still}; c shows columns, C the usual ones", "dim")

    def do_widen(self) -> None:
        table = self.runs.table
        spec, wide = table.spec, self.runs.wanted.wide
        if not spec:
            return
        if spec in wide:
            self.runs.looks.set_wide(tuple(each for each in wide if each != spec))
        elif table.is_cut(table.column):
            self.runs.looks.set_wide((*wide, spec))
        else:
            self.desk.say(f"nothing of {spec} is cut", "dim")

    def do_bars(self) -> None:
        self.runs.looks.set_bars(not self.runs.looks.has_bars)
        self.desk.say(
            "bars tell where a value stands between the smallest and the largest listed"
            if self.runs.looks.has_bars
            else "numbers without bars",
            "dim",
        )

    def do_usual_columns(self) -> None:
        self.runs.looks.set_wide(())
        self.runs.set_columns(self.desk.options.columns)  # those of the settings, if there are any
        self.desk.say("the usual columns", "dim")

    def do_varying(self) -> None:
        if self._varying and self._specs() == self._varying:
            self.runs.set_columns(self._before)
            self._varying = ()
            self.desk.say("the columns before", "dim")
            return
        marked = tuple(self.runs.marks.rids)
        rids = marked if len(marked) > 1 else ()
        runs = len(rids) or len(self.runs.groups.listed)
        if runs < 2:
            self.desk.say("one run alone differs from none", "dim")
            return
        query, workspace = self.runs.wanted.query, self.desk.workspace
        self.desk.errands.send(
            "varying",
            lambda: workspace.choices("" if rids else query, rids),
            lambda choices: self._show_varying(choices, runs, "marked" if rids else "listed"),
        )

    def _show_varying(self, choices: Choices, runs: int, which: str) -> None:
        params = differing(choices, runs, marked=which == "marked")
        before = self._specs()
        if not params:
            self.desk.say(f"no param differs among the {counted(runs, f'{which} run')}", "dim")
            return
        self._before = self.runs.wanted.columns
        self._varying = _with_params(self._parsed(before), params)
        self.runs.set_columns(self._varying)
        count = f"{counted(len(params), 'param')} {'differs' if len(params) == 1 else 'differ'}"
        self.desk.say(f"{count} among the {counted(runs, f'{which} run')}; x again shows the columns before", "plain")

    def _move(self, by: int) -> None:
        found = self._here()
        if found is None:
            return
        at, specs = found[0], list(self._specs())
        to = at + by
        if not 0 < to < len(specs):
            self.desk.say("it is the first one beside the name" if by < 0 else "it is the last one", "dim")
            return
        specs[at], specs[to] = specs[to], specs[at]
        self.runs.set_columns(specs)

    def _specs(self) -> tuple[str, ...]:
        """The columns that are shown, or will be once the answer is here."""
        wanted = self.runs.wanted.columns
        return tuple(filter(is_column, self.runs.specs_of(wanted))) if wanted else self.runs.specs

    def _here(self) -> tuple[int, Column] | None:
        """The column under the column cursor, which is not the name: that one stays where it is."""
        specs, table = self._specs(), self.runs.table
        at = specs.index(table.spec) if table.spec in specs else table.column
        if not 0 < at < len(specs):
            self.desk.say("the name stays: go to a column with l", "dim")
            return None
        return at, self._parsed(specs[at : at + 1])[0]

    def _parsed(self, specs: Sequence[str]) -> tuple[Column, ...]:
        return tuple(self.runs.column_of(spec) for spec in specs)


def aggregates_after(column: Column) -> list[str]:
    """The specs that follow in the cycle of a metric's aggregates, the next one first; none for what is no metric."""
    if column.kind == "at":
        at = _AT.index(column.aggregate) if column.aggregate in _AT else 0
        return [f"{column.name}@{word}({column.other})" for word in (*_AT[at + 1 :], *_AT[:at])]
    if column.kind != "metric":
        return []
    known = judged(columns.parse_column(f"{column.name}:max")) is not None
    cycle = [word for word in _CYCLE if known or not word.startswith("best")]
    current = column.aggregate + (".step" if column.step else "")
    at = cycle.index(current) if current in cycle else -1
    order = [*cycle[at + 1 :], *cycle[: max(at, 0)]]
    return [column.name if word == "last" else f"{column.name}:{word}" for word in order]


def told(spec: str) -> str:
    """A column spec and what it shows, in words."""
    column = columns.parse_column(spec)
    if column.kind == "at":
        return f"{spec}: the value where {column.other} has its {column.aggregate}"
    word = column.aggregate
    meaning = dict(AGGREGATES)[word]
    return f"{spec}: {'the step of ' if column.step and word in STEPPED else ''}{meaning}"


def _with_params(shown: Sequence[Column], params: Sequence[str]) -> tuple[str, ...]:
    """The columns that are no params, with these params before the words of people at the end."""
    others = [column.spec for column in shown if column.kind != "param"]
    last = next((at for at, spec in enumerate(others) if spec in ("tags", "note")), len(others))
    return (*others[:last], *params, *others[last:])


def is_column(spec: str) -> bool:
    """Whether a text is a column spec at all."""
    try:
        columns.parse_column(spec)
    except UsageError:
        return False
    return True
