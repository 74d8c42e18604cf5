"""Whether runs regress against a reference: for pipelines.

runspect check -C runs 'commit:4f1c2d'                     against the production run of their data set
runspect check -C runs --against best 'tag:ci'             or baseline, a run, or a query: --against 'branch:main'
runspect check -C runs --junit junit.xml --md >> "$GITHUB_STEP_SUMMARY"

Each run must have ended well, its objective must not be worse than the reference's, nor may the guards and the metrics of
[check] in `runspect.toml`. A loss within the noise of the seeds is none. Exit code 1: something regressed, or no run
matches. What cannot be compared is skipped and says why; --strict makes it a failure.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from runspect.cli import output, scope
from runspect.cli.table import plain_table
from runspect.errors import NothingMatched, UsageError
from runspect.masking import printable
from runspect.practice.check.cases import Checked, Checking
from runspect.practice.check.written import as_junit, as_markdown, as_object, reference_text, summary_text

_SHARE = re.compile(r"(\d+\.?\d*|\.\d+)\s*(%?)")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to check; all without one")
    parser.add_argument(
        "--against",
        default="",
        metavar="REF",
        help="production, best, baseline, a run, or a query of which the newest run counts",
    )
    parser.add_argument("-m", "--metric", default="", metavar="M:agg", help="in place of the objective")
    parser.add_argument(
        "--tolerance", type=_tolerance, metavar="X", help="the objective may be worse by so much: 0.01, or '2 %%'"
    )
    parser.add_argument("--no-noise", action="store_true", help="a loss within the noise of the seeds is one as well")
    parser.add_argument("--strict", action="store_true", help="what cannot be compared fails")
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit report there as well")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--md", action="store_true", help="a summary in GitHub's Markdown")


def _tolerance(text: str) -> tuple[float, bool]:
    found = _SHARE.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"give a number from 0 up, or a share such as '2 %', not {text!r}")
    return float(found[1]), found[2] == "%"


def run(args: argparse.Namespace) -> int:
    """Print what was checked; exit code 1 when something failed.

    Raises:
        NothingMatched: No run matches.
        UsageError: The policy could not be understood: nothing is let through by a slip of the pen.
    """
    with scope.opened(args) as workspace:
        _policies_hold(workspace.scope)
        try:
            found = workspace.check(
                " ".join(args.query), args.against, args.metric, args.tolerance, False if args.no_noise else None
            )
        except NothingMatched:  # a report of an earlier check is not to pass for that of this one
            _report(args.junit, Checking(args.against, ()))
            raise
    _report(args.junit, found)
    if args.json:
        output.write_json(as_object(found))
    else:
        for line in as_markdown(found) if args.md else _as_text(found):
            output.write_line(line)
        output.narrate(summary_text(found))
    return 1 if found.count("failed") or (args.strict and found.count("skipped")) else 0


def _policies_hold(directories: tuple[str, ...]) -> None:
    from runspect.pathtext import to_disk
    from runspect.policy import find_policy, load_policy

    for directory in directories:
        path = find_policy(Path(to_disk(directory)))
        if path is not None:
            load_policy(path)


def _report(junit: str | None, found: Checking) -> None:
    if junit is None:
        return
    path = Path(junit)
    try:
        path.write_bytes(as_junit(found))
    except OSError as error:
        raise UsageError(f"--junit {path}: {error.strerror or error}") from error


def _as_text(found: Checking) -> Iterator[str]:
    for run in found.runs:
        dataset = f" on {printable(run.dataset)}" if run.dataset else ""
        yield f"{printable(run.name)}{dataset}, {reference_text(run)}"
        yield from (f"  {line}" for line in _cases(run))


def _cases(run: Checked) -> Iterator[str]:
    rows = [[case.outcome, printable(case.what), printable(case.why)] for case in run.cases]
    yield from plain_table(("", "", ""), rows, output.terminal_width() - 2)
