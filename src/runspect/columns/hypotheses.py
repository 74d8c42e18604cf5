"""What a run was to show, and whether it did: hypotheses and verdicts of the journal and of the records, as SQL.

A hypothesis is the target `hyp:ID` with the keys of `KEYS`; a run says which one it tests by its own key `hypothesis`
(an id, or false for none), else by the fact of that name that its record holds (an id or the text itself), else by its
git branch: that of a hypothesis which was written before the run began and was not closed by then.
"""

from __future__ import annotations

KEYS = ("text", "due", "project", "metric", "branch", "root", "retrospective", "closed", "verdict")
"""Keys of `hyp:ID`: `due` is seconds since 1970; `closed` and `verdict` are objects with a `note`; tags are `tag:NAME`."""
LINK = "hypothesis"
"""Key of `run:UID`, and name of the fact."""
VERDICT = "verdict"
"""Key of `hyp:ID` and of `run:UID`: {"verdict", "note", "retrospective"}."""

_NEWEST = "struct_pack(ts := a.ts, id := a.id)"

SAID = (
    f"SELECT substr(a.target, 5) AS hyp, a.key, arg_max(a.val, {_NEWEST}) AS val, arg_max(a.who, {_NEWEST}) AS who,"  # noqa: S608 - constants
    " max(a.ts) / 1e9 AS said FROM ann a WHERE starts_with(a.target, 'hyp:') GROUP BY a.target, a.key"
)
"""`SELECT hyp, key, val, who, said`: what is in force of every hypothesis, what was taken back as 'null'."""

# a text that was taken back and put into force again is as old as when it was first said
_WRITTEN = "SELECT target, val, min(ts) / 1e9 AS first FROM ann WHERE key = 'text' AND starts_with(target, 'hyp:') GROUP BY ALL"

HYPOTHESES = (
    f"SELECT t.hyp, json_extract_string(t.val, '$') AS words, w.first AS written, t.who, b.branch, b.due, b.closed, b.verdict, b.why FROM ({SAID}) t"  # noqa: S608 - constants
    f" JOIN ({_WRITTEN}) w ON w.target = 'hyp:' || t.hyp AND w.val = t.val LEFT JOIN (SELECT s.hyp,"
    " max(CASE WHEN s.key = 'branch' THEN json_extract_string(s.val, '$') END) AS branch,"
    " max(CASE WHEN s.key = 'due' THEN TRY_CAST(s.val AS DOUBLE) END) AS due,"
    " max(CASE WHEN s.key IN ('closed', 'verdict') THEN s.said END) AS closed,"
    " max(CASE WHEN s.key = 'verdict' THEN json_extract_string(s.val, '$.verdict') END) AS verdict,"
    " max(CASE WHEN s.key = 'verdict' THEN json_extract_string(s.val, '$.note') END) AS why"
    f" FROM ({SAID}) s WHERE s.val <> 'null' GROUP BY s.hyp) b ON b.hyp = t.hyp WHERE t.key = 'text' AND t.val <> 'null'"
)
"""`SELECT hyp, words, written, who, branch, due, closed, verdict, why`: `verdict` is its own, `why` the note with it; times in
seconds since 1970."""

# The tables are named with their schema: a statement may have put narrower ones in their place, and which run answered a
# hypothesis is to be found wherever that run is.
STARTED = "SELECT r.rid, epoch(r.started) AS began FROM main.runs r JOIN (SELECT rid, max(upd) AS upd FROM main.runs GROUP BY rid) USING (rid, upd)"
"""`SELECT rid, began`: when each run began, seconds since 1970."""

LINKS = (
    f"SELECT l.rid, arg_min(struct_pack(hyp := l.hyp, words := l.words, how := l.how), l.place) AS link FROM (WITH known AS MATERIALIZED ({HYPOTHESES})"  # noqa: S608 - constants
    " SELECT a.rid, h.hyp, h.words, 'said' AS how, struct_pack(rank := 0, older := 0.0::DOUBLE) AS place FROM ann_now a"
    f" LEFT JOIN known h ON h.hyp = json_extract_string(a.val, '$') WHERE a.key = '{LINK}' AND (h.hyp IS NOT NULL OR a.val = 'false')"
    " UNION ALL SELECT f.rid, h.hyp, coalesce(h.words, f.words), 'recorded', struct_pack(rank := 1, older := CASE WHEN h.hyp = f.words THEN -1e18 ELSE -coalesce(h.written, 0) END)"
    f" FROM (SELECT rid, trim(json_extract_string(val, '$')) AS words FROM main.facts_now WHERE name = '{LINK}') f"
    " LEFT JOIN known h ON f.words IN (h.hyp, h.words) WHERE f.words <> ''"
    " UNION ALL SELECT f.rid, h.hyp, h.words, 'branch', struct_pack(rank := 2, older := -h.written) FROM main.facts_now f"
    f" JOIN known h ON h.branch = json_extract_string(f.val, '$') JOIN ({STARTED}) b ON b.rid = f.rid"
    f" WHERE f.name = 'git_branch' AND h.written <= b.began AND (h.closed IS NULL OR h.closed > b.began)"
    ") l GROUP BY l.rid"
)
"""`SELECT rid, link`: {hyp, words, how} of each run; `hyp` is NULL where only the run's record holds the text."""
RUN_VERDICTS = (
    "SELECT a.rid, json_extract_string(a.val, '$.verdict') AS v, json_extract_string(a.val, '$.note') AS why"  # noqa: S608 - constants
    f" FROM ann_now a WHERE a.key = '{VERDICT}'"
)
"""`SELECT rid, v, why`: what was said of a run itself, and the note with it."""

# no full join: DuckDB 1.5 cannot do it where a statement asks for one run after the other
_SPOKEN_OF = (
    f"SELECT b.rid, any_value(b.link) AS link, any_value(b.v) AS v, any_value(b.why) AS why"  # noqa: S608 - constants
    f" FROM (SELECT l.rid, l.link, NULL::VARCHAR AS v, NULL::VARCHAR AS why FROM ({LINKS}) l"
    f" UNION ALL SELECT v.rid, NULL, v.v, v.why FROM ({RUN_VERDICTS}) v) b GROUP BY b.rid"
)

TESTED = (
    f"SELECT s.rid, s.link.hyp AS hyp, s.link.words AS words, s.link.how AS how, coalesce(s.v, h.verdict) AS verdict,"  # noqa: S608 - constants
    " nullif(trim(CASE WHEN s.v IS NULL THEN h.why ELSE s.why END), '') AS why, h.due,"
    " h.hyp IS NOT NULL AND h.closed IS NULL AND max(s.v) OVER (PARTITION BY s.link.hyp) IS NULL AS open"
    f" FROM ({_SPOKEN_OF}) s LEFT JOIN ({HYPOTHESES}) h ON h.hyp = s.link.hyp"
)
"""`SELECT rid, hyp, words, how, verdict, why, due, open` of each run that tests something or has a verdict: its own verdict with its
note, else that of its hypothesis; `open` says that neither the hypothesis nor any of its runs has one."""


def words_rows() -> str:
    """The hypothesis of each run in words, as `SELECT rid, v`."""
    return f"SELECT t.rid, t.words AS v FROM ({TESTED}) t WHERE t.words IS NOT NULL"  # noqa: S608 - constants


def named_rows() -> str:
    """By what a run's hypothesis may be found, as `SELECT rid, v`: its words and its id."""
    return f"SELECT t.rid, unnest([t.words, t.hyp]) AS v FROM ({TESTED}) t WHERE t.words IS NOT NULL"  # noqa: S608 - constants


def verdict_rows() -> str:
    """Each run's own verdict, else that of its hypothesis, as `SELECT rid, v`."""
    return f"SELECT t.rid, t.verdict AS v FROM ({TESTED}) t WHERE t.verdict IS NOT NULL"  # noqa: S608 - constants


def why_rows() -> str:
    """The note that came with the verdict which counts, as `SELECT rid, v`."""
    return f"SELECT t.rid, t.why AS v FROM ({TESTED}) t WHERE t.why IS NOT NULL"  # noqa: S608 - constants


def overdue_rows() -> str:
    """The runs of the hypotheses whose time is up without a verdict, as `SELECT rid, v` with v 'true'."""
    return f"SELECT t.rid, 'true' AS v FROM ({TESTED}) t WHERE t.open AND t.due < epoch(current_timestamp)"  # noqa: S608 - constants
