"""Two numbers of one run against each other, either of them computed: `train/loss < val/loss * 0.5`."""

from __future__ import annotations

from typing import cast

from runspect.columns.formula import Formula, Operand, operands
from runspect.columns.spec import literal_number
from runspect.columns.sql import Sql as ColumnSql
from runspect.columns.sql import formula_sql, number_sql, side_by_side
from runspect.columns.table import BY_NAME as BUILT_IN
from runspect.errors import QueryError, UsageError
from runspect.query.conditions import Param, Sql
from runspect.query.context import Context, column_of
from runspect.query.operators import BY_SYMBOL, Operator
from runspect.query.tree import Balance


def balance(tree: Balance, context: Context) -> Sql:
    """The condition; false where one of the sides has no value.

    Raises:
        QueryError: An operand is unknown or no number, with its place.
    """
    operator = BY_SYMBOL[tree.op]
    if operator.number is None or operator.symbol == ":":
        raise QueryError("what is computed is compared with = != < <= > or >=", *tree.spans[0])
    for operand in (*operands(tree.left), *operands(tree.right)):
        _check(operand, context)
    return weighed(operator, tree.left, tree.right, context)


def weighed(operator: Operator, left: Formula, right: Formula, context: Context) -> Sql:
    """`left op right`; false where one of them has no value.

    Raises:
        UnknownName: Nothing in scope has the name of an operand.
        UsageError: An operand is no number.
    """
    beside = side_by_side((left, right), context.names, context.lens)
    if beside is None:
        sides = (formula_sql(side, context.names, context.lens) for side in (left, right))
        return _against(operator, *sides)
    condition, params = _against(operator, *beside.values)
    sql = f"r.rid IN (SELECT p.rid FROM ({beside.rows}) p WHERE {condition})"  # noqa: S608 - SQL of columns
    return sql, (*cast("tuple[Param, ...]", beside.params), *params)


def _against(operator: Operator, left: ColumnSql, right: ColumnSql) -> Sql:
    x, y = (f"nullif({sql}, CAST('NaN' AS DOUBLE))" for sql, _ in (left, right))
    condition = (operator.number or "FALSE").replace("?", "{y}").format(x=x, y=y)
    if operator.negates:
        condition = f"NOT ({condition})"
    return f"coalesce({condition}, FALSE)", cast("tuple[Param, ...]", (*left[1], *right[1]))


def _check(operand: Operand, context: Context) -> None:
    """Point at an operand that is no number."""
    if literal_number(operand) is not None:
        return
    span = (operand.start, operand.start + len(operand.text) + 2 * operand.quoted)
    column = column_of(operand.text, span, context)
    try:
        number_sql(column, context.names, context.lens)
    except UsageError as error:
        kinds = ", ".join(row.name for row in BUILT_IN.values() if row.type in ("number", "duration"))
        raise QueryError(f"{error}; numbers are metrics, params and {kinds}", *span) from error
