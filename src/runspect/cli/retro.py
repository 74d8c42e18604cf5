"""Walk past runs in the order of time, and ask of each what it was to show, whether it did, and why.

Each answer is on the disk before the next question. What is answered is marked as retrospective, and counted apart from
what was written before a run. Go on any time: what was answered or passed over is not asked again. Without a terminal it prints
what would be asked. Exit code 0: nothing is left to ask, 1: something is.

    enter passes a question over · = is the hypothesis of the run before · s, r, i are the verdicts · ctrl+d ends
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from runspect.cli import output, scope
from runspect.cli.saying import local_text, verdict_text
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import NotFound, NothingMatched, UsageError
from runspect.masking import printable
from runspect.model import Json, Op, SortKey
from runspect.practice.hypotheses import VERDICTS, verdict_meant
from runspect.practice.retro import ASKED, Question, changes_text, questions, results_text
from runspect.workspace import Workspace, hypothesising
from runspect.workspace.hypothesising import Statement

Run = dict[str, Json]
_FIELDS = ("uid", "name", "state", "started", "params", "metrics", "note", "hypothesis", "verdict")


@dataclass(frozen=True, slots=True)
class Stop:
    """A run of which something is to be asked."""

    run: Run
    """Some keys of `show --json`, with `verdict_about`."""
    ask: tuple[Question, ...]
    before: Run | None
    """The run before it in time, whatever is known of that."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="which runs; without one all that are over")
    parser.add_argument("--again", action="store_true", help="ask again what was passed over")
    parser.add_argument("--json", action="store_true", help="do not ask; print what would be asked")


def run(args: argparse.Namespace) -> int:
    """Ask, or print what would be asked.

    Raises:
        NothingMatched: No run that is over matches.
    """
    query = " ".join(args.query)
    past = f"({query}) -state:live" if query else "-state:live"
    with scope.opened(args) as workspace:
        listed = json.loads(workspace.runs_json(past, (SortKey("started", False),), _FIELDS))
        if not listed:
            raise NothingMatched(f"no run that is over matches {query!r}" if query else "no run is over")
        stops = list(_stops(workspace, listed, set() if args.again else _asked(workspace)))
        if args.json:
            output.write_json([_waiting(stop) for stop in stops])
        elif sys.stdin.isatty() and sys.stdout.isatty():
            stops = stops[_walk(workspace, stops) :]
        else:
            for stop in stops:
                words = " ".join(stop.ask)
                output.write_line(f"{printable(stop.run['name'])}  {local_text(stop.run['started'])}  asks: {words}")
    if not args.json:
        left = f"of {counted(len(listed))} {len(stops):,} {'waits' if len(stops) == 1 else 'wait'} for an answer"
        output.narrate(left if stops else "nothing is left to ask")
    return 1 if stops else 0


def _asked(workspace: Workspace) -> set[str]:
    """The uids of the runs of which all was asked once."""
    found = workspace.sql(
        f"SELECT r.uid FROM ann_now a JOIN runs_now r USING (rid) WHERE a.key = '{ASKED}' AND a.val = 'true'",  # noqa: S608 - a constant
        1 << 24,
    )
    return {str(uid) for (uid,) in found.rows}


def _stops(workspace: Workspace, listed: Sequence[Run], asked: set[str]) -> Iterator[Stop]:
    before = None
    for run in listed:
        said = workspace.run(run["uid"])["verdict_about"] if run["verdict"] and run["uid"] not in asked else None
        ask = questions(run["hypothesis"], said, asked=run["uid"] in asked)
        if ask:
            yield Stop({**run, "verdict_about": said}, ask, before)
        before = run


def _waiting(stop: Stop) -> dict[str, Json]:
    return {
        **{key: stop.run[key] for key in ("uid", "name", "started", "hypothesis", "verdict")},
        "ask": list(stop.ask),
    }


def _walk(workspace: Workspace, stops: Sequence[Stop]) -> int:
    """Ask at each of the stops until the user ends it; returns how many are done."""
    usual = workspace.choices().usual_metrics
    hypothesis = ""
    if stops:
        output.write_line("enter passes a question over, = is the hypothesis of the run before, ctrl+d ends")
    for at, stop in enumerate(stops):
        for line in _head(stop, usual):
            output.write_line(line)
        try:
            hypothesis = _ask_all(workspace, stop, hypothesis)
        except EOFError:
            output.write_line()
            return at
        workspace.annotate([Op(f"run:{stop.run['uid']}", ASKED, True)])
    return len(stops)


def _head(stop: Stop, usual: Sequence[str]) -> Iterator[str]:
    run = stop.run
    yield ""
    yield f"{printable(run['name'])}  {local_text(run['started'])}  {run['state']}"
    for label, text in (
        ("changed", changes_text(run["params"], stop.before["params"] if stop.before else None)),
        ("result", results_text(run["metrics"], usual)),
        ("note", run["note"]),
        ("hypothesis", run["hypothesis"]),
        ("verdict", verdict_text(run["verdict_about"]) if run["verdict_about"] else ""),
    ):
        if text:
            yield f"  {label:<11} {printable(text)}"


def _ask_all(workspace: Workspace, stop: Stop, before: str) -> str:
    """Ask what a stop asks, each answer acknowledged before the next question; returns the hypothesis of the run.

    Raises:
        EOFError: The user ends the walk.
    """
    uid, hypothesis, said = stop.run["uid"], str(stop.run["hypothesis"] or ""), stop.run["verdict_about"]
    word = said["verdict"] if said else ""
    for question in stop.ask:
        answer = _answer(question)
        if question == "hypothesis":
            hypothesis = before if answer == "=" else answer
            if hypothesis:
                _tell_hypothesis(workspace, uid, hypothesis)
        elif question == "verdict":
            word = verdict_meant(answer)
            if word:
                workspace.annotate(hypothesising.judge_runs([uid], word, "", retrospective=True))
        elif answer and word:
            workspace.annotate(hypothesising.judge_runs([uid], word, answer, retrospective=True))
        elif answer:
            note = stop.run["note"]
            workspace.annotate([Op(f"run:{uid}", "note", f"{note}\n{answer}" if note else answer)])
    return hypothesis


def _answer(question: Question) -> str:
    hints = {"verdict": f" ({', '.join(VERDICTS)})"}
    while True:
        answer = input(f"  {question}{hints.get(question, '')}? ").strip()
        if question != "verdict" or not answer or verdict_meant(answer):
            return answer
        output.write_line(f"  {printable(answer)} is none: s, r, i, or enter")


def _tell_hypothesis(workspace: Workspace, uid: str, text: str) -> None:
    """Link the run to the hypothesis of this id or text, which is written down now where there is none."""
    try:
        known = hypothesising.find(workspace, text)
    except (NotFound, UsageError):
        hypothesising.state(workspace, Statement(text, retrospective=True), [uid])
    else:
        workspace.annotate(hypothesising.link(known, [uid]))
