"""What could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.index.reads.plain import dumps
from runspect.index.reads.scope import Cursor, Scope, fetch, inside, split
from runspect.model import Json

GUESSED = "another metric is guessed"
UNSAID = "this line does not count; the others of the file do"
IGNORED = "the policy is not applied: directions, objective and data sets are guessed"
UNKNOWN = "what it asks for cannot be told"


def problems(cursor: Cursor, scope: Scope) -> list[dict[str, Json]]:
    """The rows of the health view, sorted by path and offset; `path` is relative to the asked directory."""
    place = inside(scope, "p.abspath")
    rows = fetch(
        cursor,
        "SELECT p.watch, p.abspath, p.offset_bytes, p.reader, p.what, p.effect FROM ("
        "  SELECT *, CASE WHEN path = '.' THEN watch ELSE rtrim(watch, '/') || '/' || path END AS abspath FROM problems_now) p "
        f"WHERE {place.sql} ORDER BY p.abspath, p.offset_bytes NULLS FIRST, p.what",
        place.params,
    )
    return [
        {"path": split(scope, watch, path)[1], "offset": offset, "reader": reader, "what": what, "effect": effect}
        for watch, path, offset, reader, what, effect in rows
    ]


def health_json(
    cursor: Cursor,
    scope: Scope,
    policy_faults: Sequence[tuple[str, str]] = (),
    unmet: tuple[str, str] | None = None,
    odd_lines: Sequence[tuple[str, str, int, str]] = (),
    misnamed: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The bytes of `health --json`.

    Args:
        policy_faults: Policy files and what is wrong with them.
        unmet: The policy file that states an objective, and why no run here can be judged by it.
        odd_lines: Lines of shared folders that do not count: the folder's directory, file, offset, what is wrong.
        misnamed: Policy files and what they say of metrics that no run has.
    """
    policies = [
        {"path": path, "offset": None, "reader": "policy", "what": what.removeprefix(f"{path}: "), "effect": IGNORED}
        for path, what in policy_faults
    ]
    if unmet is not None:
        path, what = unmet
        policies.append({"path": path, "offset": None, "reader": "policy", "what": what, "effect": GUESSED})
    policies += [
        {"path": path, "offset": None, "reader": "policy", "what": what, "effect": UNKNOWN} for path, what in misnamed
    ]
    journals = [
        {"path": split(scope, base, path)[1], "offset": offset, "reader": "journal", "what": what, "effect": UNSAID}
        for base, path, offset, what in odd_lines
    ]
    return dumps([*policies, *journals, *problems(cursor, scope)])
