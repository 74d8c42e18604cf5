"""All that is known of one run, as `show --json` tells it."""

from __future__ import annotations

import os.path
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from runspect.columns.lens import PLAIN as GUESSED
from runspect.columns.lens import Lens
from runspect.columns.provenance import WEIGHTS
from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.index.reads.called import Called, called
from runspect.index.reads.hypotheses import hypothesis_of
from runspect.index.reads.plain import dumps, moment
from runspect.index.reads.points import Segment, living_segments
from runspect.index.reads.run_object import KEYS, run_object
from runspect.index.reads.scope import Condition, Cursor, Scope, among, fetch
from runspect.index.reads.staged import stage_history, stage_of_run
from runspect.index.reads.table import resolve_run
from runspect.index.reads.told import PLAIN, Runs, Told, Word, metric_names, newest, told
from runspect.index.rows import seconds
from runspect.masking import mask
from runspect.model import Json
from runspect.practice.hypotheses import Hypothesis
from runspect.practice.hypothesis_json import hypothesis_object, verdict_object
from runspect.practice.lint.findings import Subject, findings
from runspect.practice.lint.signs import signs_of
from runspect.practice.provenance import provenance


def run_json(
    cursor: Cursor,
    scope: Scope,
    run: str | int,
    show_secrets: bool = False,
    runs: Runs = PLAIN,
    files: FilesOf | None = None,
    names_of: Called = called,
    lens: Lens = GUESSED,
    gate: Callable[[Cursor, int], Json] | None = None,
    versus: Callable[[int], Json] = lambda rid: None,
) -> bytes:
    """The bytes of `show --json`: everything that is known of one run.

    Args:
        runs: Says what is told of single runs; one that remembers it saves most of the time.
        files: Likewise for what `files_of` tells.
        names_of: Says what runs are called in the scope.
        lens: Says what names a data set, and what the parts of a run's origin count.
        versus: Says how the run does against others.
        gate: Says what the gates before the run's next stage say of it.

    Raises:
        NotFound: No run fits.
        AmbiguousRun: Several fit.
    """
    rid = run if isinstance(run, int) else resolve_run(cursor, scope, run, names_of)[0]
    known = told(cursor, [rid], runs).get(rid)
    if known is None:
        raise NotFound(f"there is no run {run}")
    whole = run_object(known, scope, show_secrets)
    whole["name"] = names_of(cursor, scope).get(rid, whole["name"])
    watch, base = known.head.watch, str(whole["root"])

    def shown(path: str) -> str:
        return os.path.relpath(f"{watch.rstrip('/')}/{path}", base)

    listed = {key: whole[key] for key in KEYS}
    found, verdict = hypothesis_of(cursor, rid)
    listed["hypothesis"] = None if found is None else mask("note", found.text)
    listed["verdict"] = None if verdict is None else verdict.word or None
    about = {
        "hypothesis_about": None if found is None else mask("", hypothesis_object(found, time.time())),
        "verdict_about": mask("", verdict_object(verdict)),
    }
    about_files = _files(cursor, rid, known, (files or files_of)(cursor, rid), shown)
    origin = {
        "provenance": _provenance(known, lens, show_secrets),
        "versus": versus(rid),
        "lint": _broken(rid, str(whole["name"]), known, found, lens),
    }
    history: list[Json] = list(stage_history(cursor, rid, lens))
    staged = {
        "stage": stage_of_run(cursor, rid, lens),
        "stage_history": history if show_secrets else mask("", history),
        "gate": lens.gates().get(rid),
        "gate_about": gate(cursor, rid) if gate is not None else None,
    }
    return dumps({"rid": rid, **listed, "facts": whole["facts"], **about_files, **about, **origin, **staged})


def _provenance(known: Told, lens: Lens, show_secrets: bool) -> dict[str, Json]:
    def told(words: Mapping[str, Word]) -> dict[str, Json]:
        values = {name: orjson.loads(word.val) for name, word in words.items()}
        return values if show_secrets else {name: mask(name, value) for name, value in values.items()}

    weights = lens.provenance or WEIGHTS
    return provenance(told(known.facts), told(known.params), lens.dataset_keys, weights).as_json()


def _broken(rid: int, name: str, run: Told, tested: Hypothesis | None, lens: Lens) -> list[Json]:
    """The rules of the policy that it breaks."""
    when = seconds(run.head.started or run.head.updated)
    facts, params = ({key: word.val for key, word in words.items()} for words in (run.facts, run.params))
    signs = signs_of(run.name, run.head.state, when, facts, params, run.series, tested, lens.lint)
    subject = Subject(rid, run.head.uid, name, run.head.abspath, when, *signs)
    return [
        {"rule": each.rule, "what": each.what, "closes": each.closes, "missing": list(each.missing)}
        for each in findings((subject,), lens.lint)
    ]


@dataclass(frozen=True, slots=True)
class Files:
    """Rows about a run's files besides their sizes."""

    artifacts: tuple[tuple[Any, ...], ...]
    """(path, kind, size, modified, step)."""
    problems: tuple[tuple[Any, ...], ...]
    """(path, offset, reader, what, effect)."""
    overshadowed: Mapping[str, Sequence[str]]
    """Per metric, the files that tell it too and do not count."""


FilesOf = Callable[[Cursor, int], Files]


def files_of(cursor: Cursor, rid: int) -> Files:
    """What a run left behind, what of its files could not be read, and what several of them tell."""
    few = among([rid])
    artifacts = fetch(
        cursor, f"SELECT path, kind, size, modified, step FROM artifacts_now WHERE {few.sql} ORDER BY path"
    )
    problems = fetch(
        cursor,
        "SELECT path, offset_bytes, reader, what, effect FROM problems_now "
        f"WHERE {few.sql} ORDER BY path, offset_bytes",
    )
    return Files(tuple(artifacts), tuple(problems), _overshadowed(cursor, rid))


def _files(cursor: Cursor, rid: int, known: Told, kept: Files, shown: Callable[[str], str]) -> dict[str, Json]:
    files = fetch(cursor, f'SELECT path, reader, size, "use" FROM sources_now WHERE {among([rid]).sql} ORDER BY path')
    artifacts, problems, overshadowed = kept.artifacts, kept.problems, kept.overshadowed
    return {
        "sources": {key: shown(word.source) for key, word in known.params.items() if word.source},
        "shared_params": [key for key, word in known.params.items() if word.shared],
        "files": [{"path": shown(path), "reader": reader, "size": size} for path, reader, size, _ in files],
        "also_in": sorted(
            {shown(path) for path, _, _, use in files if use == "also_in"}
            | {shown(path) for paths in overshadowed.values() for path in paths}
        ),
        "metrics_also_in": {name: sorted(shown(path) for path in paths) for name, paths in overshadowed.items()},
        "artifacts": [
            {"path": shown(path), "kind": kind, "size": size, "modified": moment(modified), "step": step}
            for path, kind, size, modified, step in artifacts
        ],
        "problems_list": [
            {"path": shown(path), "offset": offset, "reader": reader, "what": what, "effect": effect}
            for path, offset, reader, what, effect in problems
        ],
    }


def _overshadowed(cursor: Cursor, rid: int) -> dict[str, list[str]]:
    """Per metric, the files that tell it too but less precisely than others, or as a twin under a longer name.

    Most runs have neither; only for those that do are points read, of a run of millions of steps too many for one answer.
    """
    segments = living_segments(cursor, [rid])
    precisions = {segment.precision for segment in segments.values()}
    hidden = _hidden_metrics(cursor, rid)
    if len(precisions) <= 1 and not hidden:
        return {}
    some = Condition("true") if len(precisions) > 1 else among(sorted(hidden), "mid")
    told: dict[int, set[Segment]] = {}
    asked = f"SELECT DISTINCT mid, segment FROM points WHERE rid = ? AND {some.sql}"
    for mid, segment in fetch(cursor, asked, (rid, *some.params)):
        if segment in segments:
            told.setdefault(mid, set()).add(segments[segment])
    found: dict[int, set[str]] = {}
    for mid, telling in told.items():
        best = max(segment.precision for segment in telling)
        paths = {segment.path for segment in telling if mid in hidden or segment.precision < best}
        if paths:
            found[mid] = paths
    names = metric_names(cursor, found)
    return {name: sorted(found[mid]) for mid, name in sorted(names.items(), key=lambda item: item[1])}


def _hidden_metrics(cursor: Cursor, rid: int) -> frozenset[int]:
    """Metrics of which there are points that are not shown."""
    current = newest("series", "rid, mid", [rid])
    rows = fetch(cursor, f"SELECT t.mid FROM {current.sql} AND NOT t.live AND t.n > 0", current.params)
    return frozenset(mid for (mid,) in rows)
