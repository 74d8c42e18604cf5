"""A report for a model review, or what happened since a day: one file that needs nothing else, as Markdown or HTML.

runspect report -C ~/exp --dataset cifar10 --html -o review.html          on the best run
runspect report -C ~/exp --run resnet50-cosine-s2 --md                    on this one, beside the champion
runspect report -C ~/exp --since 7d --md                                  what happened in seven days

The form is that of the file's name where neither --md nor --html is given, else Markdown. Of the same index the report is the
same but for its head; the digest that --json tells, and the head, is that of all below it. Exit code 1 when there is nothing
to report.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.cli import output, scope
from runspect.columns.quantities import duration
from runspect.errors import UsageError
from runspect.masking import printable

if TYPE_CHECKING:
    from runspect.workspace.reporting import Written

REVIEW_ONLY = ("dataset", "run", "metric", "direction", "question")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs that count; all without one")
    parser.add_argument("-d", "--dataset", default="", metavar="D", help="the data set; without it, that of the run")
    parser.add_argument("-r", "--run", default="", metavar="RUN", help="the run that is recommended; default: the best")
    parser.add_argument("-m", "--metric", default="", metavar="M:agg", help="judge by this instead of the objective")
    parser.add_argument("--direction", choices=("down", "up"), help="which way the metric is better")
    parser.add_argument("-q", "--question", default="", metavar="TEXT", help="the question, in your own words")
    parser.add_argument("--since", default="", metavar="WHEN", help="what happened since then: 7d, or 2026-11-19")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--md", dest="form", action="store_const", const="md", help="Markdown")
    form.add_argument("--html", dest="form", action="store_const", const="html", help="one HTML file")
    form.add_argument("--json", dest="form", action="store_const", const="json", help="what it is made of")
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="write it there; what is there is replaced")


def run(args: argparse.Namespace) -> int:
    """Print or write the report."""
    # the parts of a report take a while to import, and its help does not need them
    from runspect.workspace.reporting import FORMS, Asked, digest_since, form_of, review_of

    since = since_of(args.since, time.time()) if args.since else None
    if since is not None and (wrong := [name for name in REVIEW_ONLY if getattr(args, name)]):
        raise UsageError(f"--since reports on all runs: it takes no --{wrong[0]}")
    form = args.form or form_of(args.output)
    if form is None:
        raise UsageError(f"{args.output}: name a file that ends in {', '.join(FORMS)}, or say --md, --html or --json")
    asked = Asked(
        " ".join(args.query), args.dataset, scope.placed(args.run), args.metric, args.direction, args.question, args.show_secrets
    )  # fmt: skip
    with scope.opened(args) as workspace:
        written = (
            review_of(workspace, asked)
            if since is None
            else digest_since(workspace, since, asked.query, args.show_secrets)
        )
    _put(written, form, args.output)
    return 0


def since_of(text: str, now: float) -> float:
    """The moment that `7d` or `2026-11-19` means, in seconds since 1970.

    Raises:
        UsageError: It means none, or one that is to come.
    """
    length = duration(text)
    try:
        moment = now - length.seconds if length is not None else datetime.fromisoformat(text).timestamp()
        datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"--since wants a length of time such as 7d, or a day such as 2026-11-19, not {text!r}"
        ) from None
    if moment > now:
        raise UsageError(f"--since {text}: that is to come")
    return moment


def _put(written: Written, form: str, file: str) -> None:
    from runspect.rendering.files import replace_file, text_of

    if not file:
        if form == "json":
            output.write_json(written.as_json())
        else:
            output.write_bytes(text_of(written.report, form).encode("utf-8", "replace"))
        return
    import json

    text = json.dumps(written.as_json(), ensure_ascii=False) + "\n" if form == "json" else text_of(written.report, form)
    path = Path(scope.home(file)).absolute()
    replace_file(path, text)
    output.narrate(f"{printable(str(path))}: {written.report.title}")
