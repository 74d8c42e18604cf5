"""The built-in columns, one row each. `r` is a row of the view `runs_now`."""

from __future__ import annotations

from typing import Literal

from runspect.dataclass import dataclass
from runspect.model import STATES
from runspect.roles import Align

ColumnType = Literal["text", "state", "number", "moment", "age", "duration", "set", "note", "flag"]
"""What a raw value is: `moment` and `age` are seconds since 1970, `duration` seconds, `set` a list of text."""

# A clock that went backwards gives no negative time.
TOOK = (
    "CASE WHEN coalesce(r.ended, r.updated) >= r.started THEN epoch(coalesce(r.ended, r.updated)) - epoch(r.started)"
    " WHEN coalesce(r.ended, r.updated) < r.started THEN 0 END"
)

_STATE_ORDER = ", ".join(f"'{state}'" for state in STATES)


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A column that every run has."""

    name: str
    title: str
    width: int
    """Cells that suit most values; the screen may give more or less."""
    type: ColumnType
    sql: str
    """"" where it takes more than the run's row: see `computed`."""
    help: str
    align: Align = "left"
    order: str = ""
    """What to sort by, where it is not the value itself."""


COLUMNS: tuple[BuiltIn, ...] = (
    BuiltIn(
        "state",
        "",
        1,
        "state",
        "r.state",
        "running, quiet, finished, failed, killed, crashed, gone or unknown",
        order=f"list_position([{_STATE_ORDER}], r.state)",
    ),
    BuiltIn("name", "name", 28, "text", "r.name", "the run's name", order="lower(r.name)"),
    BuiltIn(
        "age",
        "age",
        4,
        "age",
        "epoch(coalesce(r.started, r.updated))",
        "time since the run began",
        "right",
        order="-epoch(coalesce(r.started, r.updated))",
    ),
    BuiltIn(
        "took",
        "took",
        5,
        "duration",
        TOOK,
        "from the start to the end, or to the newest record",
        "right",
    ),
    BuiltIn(
        "tags",
        "tags",
        16,
        "set",
        "(SELECT list(t.tag ORDER BY t.tag) FROM tags_now t WHERE t.rid = r.rid)",
        "tags",
        order="(SELECT string_agg(lower(t.tag), ' ' ORDER BY t.tag) FROM tags_now t WHERE t.rid = r.rid)",
    ),
    BuiltIn(
        "note",
        "note",
        24,
        "note",
        "coalesce((SELECT max(a.val) FROM ann_now a WHERE a.rid = r.rid AND a.key = 'note'),"
        " (SELECT max(f.val) FROM facts_now f WHERE f.rid = r.rid AND f.name = 'notes'))",
        "your note on the run, or the one its tool keeps",
    ),
    BuiltIn(
        "star",
        "*",
        1,
        "flag",
        "(SELECT max(a.val) FROM ann_now a WHERE a.rid = r.rid AND a.key = 'star')",
        "starred runs",
    ),
    BuiltIn("project", "project", 14, "text", "r.project", "the project"),
    BuiltIn("group", "group", 14, "text", "r.grp", "the sweep or group"),
    BuiltIn(
        "archived",
        "archived",
        8,
        "flag",
        "(SELECT max(a.val) FROM ann_now a WHERE a.rid = r.rid AND a.key = 'archive')",
        "runs that were put out of sight (`runspect archive`)",
    ),
    BuiltIn("started", "started", 16, "moment", "epoch(r.started)", "when the run began"),
    BuiltIn("ended", "ended", 16, "moment", "epoch(r.ended)", "when it ended"),
    BuiltIn("updated", "updated", 16, "moment", "epoch(r.updated)", "when it last wrote"),
    BuiltIn("steps", "steps", 6, "number", "r.steps", "the last step", "right"),
    BuiltIn("host", "host", 12, "text", "r.host", "the machine"),
    BuiltIn("owner", "owner", 10, "text", "r.owner", "who owns the files"),
    BuiltIn("path", "path", 30, "text", "r.path", "the directory, below the watched one"),
    BuiltIn("tools", "tools", 12, "set", "r.tools", "what wrote the logs"),
    BuiltIn("reason", "reason", 24, "text", "r.reason", "why the run is in its state"),
    BuiltIn("parent", "parent", 16, "text", "r.parent", "the run it belongs to"),
    BuiltIn("problems", "problems", 8, "number", "r.problems", "things that could not be read", "right"),
    BuiltIn("dataset", "dataset", 14, "text", "", "the data set, by the name that the policy gives it"),
    BuiltIn("commit", "commit", 8, "text", "", "the commit of its code"),
    BuiltIn(
        "left",
        "left",
        5,
        "duration",
        "",
        "about how long a live run still takes, by the steps or epochs it wants",
        "right",
    ),
    BuiltIn("cause", "cause", 16, "text", "", "why it ended badly: out of memory, time limit, NaN, an exception …"),
    BuiltIn(
        "cost",
        "cost",
        6,
        "duration",
        "",
        "the time it took, times the devices that its params or facts tell; one if none",
        "right",
    ),
    BuiltIn(
        "differs",
        "differs",
        7,
        "number",
        "",
        "how many params differ from the baseline's (`runspect baseline`)",
        "right",
    ),
    BuiltIn(
        "provenance",
        "prov",
        4,
        "number",
        "",
        "how much is recorded of where it came from, 0 to 100: commit, changes, environment, data, seed, command, hardware",
        "right",
    ),
    BuiltIn(
        "same",
        "same",
        5,
        "number",
        "",
        "how many other runs of its project have the same config, the seed included",
        "right",
    ),
    BuiltIn("hypothesis", "hypothesis", 28, "text", "", "what it was to show: `runspect hypothesis`, or its record"),
    BuiltIn("verdict", "verdict", 12, "text", "", "whether it did: supported, refuted or inconclusive"),
    BuiltIn("why", "why", 28, "text", "", "what was noted with its verdict"),
    BuiltIn("overdue", "overdue", 7, "flag", "", "the time box of its hypothesis ended without a verdict"),
    BuiltIn("lint", "lint", 4, "number", "", "how many rules of the policy it breaks: `runspect lint`", "right"),
    BuiltIn("tidy", "tidy", 18, "set", "", "what is to be put in order: unnamed, untagged, duplicate, stale"),
    BuiltIn(
        "stage", "stage", 11, "text", "", "how far it has come: exploration, candidate, production (`runspect promote`)"
    ),
    BuiltIn(
        "vs",
        "vs",
        7,
        "number",
        "",
        "by how many percent it is better (below 0: worse) than the champion of its data set, else the marked baseline, else the"
        " best before it; nothing of that one itself; while it runs, at the same step",
        "right",
    ),
    BuiltIn("vs:champion", "vs champion", 11, "number", "", "the same against the champion of its data set", "right"),
    BuiltIn("vs:baseline", "vs baseline", 11, "number", "", "the same against the marked baseline", "right"),
    BuiltIn("vs:best", "vs best", 8, "number", "", "the same against the best run before it on its data set", "right"),
    BuiltIn("vs:sigmas", "vs σ", 6, "number", "", "`vs` in standard deviations of its seeds, 3 at least", "right"),
    BuiltIn(
        "vs:noise", "vs noise", 8, "text", "", "whether `vs` is within the noise of seeds: within, beyond or unknown"
    ),
    BuiltIn("vs:verdict", "vs verdict", 19, "text", "", "better, as good (within noise) or worse; better, guard worse"),
    BuiltIn("vs:guards", "vs guards", 16, "text", "", "the guard metrics of the policy that got worse"),
    BuiltIn(
        "gate",
        "gate",
        17,
        "text",
        "",
        "what the policy's gates before its next stage say of a run that has ended: `candidate ✓5/6`",
    ),
    BuiltIn("alert", "alert", 16, "set", "", "the alerts of the policy that match it"),
    BuiltIn("uid", "uid", 20, "text", "r.uid", "the lasting id"),
)

BY_NAME = {column.name: column for column in COLUMNS}
