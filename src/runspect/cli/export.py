"""Take runs with you, whatever tool logged them: as records of the open format, and as Parquet.

runspect export -C ~/exp 'project:resnet' --to ~/taken
runspect export -C ~/exp --to ~/taken --format parquet

A record is a directory with run.json, metrics.jsonl, texts.jsonl and the console log; points.parquet and runs.parquet are
for the whole export. Nothing that is there is overwritten. Secrets are masked as in any output, but console logs are copied
as they are. Exit code 1 when nothing matches, or some run could not be exported.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runspect import __version__
from runspect.cli import output, scope
from runspect.cli.progress import Steps
from runspect.counted import counted
from runspect.dataclass import dataclass, field
from runspect.errors import NothingMatched, UsageError
from runspect.masking import MASK, printable
from runspect.model import Json

if TYPE_CHECKING:
    from runspect.cli.exporting.records import RecordFolder, Written
    from runspect.cli.exporting.tables import Tables
    from runspect.workspace import Workspace
    from runspect.workspace.exporting import Exported, Stretch

FORMATS = ("record", "parquet", "both")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to take; all without one")
    parser.add_argument("--to", metavar="DIR", required=True, help="directory to write into; made if it is not there")
    parser.add_argument("--format", choices=FORMATS, default="both", help="what to write (default both)")
    parser.add_argument(
        "--add", action="store_true", help="write beside what lies in DIR; runs exported there before stay"
    )
    parser.add_argument("-a", "--archived", action="store_true", help="archived runs too")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written; nothing is")
    parser.add_argument("--json", action="store_true", help="report as JSON")


@dataclass(slots=True)
class Report:
    """What came of it, run by run."""

    directory: str
    runs: list[dict[str, Json]] = field(default_factory=list)
    there_before: list[dict[str, Json]] = field(default_factory=list)
    failed: list[dict[str, Json]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Console logs that could not be copied."""
    masked: int = 0
    """Values in place of which a mask was written."""
    parquet: list[str] = field(default_factory=list)


def run(args: argparse.Namespace) -> int:
    """Export; exit code 1 when a run could not be.

    Raises:
        UsageError: The directory is not empty, or no directory.
        NothingMatched: No run is there to export.
    """
    target = Path(os.path.abspath(os.path.expanduser(args.to)))  # noqa: PTH100, PTH111 - raises where no home is known
    _check(target, args.add)
    query = " ".join(args.query).strip()
    with scope.opened(args) as workspace:
        rids = workspace.order(query, archived=args.archived).rids
        if not rids:
            raise NothingMatched(f"no run matches {query!r}" if query else "there are no runs here")
        report = _plan(workspace, rids, target, args) if args.dry_run else _export(workspace, rids, target, args)
    _tell(report, args)
    return 1 if report.failed else 0


def _check(target: Path, add: bool) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is no directory")
    if target.is_dir() and not add and any(target.iterdir()):
        raise UsageError(f"{target} is not empty: name another directory, or --add to write beside what is there")


def _export(workspace: Workspace, rids: tuple[int, ...], target: Path, args: argparse.Namespace) -> Report:
    from runspect.cli.exporting.records import RecordFolder
    from runspect.workspace.exporting import exported

    target.mkdir(parents=True, exist_ok=True)
    report = Report(str(target))
    when = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    folder = RecordFolder(target, when, f"runspect {__version__}")
    with ExitStack() as stack:
        tables = None
        if args.format != "record":
            from runspect.cli.exporting.tables import Tables

            tables = stack.enter_context(Tables(target))
        bar = stack.enter_context(Steps(sys.stderr, "exporting", len(rids)))
        for each in exported(workspace, rids, args.show_secrets):
            _take(each, folder, tables, args.format != "parquet", report)
            bar.step()
        if tables is not None and report.runs:
            tables.finish()
            report.parquet = [tables.points.name, tables.runs.name]
    return report


def _take(each: Exported, folder: RecordFolder, tables: Tables | None, records: bool, report: Report) -> None:
    """Export one run; what goes wrong with it alone is told, and the others go on."""
    from runspect.practice.export.head import export_id
    from runspect.workspace.exporting import Unsteady

    run = each.run
    about: dict[str, Json] = {"uid": run["uid"], "name": run["name"]}
    if records and (before := folder.held.get(export_id(run["uid"]))) is not None:
        report.there_before.append({**about, "directory": before})
        return
    name = folder.name(run)
    try:
        written = _written(each, folder, name, tables, records)
    except Unsteady as error:
        report.failed.append({**about, "why": str(error)})
        return
    if tables is not None:
        tables.add_run(run, name)
    report.masked += _masked(run["params"]) + _masked(run["facts"])
    report.missing += written.missing
    report.runs.append({**about, **asdict(written), "directory": name, "missing": list(written.missing)})


def _written(each: Exported, folder: RecordFolder, name: str, tables: Tables | None, records: bool) -> Written:
    """What was written of a run; its points are gathered for the tables meanwhile."""
    from runspect.cli.exporting.records import Written
    from runspect.workspace.exporting import TRIES, Moved, Unsteady

    for _ in range(TRIES):
        take = _taker(tables, each.run["uid"], name)
        try:
            if records:
                written = folder.write(each, name, take)
                if tables is not None:
                    tables.keep_run()
                return written
            count = 0
            for stretch in each.stretches():
                take(stretch)
                count += len(stretch.arrays["step"])
            if tables is not None:
                tables.keep_run()
            return Written(name, count, 0, 0, ())
        except Moved:
            if tables is not None:
                tables.drop_run()
    raise Unsteady(f"its points were rewritten while they were read, {TRIES} times; try again")


def _taker(tables: Tables | None, uid: str, name: str) -> Callable[[Stretch], None]:
    if tables is None:
        return lambda _: None
    return lambda stretch: tables.add_points(uid, name, stretch)


def _plan(workspace: Workspace, rids: tuple[int, ...], target: Path, args: argparse.Namespace) -> Report:
    from runspect.cli.exporting.records import RecordFolder
    from runspect.practice.export.head import export_id
    from runspect.workspace.exporting import AT_ONCE, points_of

    report = Report(str(target))
    folder = RecordFolder(target, "", "")
    for begin in range(0, len(rids), AT_ONCE):
        for run in workspace.exported(rids[begin : begin + AT_ONCE], args.show_secrets):
            about: dict[str, Json] = {"uid": run["uid"], "name": run["name"]}
            before = folder.held.get(export_id(run["uid"])) if args.format != "parquet" else None
            if before is not None:
                report.there_before.append({**about, "directory": before})
                continue
            told = {"directory": folder.name(run), "points": points_of(run), "texts": run["texts"]}
            report.runs.append({**about, **told, "consoles": run["consoles"]})
    return report


def _masked(value: Json) -> int:
    if isinstance(value, str):
        return MASK in value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(_masked, inner))


def _tell(report: Report, args: argparse.Namespace) -> None:
    if args.json:
        output.write_json(asdict(report))
        return
    for run in report.runs:
        output.write_line(f"{run['directory']}  {counted(int(run['points']), 'point')}  {printable(run['name'])}")
    verb = "would be exported" if args.dry_run else "exported"
    points = sum(int(run["points"]) for run in report.runs)
    output.narrate(f"{counted(len(report.runs))} with {counted(points, 'point')} {verb} to {report.directory}")
    if report.there_before:
        output.narrate(f"{counted(len(report.there_before))} exported there before: left as it is")
    for failure in report.failed:
        output.narrate(printable(f"not exported: {failure['name']}: {failure['why']}"))
    for missing in report.missing:
        output.narrate(printable(f"console log not copied: {missing}"))
    if report.masked:
        masked = counted(report.masked, "value")
        output.narrate(f"masked what looks like a secret: {masked}; --show-secrets writes them as they are")
