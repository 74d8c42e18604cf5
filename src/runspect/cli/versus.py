"""Why is this run better: against the champion of its data set, the marked baseline, the best before it, or another run.

runspect versus -C ~/exp resnet50-s2
runspect versus -C ~/exp resnet50-s2 resnet50-s1 && echo 'as good, or better'

Each comparison tells the difference, what seeds alone make (σ of 3 seeds or more), the guard metrics of the policy, at which
steps the run leads, and the params in which the two differ. A live run is compared at its own step. Exit code 0: better than
the main reference or as good (within noise, or equal), and no guard is worse; 1: not, or there is no reference. The main
reference is the run that was named, else the champion, else the baseline, else the best before it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli import output, scope
from runspect.masking import printable
from runspect.practice.versus_words import comparison_text, details, title_text

_LABEL = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument("other", nargs="?", metavar="OTHER", help="a run to compare it with besides")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the comparisons; exit code 1 where the run is worse than the main reference, or there is none."""
    with scope.opened(args) as workspace:
        found = workspace.versus(args.run, args.other, args.show_secrets)
    if args.json:
        output.write_json(_without_rids(found))
    else:
        for line in as_text(found):
            output.write_line(line)
    return 0 if found["holds"] else 1


def as_text(found: Mapping[str, Any]) -> Iterator[str]:
    """Lines for people, the main reference first, each run told of once."""
    yield f"{printable(found['run']['name'])}  {title_text(found)}"
    told_of: dict[int, str] = {}
    for each in sorted(found["comparisons"], key=lambda each: not each["main"]):
        label = "against" if each["against"] == "other" else each["against"]
        before = told_of.get(each["run"]["rid"]) if each["run"] is not None else None
        yield f"{label:<{_LABEL}}{f'the same run as the {before}' if before else comparison_text(each)}"
        if before is None:
            yield from (f"{'':<{_LABEL}}{line}" for line in details(each))
        if each["run"] is not None and not each["itself"]:
            told_of.setdefault(each["run"]["rid"], "one that was named" if label == "against" else label)
    if found["main"] is None:
        named = any(each["against"] == "other" for each in found["comparisons"])
        yield "no answer: the run that was named is none to compare it with" if named else str(found["text"])


def _without_rids(found: Mapping[str, Any]) -> dict[str, Any]:
    def plain(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if run is None else {key: value for key, value in run.items() if key != "rid"}

    comparisons = [{**each, "run": plain(each["run"])} for each in found["comparisons"]]
    return {**found, "run": plain(found["run"]), "comparisons": comparisons}
