"""What a policy asks of runs: the tables `[metrics]`, `[params]` and `[lint]`.

[metrics]
standard = ["val/loss", "val/acc*"]     # every run logs them

[params]
required = ["lr", "batch_size"]         # every run's config tells them

[lint]
hypothesis = true                       # a rule by its name: held or not
seed = false
since = 2026-01-01                      # runs that began before are left alone
stale = "60d"                           # for the tidy list: silent for so long, and nobody said anything of it
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from runspect.checked_toml import Table, flag, subtable, word, words
from runspect.columns.lint_rules import BY_ID, MOST_NAMES, PROCESS, STALE_S, Lint
from runspect.columns.quantities import duration, is_duration
from runspect.dataclass import dataclass, field

RULES = (*BY_ID, PROCESS)


@dataclass(frozen=True, slots=True)
class LintTable:
    """The table `[lint]`."""

    rules: dict[str, bool] = field(default_factory=dict)
    since: float = Lint().since
    stale_s: float = STALE_S


def read_lint(table: Table, key: str) -> LintTable:
    """`[lint]`.

    Raises:
        UsageError: Something in it is not understood; says the line.
    """
    inner = subtable(table, key)
    inner.only((*RULES, "since", "stale"))
    return LintTable(
        {rule: flag(inner, rule) for rule in RULES if rule in inner.values},
        inner.read("since", _since, Lint().since),
        inner.read("stale", _age, STALE_S),
    )


def read_names(only: str) -> Callable[[Table, str], tuple[str, ...]]:
    """A reader of a table with one list of names, not more than can be held against."""

    def read(table: Table, key: str) -> tuple[str, ...]:
        inner = subtable(table, key)
        inner.only((only,))
        nothing: tuple[str, ...] = ()
        found = inner.read(only, words, nothing)
        if len(found) > MOST_NAMES:
            inner.fault(f"'{key}.{only}': no more than {MOST_NAMES} names, not {len(found)}", only)
        return tuple(dict.fromkeys(found))

    return read


def _since(table: Table, key: str) -> float:
    """A day, from its beginning in UTC, or a moment."""
    value = table.values[key]
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        table.fault(f"'lint.{key}' must be a date such as 2026-01-01, not {table.values[key]!r}", key)
    return value.replace(tzinfo=value.tzinfo or UTC).timestamp()


def _age(table: Table, key: str) -> float:
    text = word(table, key)
    found = duration(text) if is_duration(text) else None
    if found is None or found.seconds <= 0:
        table.fault(f"'lint.{key}' must be a length of time such as \"30d\", not {text!r}", key)
    return found.seconds
