"""Whether a run, or a hypothesis, showed what it was to show.

runspect verdict RUN supported --note "val/loss fell by 3 %"
runspect verdict HYPOTHESIS refuted                    for all runs of it that have no verdict of their own
runspect verdict --query 'tag:sweep' inconclusive
runspect verdict RUN                                   show it; exit code 1 when there is none
runspect verdict RUN --clear
"""

from __future__ import annotations

import argparse

from runspect.cli import marking, output
from runspect.cli.saying import verdict_text
from runspect.cli.scope import opened, placed
from runspect.counted import counted
from runspect.errors import NotFound, UsageError
from runspect.masking import printable
from runspect.model import Json, Op
from runspect.practice.hypotheses import VERDICTS, verdict_meant
from runspect.workspace import Workspace, hypothesising
from runspect.workspace.hypothesising import Known


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument(
        "words", nargs="*", metavar="RUN|HYPOTHESIS VERDICT", help=f"VERDICT is {', '.join(VERDICTS)} or its beginning"
    )
    parser.add_argument("--note", default="", metavar="WHY", help="what was seen")
    parser.add_argument("--clear", action="store_true", help="take the verdict away")


def run(args: argparse.Namespace) -> int:
    """Write or show verdicts.

    Raises:
        UsageError: No run, no verdict, or one that is none.
        NotFound: Neither a run nor a hypothesis is called so.
    """
    words = [*args.words]
    named = [] if args.query is not None else words[:1]
    rest = words[len(named) :]
    if len(rest) > 1 or (args.query is None and not named):
        raise UsageError("runspect verdict RUN|HYPOTHESIS supported|refuted|inconclusive [--note WHY]")
    word = ""
    if rest:
        word = verdict_meant(rest[0])
        if not word or args.clear:
            raise UsageError(f"{rest[0]!r} is no verdict; there are {', '.join(VERDICTS)}")
    with opened(args) as workspace:
        known = _hypothesis(workspace, placed(named[0])) if named else None
        if known is not None:
            return _of_hypothesis(workspace, args, known, word)
        return _of_runs(workspace, args, named, word)


def _hypothesis(workspace: Workspace, name: str) -> Known | None:
    """The hypothesis that is meant: by its whole id, else where no run is called so; None where a run is meant."""
    try:
        found = hypothesising.find(workspace, name)
    except NotFound:
        return None
    except UsageError:  # the beginning of several ids
        workspace.resolve(name)
        return None
    if found["id"] == name.lower():
        return found
    try:
        workspace.resolve(name)
    except NotFound:
        return found
    return None


def _of_hypothesis(workspace: Workspace, args: argparse.Namespace, known: Known, word: str) -> int:
    id = known["id"]
    if word:
        workspace.annotate(hypothesising.judge(known, word, args.note))
    elif args.clear:
        workspace.annotate([Op(f"hyp:{id}", "verdict", None)])
    now = hypothesising.find(workspace, id) if word or args.clear else known
    if args.json:
        output.write_json([now])
    elif word or args.clear:
        output.narrate(f"{id} is {word or 'without a verdict'}: {printable(known['text'])}")
    elif now["verdict"]:
        output.write_line(verdict_text(now["verdict"]))
    return 0 if word or args.clear or now["verdict"] else 1


def _of_runs(workspace: Workspace, args: argparse.Namespace, named: list[str], word: str) -> int:
    runs = marking.targets(workspace, named, args.query)
    uids = [each.uid for each in runs]
    if word:
        workspace.annotate(hypothesising.judge_runs(uids, word, args.note))
    elif args.clear:
        workspace.annotate([Op(f"run:{uid}", "verdict", None) for uid in uids])
    told = [workspace.run(each.rid) for each in runs]
    if args.json:
        output.write_json([_object(run) for run in told])
    elif word or args.clear:
        output.narrate(f"{word or 'no verdict'} on {counted(len(runs))}")
        if word and not all(run["hypothesis"] for run in told):
            output.narrate("not all of them say what they were to show; `runspect hypothesis link` links one")
    else:
        for run in told:
            if run["verdict_about"]:
                output.write_line(f"{printable(run['name'])}  {verdict_text(run['verdict_about'])}")
    return 0 if word or args.clear or any(run["verdict"] for run in told) else 1


def _object(run: dict[str, Json]) -> dict[str, Json]:
    return {key: run[key] for key in ("uid", "name", "hypothesis", "verdict", "verdict_about")}
