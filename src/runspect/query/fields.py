"""The fields that every run has, one row each; params, metrics and facts are fields by their own names."""

from __future__ import annotations

from typing import Literal

from runspect.columns import Names
from runspect.columns.computed import yields
from runspect.columns.hypotheses import named_rows, overdue_rows, verdict_rows, why_rows
from runspect.columns.lint_rules import RULES
from runspect.columns.stages import SAID
from runspect.columns.table import TOOK
from runspect.columns.tidy import KINDS
from runspect.dataclass import dataclass

FieldType = Literal[
    "text", "state", "number", "moment", "age", "duration", "set", "prose", "flag", "has", "prefix", "alert", "tally"
]
"""How a value is read and compared.

`text` `=` whole, `:` part · `state` by name or its beginning · `number` 12k · `moment` 2026-11-01, yesterday, or 2d for
the instant two days ago · `age` and `duration` 2d, 1h30m · `set` any member, whole or glob · `prose` any note, part
· `flag` yes or no · `has` the name of a field · `prefix` the beginning of an id · `alert` the name of a query
of the policy · `tally` how many, or one of them by name.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """A word of the language. `sql` is over a row `r` of `runs_now`, or over a row `q(rid, v)` of `rows`."""

    name: str
    type: FieldType
    sql: str
    help: str
    rows: str = ""
    """For fields with many values a run: `SELECT rid, v`."""
    values: tuple[str, ...] = ()
    """Values to offer, where there are few."""
    computed: bool = False
    """Its rows come from `columns.computed`, one a run."""


TEXT_OF = "CASE WHEN starts_with({0}, '\"') THEN json_extract_string({0}, '$') ELSE {0} END"
_NOTES = (
    f"SELECT a.rid AS rid, {TEXT_OF.format('a.val')} AS v FROM ann_now a WHERE a.key = 'note'"  # noqa: S608 - constants
    f" UNION ALL SELECT f.rid, {TEXT_OF.format('f.val')} FROM facts_now f WHERE f.name = 'notes'"
)
_TOOLS = (
    "SELECT t.rid AS rid, trim(unnest(string_split(regexp_replace(t.tools, '[\\[\\]\"]', '', 'g'), ','))) AS v"
    " FROM runs_now t"
)

FIELDS: tuple[Field, ...] = (
    Field("name", "text", "r.name", "the run's name"),
    Field("path", "text", "r.path", "its directory; a value that begins with / is compared with the whole path"),
    Field("project", "text", "r.project", "the project"),
    Field("group", "text", "r.grp", "the sweep or group"),
    Field("host", "text", "r.host", "the machine"),
    Field("owner", "text", "r.owner", "who owns the files: `owner:me`, `-owner:me`"),
    Field("uid", "text", "r.uid", "the lasting id"),
    Field("reason", "text", "r.reason", "why the run is in its state"),
    Field("parent", "text", "r.parent", "the run it belongs to"),
    Field("tools", "set", "q.v", "what wrote the logs", rows=_TOOLS),
    Field(
        "state",
        "state",
        "r.state",
        "how it is with the run; live is running or quiet",
        values=("running", "quiet", "finished", "failed", "killed", "crashed", "gone", "unknown", "live"),
    ),
    Field("started", "moment", "r.started", "when it began: `started > 2d` is within two days, `started:today`"),
    Field("ended", "moment", "r.ended", "when it ended"),
    Field("updated", "moment", "r.updated", "when it last wrote"),
    Field("age", "age", "coalesce(r.started, r.updated)", "time since it began: `age < 2d` is younger than two days"),
    Field(
        "took",
        "duration",
        TOOK,
        "from the start to the end, or to the newest record: `took > 1h30m`",
    ),
    Field("steps", "number", "r.steps", "the last step: `steps >= 10k`"),
    Field("problems", "number", "r.problems", "things that could not be read"),
    Field("dataset", "text", "q.v", "the data set, by the name that the policy gives it", computed=True),
    Field("commit", "prefix", "q.v", "the commit of its code, or its beginning: `commit:3843b2b`", computed=True),
    Field("left", "duration", "q.v", "about how long a live run still takes: `state:running left < 1h`", computed=True),
    Field("cause", "text", "q.v", "why it ended badly: `cause:memory`, `cause = NaN`, `cause:Error`", computed=True),
    Field(
        "cost",
        "duration",
        "q.v",
        "the time it took, times its devices: `cost > 8h`; devices from params or facts, else one",
        computed=True,
    ),
    Field("differs", "number", "q.v", "how many params differ from the baseline's: `differs = 1`", computed=True),
    Field(
        "provenance",
        "number",
        "q.v",
        "how much is recorded of where it came from, 0 to 100: `provenance < 70`",
        computed=True,
    ),
    Field(
        "same", "number", "q.v", "how many other runs have the same config, seed included: `same > 0`", computed=True
    ),
    Field(
        "lint",
        "tally",
        "q.v",
        "rules of the policy that it breaks: how many, or one by name: `lint > 0`, `lint:seed`",
        values=tuple(rule.id for rule in RULES),
        computed=True,
    ),
    Field(
        "tidy",
        "tally",
        "q.v",
        "what is to be put in order: `tidy:stale`, `tidy:duplicate`, `tidy > 1`",
        values=tuple(KINDS),
        computed=True,
    ),
    Field(
        "vs",
        "number",
        "q.v",
        "by how many percent it is better than the champion, else the baseline, else the best before it: `vs > 0`",
        computed=True,
    ),
    Field(
        "vs:champion",
        "number",
        "q.v",
        "the same against the champion of its data set: `vs:champion > 0`",
        computed=True,
    ),
    Field("vs:baseline", "number", "q.v", "the same against the marked baseline: `vs:baseline < 0`", computed=True),
    Field(
        "vs:best", "number", "q.v", "the same against the best before it on its data set: `vs:best > 0`", computed=True
    ),
    Field("vs:sigmas", "number", "q.v", "`vs` in standard deviations of its seeds: `vs:sigmas > 4`", computed=True),
    Field(
        "vs:noise",
        "text",
        "q.v",
        "whether `vs` is more than seeds make: `vs:noise = beyond`",
        values=("within", "beyond", "unknown"),
        computed=True,
    ),
    Field(
        "vs:verdict",
        "text",
        "q.v",
        'what it comes to: `vs:verdict = better`, `vs:verdict = "as good"`',
        values=("better", "as good", "worse", "better, guard worse"),
        computed=True,
    ),
    Field(
        "vs:guards",
        "text",
        "q.v",
        "guard metrics that got worse: `has:vs:guards`, `vs:guards = latency`",
        computed=True,
    ),
    Field("tag", "set", "q.v", "a tag, yours or the tool's", rows="SELECT t.rid AS rid, t.tag AS v FROM tags_now t"),
    Field("note", "prose", "q.v", "a word of the note", rows=_NOTES),
    Field("hypothesis", "prose", "q.v", "a word of what it was to show, or the hypothesis's id", rows=named_rows()),
    Field(
        "verdict",
        "text",
        "q.v",
        "whether the hypothesis held: `verdict:supported`",
        rows=verdict_rows(),
        values=("supported", "refuted", "inconclusive"),
    ),
    Field("why", "prose", "q.v", "a word of what was noted with its verdict", rows=why_rows()),
    Field(
        "overdue",
        "flag",
        "q.v",
        "runs whose hypothesis has no verdict though its time is up: `overdue:yes`",
        rows=overdue_rows(),
        values=("yes", "no"),
    ),
    Field("stage", "text", "q.v", "how far it has come: `stage:production`, `-stage:exploration`", computed=True),
    Field(
        "gate",
        "text",
        "q.v",
        "whether the gates before its next stage let it pass: `gate:passes`, `gate:fails`, `gate:open`",
        values=("passes", "fails", "open"),
        computed=True,
    ),
    Field(
        "star",
        "flag",
        "q.v",
        "starred runs: `star:yes`",
        rows="SELECT a.rid AS rid, a.val AS v FROM ann_now a WHERE a.key = 'star'",
        values=("yes", "no"),
    ),
    Field(
        "archived",
        "flag",
        "q.v",
        "archived runs: `archived:yes`",
        rows="SELECT a.rid AS rid, a.val AS v FROM ann_now a WHERE a.key = 'archive'",
        values=("yes", "no"),
    ),
    Field("alert", "alert", "", "runs that an alert of the policy is about: `alert:diverged`, `alert:*`, `has:alert`"),
    Field("has", "has", "", "runs that have it: `has:note`, `has:val/loss`, `has:params`, `-has:seed`"),
)

ALIASES = {"tags": "tag", "notes": "note", "tool": "tools", "took_s": "took", "dir": "path", "starred": "star"}

_PLAIN = {row.name: row for row in FIELDS}
BY_NAME = _PLAIN | {alias: _PLAIN[name] for alias, name in ALIASES.items()}


def field_of(word: str, names: Names) -> Field | None:
    """The field that a word of a query names; None where it is a name of the runs themselves."""
    found = BY_NAME.get(word.lower())
    return None if found is None or yields(word, names) else found


HAS_ANY = {
    # has:WORD for whole kinds of things
    "params": "SELECT c.rid FROM cfg_now c",
    "config": "SELECT c.rid FROM cfg_now c",
    "metrics": "SELECT s.rid FROM series_now s",
    "nan": "SELECT s.rid FROM series_now s WHERE s.nonfinite > 0",
    "stage": f"SELECT s.rid FROM ({SAID}) s WHERE s.v <> ''",  # noqa: S608 - constants
    "facts": "SELECT f.rid FROM facts_now f",
}
