"""The signs of one run from what is told of it: the same as `columns.lint.sign_rows` finds in the index."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from runspect.columns.lint_rules import Lint, Sign, means
from runspect.columns.provenance import signs as provenance_signs
from runspect.practice.hypotheses import Hypothesis

LIVE = ("running", "quiet")


def signs_of(
    name: str,
    state: str,
    when: float | None,
    facts: Mapping[str, str],
    params: Mapping[str, str],
    metrics: Collection[str],
    tested: Hypothesis | None,
    lint: Lint,
) -> tuple[int, int, int]:
    """(`Sign` as a number, the metrics and the params of the policy that it has, a bit each in their order).

    Args:
        when: Start, else the newest record: seconds since 1970.
        facts: Values as JSON text, as those of the params.
        tested: The hypothesis, with this run as its only trial.
    """
    standard = _there(lint.metrics, metrics)
    required = _there(lint.params, [key for key, value in params.items() if value != "null"])
    origin = provenance_signs(facts, params, ())
    told = (
        (Sign.JUDGED, (when or 0.0) >= lint.since),
        (Sign.OVER, state not in LIVE),
        (Sign.NAMED, not lint.names or _follows(name, lint.names)),
        (Sign.COMMIT, "commit" in origin),
        (Sign.SEED, "seed" in origin),
        (Sign.CONFIG, bool(params)),
        (Sign.METRICS, bool(metrics)),
        (Sign.STANDARD, standard == (1 << len(lint.metrics)) - 1),
        (Sign.REQUIRED, required == (1 << len(lint.params)) - 1),
        (Sign.TESTS, tested is not None),
        (Sign.BEFORE, tested is not None and (tested.retrospective or (tested.lead or 0.0) >= 0)),
    )
    return sum(int(sign) for sign, is_there in told if is_there), standard, required


def _follows(name: str, expression: str) -> bool:
    """Whether the name, or the last part of one that is a path, matches as a whole."""
    return any(re.fullmatch(expression, each, re.DOTALL) for each in (name, name.rpartition("/")[2]))


def _there(asked: Sequence[str], names: Collection[str]) -> int:
    return sum(1 << at for at, wanted in enumerate(asked) if any(means(wanted, name) for name in names))
