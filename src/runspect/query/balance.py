"""Two numbers of one run against each other, either of them computed: `train/loss < val/loss * 0.5`."""

from __future__ import annotations

from typing import cast

from runspect.columns.formula import Formula, Operand, operands
from runspect.columns.spec import literal_number
from runspect.columns.sql import Sql as ColumnSql
from runspect.columns.sql import formula_sql, number_sql
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
    return weighed(operator, _side(tree.left, context), _side(tree.right, context))


def weighed(operator: Operator, left: ColumnSql, right: ColumnSql) -> Sql:
    """`left op right` of two expressions; false where one of them is NULL."""
    x, y = (f"nullif({sql}, CAST('NaN' AS DOUBLE))" for sql, _ in (left, right))
    condition = (operator.number or "FALSE").replace("?", "{y}").format(x=x, y=y)
    if operator.negates:
        condition = f"NOT ({condition})"
    return f"coalesce({condition}, FALSE)", cast("tuple[Param, ...]", (*left[1], *right[1]))


def _side(formula: Formula, context: Context) -> ColumnSql:
    for operand in operands(formula):
        _check(operand, context)
    return formula_sql(formula, context.names, context.lens)


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
