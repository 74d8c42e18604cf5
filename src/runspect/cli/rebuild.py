"""`runspect repro --run DIR`: executes the script there, records the run, and compares it with the original."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runspect.cli import output, scope
from runspect.cli.repro import tell
from runspect.columns import number_text
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.practice.repro.found import Found, Gap
from runspect.practice.repro.origin import OF_THE_PLACE, Origin
from runspect.practice.repro.same import Comparison, Measured, compare
from runspect.practice.repro.script import Recording, script
from runspect.recorder.capture.variables import kept_variable
from runspect.recorder.layout import HEAD, JOIN, as_file_name
from runspect.workspace import Workspace

SCRIPT = "repro.sh"
_NEEDED = ("PYTHONPATH", "LANG", "LC_ALL", "TZ")
"""Variables that stay although the original did not have them: without them the recorder may not even start."""


def check_place(directory: str) -> None:
    """The directory must be new or empty.

    Raises:
        UsageError: It is not.
    """
    path = Path(directory)
    if not directory or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise UsageError(f"{directory or 'the directory'} is not empty: a rebuild needs a directory of its own")


def rebuilt(
    args: argparse.Namespace,
    original: dict[str, Any],
    told: Origin,
    found: Found,
    gaps: tuple[Gap, ...],
    answer: dict[str, Any],
) -> int:
    """Do it; 0 when the same came out, 1 when something else did or the script could not get there."""
    tell(gaps)
    place = Path(args.into).resolve()
    answer |= {"directory": str(place), "record": None, "comparison": None, "failed": None}
    if any(gap.level == "stops" for gap in gaps):
        answer["failed"] = "a gap stops it; nothing was done"
        return _end(args, answer, None)
    place.mkdir(parents=True, exist_ok=True)
    (place / ".runspectignore").write_text("venv/\n", encoding="utf-8")
    path = place / SCRIPT
    present = sys.executable if args.no_install else ""
    text = script(told, found, gaps, present=present, recording=_recording(told))
    path.write_text(text, encoding="utf-8")
    output.narrate(f"rebuilding in {printable(str(place))} by {SCRIPT}")
    # what the script and the program print is narration: stdout is for the answer
    done = subprocess.run(["/bin/sh", str(path), str(place)], stdout=2, env=_environ(told), check=False)
    record = next(iter(sorted((place / "runs").glob(f"*/{HEAD}"))), None)
    if record is None:
        answer["failed"] = f"{SCRIPT} ended with {done.returncode} before the run began"
        return _end(args, answer, None)
    answer["record"] = str(record.parent)
    with contextlib.closing(Workspace.open((place,), client="cli")) as workspace:
        scope.synced(workspace)
        again = json.loads(workspace.run_json(str(record.parent)))
    comparison = compare(original, again, args.tolerance, args.ignore)
    answer["comparison"] = comparison.as_json()
    return _end(args, answer, comparison)


def _recording(told: Origin) -> Recording:
    data = (word for each in told.data for word in ("--data", each.path))
    return Recording(
        (sys.executable, "-m", "runspect", "record", "--quiet", f"--name={as_file_name(told.name)}", *data)
    )


def _environ(told: Origin) -> dict[str, str]:
    """This process's, without variables that would have been recorded of the original, had it had them."""
    environ = {name: value for name, value in os.environ.items() if name != JOIN}
    if not told.environment:
        return environ
    return {
        name: value
        for name, value in environ.items()
        if not kept_variable(name) or name in told.environment or name in _NEEDED or OF_THE_PLACE.match(name)
    }


def _end(args: argparse.Namespace, answer: dict[str, Any], comparison: Comparison | None) -> int:
    if args.json:
        output.write_json(answer)
    elif comparison is not None:
        output.write_line(f"{printable(answer['run']['name'])}, rebuilt in {printable(str(answer['directory']))}")
        for line in _lines(comparison):
            output.write_line(line)
    if answer["failed"]:
        output.narrate(f"not rebuilt: {answer['failed']}")
    return 0 if comparison is not None and comparison.same else 1


def _lines(comparison: Comparison) -> Sequence[str]:
    counting = [each for each in comparison.metrics if each.counts]
    one, two = comparison.ended
    lines = [f"ended: {one}" if one == two else f"ended: {one}, now {two}"]
    lines += [f"{printable(each.metric)}: {_said(each)}" for each in counting]
    aside = [each.metric for each in comparison.metrics if not each.counts]
    if aside:
        lines.append(f"not compared, of the clock or the machine, or ignored: {printable(', '.join(aside))}")
    if comparison.same:
        verdict = "the same" if counting else "the same end; there are no metrics to compare"
    else:
        verdict = f"NOT the same: {len(comparison.differences)} of {len(counting)} metrics differ"
    return [*lines, verdict]


def _said(each: Measured) -> str:
    if each.original is None or each.rebuilt is None:
        return f"only in the {'original' if each.rebuilt is None else 'rebuilt run'}"
    one, two = (f"{_number(side['last'])} (n {side['n']:,})" for side in (each.original, each.rebuilt))
    return f"{one}, the same" if each.same else f"{one}, now {two}"


def _number(value: Any) -> str:
    return (
        repr(value)
        if isinstance(value, float)
        else "-"
        if value is None
        else number_text(value)
        if isinstance(value, int)
        else str(value)
    )
