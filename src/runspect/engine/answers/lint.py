"""Runs against the rules of the policy, what is to be put in order, and programs that nothing is read of."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.columns import Lens
from runspect.columns.lint_rules import PROCESS, RULES, Lint, Sign
from runspect.columns.tidy import KINDS
from runspect.engine.answers.replies import Answer, as_json, as_numbers
from runspect.engine.call import Call, Reply
from runspect.engine.processes import processes
from runspect.index import reads
from runspect.model import Json
from runspect.practice.lint.findings import findings
from runspect.practice.lint.strays import SLACK_S, Strays, strays, trees
from runspect.practice.lint.weeks import coverage
from runspect.recorder.process import host_name

JUDGED = int(Sign.JUDGED)

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _lint(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        lens = _asked(engine.sight(cursor, call.scope).lens, call)
        query, weeks = str(call.args.get("query", "")), int(call.args.get("weeks", 0))
        told = reads.subjects(cursor, call.scope, query, engine.names, lens, engine.called)
    if weeks:
        now = time.time() if lens.now is None else lens.now
        return as_json(coverage(told, lens.lint, weeks, now).as_json())
    most = call.args.get("most")
    found = islice(findings(told, lens.lint), None if most is None else int(most))
    signs = [each.signs for each in told]
    answer: dict[str, Json] = {
        "runs": len(told),
        "judged": sum(sign & JUDGED for sign in signs),
        "rules": {
            rule.id: {
                "title": rule.title,
                "on": lens.lint.is_on(rule.id),
                "about": sum(map(rule.is_about, signs)) if rule in lens.lint.on else None,
                "broken": sum(map(rule.is_broken, signs)) if rule in lens.lint.on else None,
            }
            for rule in RULES
        },
        "process": lens.lint.is_on(PROCESS),
        "findings": [each.as_json() for each in found],
    }
    return as_numbers(answer)


def _tidy(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        lens = engine.sight(cursor, call.scope).lens
        found = reads.untidy(cursor, call.scope, str(call.args.get("query", "")), engine.names, lens, engine.called)
    kinds = call.args.get("rules") or list(KINDS)
    found = [each for each in found if each.kind in kinds]
    counts, most = Counter(each.kind for each in found), call.args.get("most")
    answer: dict[str, Json] = {
        "rules": {kind: counts[kind] for kind in KINDS if kind in kinds},
        "findings": [each.as_json() for each in found[: None if most is None else int(most)]],
    }
    return as_numbers(answer)


def _strays(engine: Requests, call: Call) -> Reply:
    seen = processes()
    if seen is None:
        return as_json(Strays(unknown="this system has no /proc: which programs run cannot be known").as_json())
    training = trees(seen)
    if not training:
        return as_json(Strays().as_json())
    parts = engine.core.parts()
    wide = ("/", str(Path.home()))
    places = [top.cwd for top, _ in training if top.cwd and top.cwd not in wide]
    places += [path for _, tree in training for each in tree for path in each.writes or ()]
    with engine.reading(call) as cursor:
        around = [root for root in reads.watches(cursor) if any(_holds(root, place) for place in places)]
    # what was written since the last look would be taken for nothing
    parts.syncer.sync([root for root in around if Path(root).is_dir()], None, call.stop)
    with engine.reading(call) as cursor:
        since = min(top.started for top, _ in training) - SLACK_S
        found = strays(seen, reads.lately(cursor, since, host_name()), str(Path.home()))
    return as_json(found.as_json())


def _holds(root: str, place: str) -> bool:
    """Whether one lies in the other."""
    return place == root or place.startswith(f"{root.rstrip('/')}/") or root.startswith(f"{place.rstrip('/')}/")


def _asked(lens: Lens, call: Call) -> Lens:
    """The rules that were asked for, from the moment that was."""
    lint: Lint = lens.lint
    if call.args.get("rules"):
        lint = lint.only([str(rule) for rule in call.args["rules"]])
    if call.args.get("since") is not None:
        lint = replace(lint, since=float(call.args["since"]))
    return replace(lens, lint=lint)


TABLE: dict[str, Answer] = {"lint": _lint, "tidy": _tidy, "strays": _strays}
