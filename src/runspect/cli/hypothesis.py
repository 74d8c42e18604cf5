"""What runs are to show: written down before they start, linked to them, answered by a verdict, within a time box.

runspect hypothesis                                    list them, overdue ones first
runspect hypothesis new "a lower rate is calmer" --by 2w --metric val/loss      prints its id, such as h4kqx7
runspect hypothesis show ID
runspect hypothesis link ID RUN…                       or --query Q; --off: these runs test nothing
runspect hypothesis close ID [supported|refuted|inconclusive] [--note WHY]      without a verdict: dropped

Runs link themselves where they start with RUNSPECT_HYPOTHESIS=ID, `runspect record --hypothesis ID` or
`runspect.start(hypothesis=ID)`, or on the git branch of `--branch`. ID may be the beginning of one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from runspect.cli import marking, output, scope
from runspect.cli.saying import local_text, verdict_text
from runspect.cli.table import plain_table
from runspect.columns.quantities import duration
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.model import Json, Op
from runspect.practice.hypotheses import due_text, verdict_meant
from runspect.workspace import Workspace, hypothesising
from runspect.workspace.hypothesising import Known, Statement

ACTIONS = ("list", "new", "show", "link", "close")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("action", nargs="?", default="list", choices=ACTIONS)
    parser.add_argument("words", nargs="*", metavar="TEXT|ID|RUN")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-q", "--query", help="link: all runs that match, instead of naming them")
    parser.add_argument("--by", default="", metavar="WHEN", help="new: its time box, such as 2w, 3d or 2026-12-24")
    parser.add_argument("--project", default="", help="new: the project it belongs to; list: only those of it")
    parser.add_argument("--metric", default="", help="new: the metric it speaks of")
    parser.add_argument("-t", "--tag", action="append", default=[], dest="tags", metavar="TAG", help="new (repeatable)")
    parser.add_argument(
        "--branch", default="", metavar="B", help="new, link: runs that start on this git branch test it; . is this one"
    )
    parser.add_argument("--note", default="", metavar="WHY", help="close: what came of it")
    parser.add_argument("--off", action="store_true", help="link: take the link away; close: open it again")
    parser.add_argument("--open", action="store_true", help="list: only what waits for a verdict")
    parser.add_argument("--overdue", action="store_true", help="list: only those whose time box is over")


def run(args: argparse.Namespace) -> int:
    """Do what the action says.

    Raises:
        UsageError: Words are missing, or too many.
        NotFound: No hypothesis is called so.
    """
    if args.action == "new":
        args.no_sync = True  # nothing on the disk is asked for
    with scope.opened(args) as workspace:
        match args.action:
            case "new":
                return _new(workspace, args)
            case "show":
                return _show(workspace, args)
            case "link":
                return _link(workspace, args)
            case "close":
                return _close(workspace, args)
        if args.words:
            raise UsageError(f"runspect hypothesis list takes no words; did you mean `new {args.words[0]!r}`?")
        return _list(workspace, args)


def due_of(text: str, now: float) -> float | None:
    """The end of a time box, in seconds since 1970: a length of time from now on, or the end of a day.

    Raises:
        UsageError: It is neither, or lies behind.
    """
    if not text:
        return None
    length = duration(text)
    try:
        end = now + length.seconds if length is not None else _end_of_day(text)
        datetime.fromtimestamp(end)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"--by {text}: give a length of time such as 2w or 3d, or a day such as 2026-12-24") from error
    if end <= now:
        raise UsageError(f"--by {text}: that is over already")
    return end


def _end_of_day(text: str) -> float:
    return (datetime.fromisoformat(text).replace(hour=0, minute=0) + timedelta(days=1)).astimezone().timestamp()


def _new(workspace: Workspace, args: argparse.Namespace) -> int:
    told = Statement(
        " ".join(args.words),
        due_of(args.by, time.time()),
        args.project,
        args.metric,
        _branch(args.branch),
        tuple(args.tags),
    )
    id = hypothesising.state(workspace, told)
    if args.json:
        output.write_json(hypothesising.find(workspace, id))
    else:
        output.write_line(id)
        output.narrate(f"runs link to it with `runspect record --hypothesis {id}` or RUNSPECT_HYPOTHESIS={id}")
    return 0


def _branch(text: str) -> str:
    """A branch; `.` is the one that is checked out here.

    Raises:
        UsageError: None is.
    """
    if text != ".":
        return text
    from runspect.recorder.git import git_head

    branch = git_head(Path.cwd()).get("branch")
    if not isinstance(branch, str):
        raise UsageError("--branch .: no git branch is checked out here")
    return branch


def _show(workspace: Workspace, args: argparse.Namespace) -> int:
    known = _one(workspace, args)
    if args.json:
        output.write_json(known)
        return 0
    for line in _card(known):
        output.write_line(line)
    return 0


def _one(workspace: Workspace, args: argparse.Namespace) -> Known:
    if len(args.words) != 1:
        raise UsageError(f"which hypothesis? runspect hypothesis {args.action} ID")
    return hypothesising.find(workspace, args.words[0])


def _link(workspace: Workspace, args: argparse.Namespace) -> int:
    branch = _branch(args.branch)
    if args.off:
        runs = marking.targets(workspace, args.words, args.query)
        workspace.annotate(hypothesising.unlink([each.uid for each in runs]))
        output.narrate(f"{counted(len(runs))} no longer {'tests' if len(runs) == 1 else 'test'} a hypothesis")
        return 0
    if not args.words:
        raise UsageError("which hypothesis? runspect hypothesis link ID RUN…")
    known = hypothesising.find(workspace, args.words[0])
    ops: list[Op] = []
    said = []
    if args.words[1:] or args.query is not None or not branch:
        runs = marking.targets(workspace, args.words[1:], args.query)
        ops += hypothesising.link(known, [each.uid for each in runs])
        said.append(counted(len(runs)))
    if branch:
        ops += [*hypothesising.link(known, ()), Op(f"hyp:{known['id']}", "branch", branch)]
        said.append(f"what starts on branch {printable(branch)}")
    workspace.annotate(ops)
    _answer(workspace, args, known["id"], f"linked {' and '.join(said)} to {known['id']}: {printable(known['text'])}")
    return 0


def _close(workspace: Workspace, args: argparse.Namespace) -> int:
    if not 1 <= len(args.words) <= 2:
        raise UsageError("which hypothesis? runspect hypothesis close ID [supported|refuted|inconclusive]")
    known = hypothesising.find(workspace, args.words[0])
    if args.off:
        workspace.annotate(hypothesising.reopen(known))
        _answer(workspace, args, known["id"], f"{known['id']} is open again")
    elif len(args.words) == 2:
        word = verdict_meant(args.words[1]) or args.words[1]
        workspace.annotate(hypothesising.judge(known, word, args.note))
        _answer(workspace, args, known["id"], f"{known['id']} is {word}: {printable(known['text'])}")
    elif known["status"] == "answered":
        raise UsageError(f"{known['id']} is answered, there is nothing to drop; --off takes its verdict back")
    else:
        workspace.annotate(hypothesising.drop(known, args.note))
        _answer(workspace, args, known["id"], f"{known['id']} is dropped: {printable(known['text'])}")
    return 0


def _answer(workspace: Workspace, args: argparse.Namespace, id: str, said: str) -> None:
    if args.json:
        output.write_json(hypothesising.find(workspace, id))
    else:
        output.narrate(said)


def _list(workspace: Workspace, args: argparse.Namespace) -> int:
    found = workspace.hypotheses(show_secrets=args.show_secrets)
    wanted = ("overdue",) if args.overdue else ("open", "overdue") if args.open else None
    listed = [
        each
        for each in found["hypotheses"]
        if (wanted is None or each["status"] in wanted) and (not args.project or each["project"] == args.project)
    ]
    if args.json:
        output.write_json({**found, "hypotheses": listed})
        return 0
    titles = ("id", "status", "hypothesis", "runs", "written", "note")
    for line in plain_table(
        titles, [_row(each, time.time()) for each in listed], output.terminal_width(), frozenset((3,))
    ):
        output.write_line(line)
    output.narrate(summary_text(found["summary"]))
    return 0


def _row(each: Known, now: float) -> list[str]:
    status = each["verdict"]["verdict"] if each["status"] == "answered" else each["status"]
    if each["by"] and each["status"] in ("open", "overdue"):
        status = due_text(datetime.fromisoformat(each["by"]).timestamp(), now)
    said = each["verdict"] or each["closed"]
    note = said["note"] if said else ""
    lead = "in retrospect" if each["retrospective"] else each["lead"] or "no run yet"
    return [each["id"], status, printable(each["text"]), str(len(each["runs"])), lead, printable(note)]


def summary_text(summary: dict[str, Json]) -> str:
    """The counts of a list in one line."""
    parts = [f"{summary[key]} {key}" for key in ("overdue", "open", "answered", "dropped") if summary[key]]
    if summary["boxed"]:
        parts.append(
            f"{summary['in_time']} of {summary['boxed']} answered within the time box ({summary['share']:.0%})"
        )
    if summary["before"] or summary["after"]:
        parts.append(f"{summary['before']} written before the first result, {summary['after']} after it")
    if summary["retrospective"]:
        parts.append(f"{summary['retrospective']} in retrospect, counted apart")
    return "; ".join(parts) or "no hypothesis yet; `runspect hypothesis new TEXT` writes one down"


def _card(known: Known) -> Iterator[str]:
    now = time.time()
    yield f"{known['id']}  {printable(known['text'])}"
    status = known["status"]
    if known["by"]:
        status += (
            f", {due_text(datetime.fromisoformat(known['by']).timestamp(), now)}"
            if status in ("open", "overdue")
            else ""
        )
    yield f"  {status}"
    who = f" by {printable(known['who'])}" if known["who"] else ""
    yield (
        f"  {'written in retrospect' if known['retrospective'] else 'written'}{who} {local_text(known['written'])}"
        + (f", {known['lead']}" if known["lead"] else "")
    )
    for label in ("project", "metric", "branch"):
        if known[label]:
            yield f"  {label} {printable(known[label])}"
    if known["tags"]:
        yield f"  tags {', '.join(printable(tag) for tag in known['tags'])}"
    for said in (known["verdict"], known["closed"]):
        if said:
            yield f"  {verdict_text(said)}"
    if known["runs"]:
        yield ""
        rows = [_trial(trial) for trial in known["runs"]]
        for line in plain_table(("run", "linked", "written", "verdict"), rows, output.terminal_width() - 2):
            yield f"  {line}"


def _trial(trial: dict[str, Json]) -> list[str]:
    hows = {"said": "by hand", "recorded": "by its record", "branch": "by its branch"}
    said = verdict_text(trial["verdict"]) if trial["verdict"] else ""
    return [printable(trial["name"]), hows.get(trial["how"], trial["how"]), trial["lead"], said]
