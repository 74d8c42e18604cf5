"""Where a column's value is found in the index: parameterised SQL over a row `r` of `runs_now`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

from runspect.columns.baseline import change_rows
from runspect.columns.computed import COMPUTED
from runspect.columns.formula import Formula, Operand, Operation, operands
from runspect.columns.lens import PLAIN, Lens
from runspect.columns.names import Names, UnknownName
from runspect.columns.spec import Column, bound, literal_number, parse_column, resolve
from runspect.columns.table import BY_NAME
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.model import Json
from runspect.objective import Direction

Sql = tuple[str, tuple[Json, ...]]
"""A piece of SQL with `?` for each parameter, and the parameters."""

VALUES = {
    # aggregate: (value, step) in `series_now`
    "last": ("last_v", "last_step"),
    "first": ("first_v", "first_step"),
    "min": ("lo", "lo_step"),
    "max": ("hi", "hi_step"),
    "mean": ("mean_tail", "last_step"),
    "n": ("n", "last_step"),
    "nan": ("nonfinite", "first_nonfinite_step"),
}

NUMBER_OF = "coalesce(c.num, TRY_CAST(trim(c.val, '\"') AS DOUBLE))"
"""A param or fact `c` as a number, also one that was written as text."""

ABSENT: Sql = ("CAST(NULL AS DOUBLE)", ())

_SPARK = (
    "(SELECT max(s.spark || CASE WHEN s.nonfinite > 0 THEN ' NaN@' || coalesce(s.first_nonfinite_step, 0) ELSE '' END)"
    " FROM series_now s WHERE s.rid = r.rid AND s.name = ?)"
)
# A's value at the step where B is best, or the last one before it: what was known at that moment.
_AT = (
    "(SELECT arg_max(p.v, struct_pack(step := p.step, seg := p.segment))"
    " FROM points_now p JOIN series_now s ON s.rid = p.rid"
    " WHERE p.rid = r.rid AND p.name = ? AND s.name = ? AND p.step <= s.{step})"
)


def value_sql(column: Column, names: Names, lens: Lens = PLAIN) -> Sql:
    """The expression of a column's raw value; `decode` turns what DuckDB returns into a JSON value.

    Params and facts are JSON text, moments seconds since 1970, a sparkline digits and, after a blank, "NaN@STEP" of
    the first value that is not finite. A name that is not in scope is NULL: a column may outlive its runs.
    """
    try:
        return _value_sql(resolve(column, names), names, lens)
    except (UnknownName, UsageError):
        return ABSENT


def _value_sql(found: Column, names: Names, lens: Lens) -> Sql:
    match found.kind:
        case "field" if found.name in COMPUTED:
            rows, params = COMPUTED[found.name](names, lens)
            return f"(SELECT max(q.v) FROM ({rows}) q WHERE q.rid = r.rid)", params  # noqa: S608 - rows of the computed columns
        case "field":
            return BY_NAME[found.name].sql, ()
        case "param":
            return "(SELECT max(c.val) FROM cfg_now c WHERE c.rid = r.rid AND c.key = ?)", (found.name,)
        case "fact":
            return "(SELECT max(f.val) FROM facts_now f WHERE f.rid = r.rid AND f.name = ?)", (found.name,)
        case "spark":
            return _SPARK, (found.name,)
        case "delta":
            rows, params = delta_rows(found, names, lens)
            return f"(SELECT max(q.v) FROM ({rows}) q WHERE q.rid = r.rid)", params  # noqa: S608 - SQL of columns
        case "formula":
            return formula_sql(found.formula, names, lens) if found.formula is not None else ABSENT
        case _:
            return _metric_sql(found, lens.directions)


def delta_rows(column: Column, names: Names, lens: Lens = PLAIN) -> Sql:
    """`SELECT rid, v` of a change against the baseline."""
    return change_rows(number_rows(parse_column(column.name), names, lens), percent=column.percent)


def number_rows(column: Column, names: Names, lens: Lens = PLAIN) -> Sql:
    """`SELECT rid, v` of a column as a number.

    Raises:
        UnknownName: Nothing in scope has that name.
        UsageError: The column is no number, whatever the run.
    """
    if resolve(column, names).kind == "metric":
        beside = side_by_side((Operand(column.spec, quoted=True),), names, lens)
        if beside is not None:
            ((value, params),) = beside.values
            return f"SELECT p.rid, {value} AS v FROM ({beside.rows}) p", (*params, *beside.params)  # noqa: S608 - SQL of columns
    value, params = number_sql(column, names, lens)
    return f"SELECT r.rid, {value} AS v FROM runs_now r", params  # noqa: S608 - SQL of columns


def number_sql(column: Column, names: Names, lens: Lens = PLAIN) -> Sql:
    """The expression of a column as a number, NULL where it is none or NaN; times and ages are seconds.

    Raises:
        UnknownName: Nothing in scope has that name.
        UsageError: The column is no number, whatever the run.
    """
    found = resolve(column, names)
    if found.kind in ("param", "fact"):
        table, key = ("cfg_now", "key") if found.kind == "param" else ("facts_now", "name")
        sql = f"(SELECT max({NUMBER_OF}) FROM {table} c WHERE c.rid = r.rid AND c.{key} = ?)"  # noqa: S608 - our own table names
        return _not_nan(sql, (found.name,))
    if found.kind == "field":
        kind = BY_NAME[found.name].type
        if kind not in ("number", "moment", "age", "duration"):
            raise UsageError(f"{found.name} is no number")
        if kind == "age":
            now = time.time() if lens.now is None else lens.now
            return f"(CAST(? AS DOUBLE) - {BY_NAME[found.name].sql})", (now,)
    elif found.kind == "spark":
        raise UsageError(f"{found.spec} is a curve, no number")
    return _not_nan(*value_sql(found, names, lens))


def formula_sql(formula: Formula, names: Names, lens: Lens = PLAIN) -> Sql:
    """The expression of what is computed: NULL where an operand is missing or a divisor is 0.

    Raises:
        UnknownName: Nothing in scope has the name of an operand.
        UsageError: An operand is no number.
    """
    if isinstance(formula, Operation) and (beside := side_by_side((formula,), names, lens)) is not None:
        ((sql, params),) = beside.values
        return f"(SELECT max({sql}) FROM ({beside.rows}) p WHERE p.rid = r.rid)", (*params, *beside.params)  # noqa: S608 - SQL of columns
    return _computed_sql(formula, names, lens)


def _computed_sql(formula: Formula, names: Names, lens: Lens) -> Sql:
    if isinstance(formula, Operand):
        number = literal_number(formula)
        if number is not None:
            return "CAST(? AS DOUBLE)", (number,)
        return number_sql(parse_column(formula.text), names, lens)
    left, right = (_computed_sql(side, names, lens) for side in (formula.left, formula.right))
    return _joined(formula.op, left, right)


@dataclass(frozen=True, slots=True)
class Beside:
    """Values of several metrics of a run in one row: `values` are expressions over the row `p(rid, …)` of `rows`."""

    rows: str
    params: tuple[Json, ...]
    values: tuple[Sql, ...]


def side_by_side(formulas: Sequence[Formula], names: Names, lens: Lens = PLAIN) -> Beside | None:
    """The formulas over one row with all their metrics; None where something else is an operand of them.

    Looking for each metric by itself takes a multiple of the time.

    Raises:
        UnknownName: Nothing in scope has the name of an operand.
    """
    taken: dict[tuple[str, str], str] = {}
    for operand in (each for formula in formulas for each in operands(formula)):
        if literal_number(operand) is None:
            found = resolve(parse_column(operand.text), names)
            aggregate = bound(found, lens.directions) if found.kind == "metric" else None
            if aggregate is None:
                return None
            taken.setdefault((found.name, VALUES[aggregate][found.step]), f"m{len(taken)}")
    if not taken:
        return None
    picked = "".join(
        f", max(CASE WHEN m.name = ? THEN nullif(CAST(s.{value} AS DOUBLE), CAST('NaN' AS DOUBLE)) END) AS {alias}"
        for (_, value), alias in taken.items()
    )
    wanted = [name for name, _ in taken]
    # the view would look for the newest rows of all metrics
    rows = (
        f"SELECT s.rid{picked} FROM series s JOIN (SELECT rid, mid, max(upd) AS upd FROM series"  # noqa: S608 - our own names
        " WHERE mid IN (SELECT mid FROM metrics WHERE list_contains(?::VARCHAR[], name)) GROUP BY rid, mid)"
        " USING (rid, mid, upd) JOIN metrics m USING (mid) WHERE s.live GROUP BY s.rid"
    )
    values = tuple(_over(formula, taken, names, lens) for formula in formulas)
    return Beside(rows, (*wanted, list(dict.fromkeys(wanted))), values)


def _over(formula: Formula, taken: Mapping[tuple[str, str], str], names: Names, lens: Lens) -> Sql:
    if isinstance(formula, Operand):
        number = literal_number(formula)
        if number is not None:
            return "CAST(? AS DOUBLE)", (number,)
        found = resolve(parse_column(formula.text), names)
        return f"p.{taken[found.name, VALUES[bound(found, lens.directions) or 'last'][found.step]]}", ()
    left, right = (_over(side, taken, names, lens) for side in (formula.left, formula.right))
    return _joined(formula.op, left, right)


def _joined(op: str, left: Sql, right: Sql) -> Sql:
    divisor = f"nullif({right[0]}, 0)" if op == "/" else right[0]
    return f"({left[0]} {op} {divisor})", (*left[1], *right[1])


_ITSELF = ("{0}",)
_NUMBER = "nullif(CAST({0} AS DOUBLE), CAST('NaN' AS DOUBLE))"


@dataclass(frozen=True, slots=True)
class SortTerm:
    """What to sort by: an expression that is selected under a name, and the `ORDER BY` terms over that name."""

    sql: str
    params: tuple[Json, ...]
    fields: tuple[str, ...]
    """What decides one after the other, with {0} for the selected value."""
    way: str

    def order(self, name: str) -> str:
        """The `ORDER BY` terms where the expression was selected as `name`."""
        return ", ".join(f"{field.format(name)} {self.way}" for field in self.fields)


def sort_term(column: Column, names: Names, lens: Lens = PLAIN, *, descending: bool = False) -> SortTerm:
    """How to sort by a column: numbers before text, absent values and NaN last in both directions.

    Each value is looked up once: two look-ups of 100,000 runs take twice as long as the rest of the statement, and DuckDB
    writes the first argument of a `nullif` twice.
    """
    way = "DESC NULLS LAST" if descending else "ASC NULLS LAST"
    try:
        found = resolve(column, names)
    except UnknownName:
        return SortTerm(*ABSENT, _ITSELF, way)
    if found.kind == "field":
        row = BY_NAME[found.name]
        if found.name in COMPUTED:
            value, params = value_sql(found, names, lens)
            return SortTerm(f"lower({value})" if row.type == "text" else value, params, _ITSELF, way)
        return SortTerm(row.order or row.sql, (), _ITSELF, way)
    if found.kind in ("param", "fact"):
        source, key = ("cfg_now", "key") if found.kind == "param" else ("facts_now", "name")
        number = "max(nullif(c.num, CAST('NaN' AS DOUBLE)))"
        value = f"(SELECT struct_pack(num := {number}, val := max(lower(c.val))) FROM {source} c WHERE c.rid = r.rid AND c.{key} = ?)"  # noqa: S608 - our own names
        return SortTerm(value, (found.name,), ("{0}.num", "{0}.val"), way)
    value, params = _metric_sql(found, lens.directions) if found.kind == "spark" else value_sql(found, names, lens)
    return SortTerm(value, params, (_NUMBER,), way)


def decode(column: Column, raw: Json) -> Json:
    """The JSON value of what `value_sql` selected."""
    if not isinstance(raw, str):
        return raw
    if column.kind == "field":
        kind = BY_NAME[column.name].type
        if kind == "set":
            return _loads(raw) if raw.startswith("[") else [part.strip() for part in raw.split(",") if part.strip()]
        return _loads(raw) if kind in ("note", "flag") else raw
    return _loads(raw) if column.kind in ("param", "fact", "word") else raw


def _not_nan(sql: str, params: tuple[Json, ...]) -> Sql:
    return f"nullif(CAST({sql} AS DOUBLE), CAST('NaN' AS DOUBLE))", params


def _metric_sql(column: Column, directions: Mapping[str, Direction] | None) -> Sql:
    aggregate = bound(column, directions)
    if aggregate is None:
        return ABSENT
    value, step = VALUES[aggregate]
    if column.kind == "at":
        return _AT.format(step=step), (column.name, column.other)
    chosen = step if column.step else value
    return f"(SELECT max(s.{chosen}) FROM series_now s WHERE s.rid = r.rid AND s.name = ?)", (column.name,)  # noqa: S608 - our own names


def _loads(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
