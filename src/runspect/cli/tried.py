"""Whether a config was tried before: the runs with an equal one, then the nearest, each with what came of it.

runspect tried -C ~/exp config.yaml            exit code 1 when a run with an equal config has finished
runspect tried -C ~/exp --set lr=3e-4 --set opt=lion          only these params are compared
runspect tried -C ~/exp config.yaml --set lr=3e-4 && sbatch train.sh
my-program --print-config | runspect tried -C ~/exp -

Equal means by value, whatever the spelling (1e-3, 0.001, "0.001"). Seeds, paths, names and what the policy ignores make no
other config; where the file or a run does not tell a param, the value that all runs have which tell it stands in.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.columns import Names, UnknownName
from runspect.columns.names import find, near
from runspect.counted import counted
from runspect.errors import NotFound, ReaderFault, UsageError
from runspect.masking import printable
from runspect.model import Json
from runspect.practice import tried_words as words
from runspect.settings import load_settings
from runspect.workspace import Workspace

LARGEST = 4 << 20
MOST_EQUAL = 10
"""Runs with an equal config that are written out, at most."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("config", nargs="?", metavar="CONFIG", help="a YAML, JSON or TOML file, - for stdin, or a run")
    parser.add_argument(
        "--set",
        dest="sets",
        action="append",
        default=[],
        metavar="K=V",
        help="a param; without CONFIG only these are compared",
    )
    parser.add_argument("-q", "--query", default="", metavar="QUERY", help="only among the runs that match")
    parser.add_argument("-n", dest="most", type=count, default=5, metavar="N", help="so many of the nearest runs (5)")
    parser.add_argument("--seeds", action="store_true", help="another seed is another config")
    parser.add_argument("--running", action="store_true", help="exit code 1 also when an equal config is still running")
    parser.add_argument(
        "-i",
        "--ignore",
        action="append",
        default=[],
        metavar="KEY",
        help="a param that makes no other config, globs allowed (repeatable)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--md", action="store_true", help="a Markdown table")


def run(args: argparse.Namespace) -> int:
    """Print the runs; exit code 1 when an equal config has finished, 0 when none has.

    Raises:
        UsageError: There is no config, or it cannot be understood.
        NotFound: CONFIG is neither a file nor a run.
    """
    if args.config is None and not args.sets:
        raise UsageError("which config? name a file, -, or a run, or say --set K=V")
    given = _settings(args.sets)
    read = _read(args.config)
    with scope.opened(args) as workspace:
        params, apart_from = (read, None) if read is not None else _of_run(workspace, args.config)
        params = _with(params, given) if args.config is not None else _resolved(workspace, given)
        found = workspace.tried(
            params,
            args.query,
            args.config is None,
            apart_from,
            args.most,
            (*load_settings(os.environ).ignore, *args.ignore),
            args.seeds,
            args.show_secrets,
        )
    if args.json:
        output.write_json({**found, **{key: [_plain(run) for run in found[key]] for key in ("equal", "nearest")}})
    elif args.md:
        output.write_markdown(
            ("run", "state", "outcome", "when", "differs in"), [_md_row(run) for run in _listed(found)]
        )
    else:
        for line in as_text(found, output.terminal_width(), time.time()):
            output.write_line(line[: output.terminal_width()])
    is_live = args.running and any(run["state"] in words.LIVE for run in found["equal"])
    return 1 if found["finished"] is not None or is_live else 0


def as_text(found: Mapping[str, Any], total: int, now: float) -> Iterator[str]:
    """Lines for people: the verdict, the equal runs, the nearest ones and what was compared."""
    yield words.verdict_text(found)
    for run in found["equal"][:MOST_EQUAL]:
        yield f"  {words.run_text(run, now)}{_stood_in(run)}"
    if found["equal_runs"] > MOST_EQUAL:
        yield f"  and {found['equal_runs'] - MOST_EQUAL:,} more"
    if found["nearest"]:
        yield "nearest:"
    for run in found["nearest"]:
        yield f"  {words.run_text(run, now)}"
        yield f"    {words.changes_text(run)}"
    yield _compared(found)


def _stood_in(run: Mapping[str, Any]) -> str:
    return f"  (with {counted(len(run['defaults']), 'recorded default')})" if run["defaults"] else ""


def _compared(found: Mapping[str, Any]) -> str:
    parts = [
        f"{counted(found['params'], 'param')} compared with {counted(found['runs'] - found['without_config'], 'run')}"
    ]
    if found["without_config"]:
        parts.append(f"{counted(found['without_config'], 'run')} without a config")
    if found["ignored"]:
        parts.append(f"ignored: {_some(found['ignored'])}")
    if found["unknown"]:
        parts.append(f"no run tells {_some(found['unknown'])}")
    return "; ".join(parts)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - words.MOST_CHANGES:,} more" if len(names) > words.MOST_CHANGES else ""
    return ", ".join(map(printable, names[: words.MOST_CHANGES])) + more


def _listed(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*found["equal"], *found["nearest"]]


def _md_row(run: Mapping[str, Any]) -> list[str]:
    when = (run["started"] or run["ended"] or "")[:19]
    return [printable(run["name"]), run["state"], words.outcome_text(run), when, words.changes_text(run) or "nothing"]


def _plain(run: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key != "rid"}


def _settings(sets: Sequence[str]) -> dict[str, Json]:
    given: dict[str, Json] = {}
    for each in sets:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set wants K=V, not {each!r}")
        given[key.strip()] = value.strip()
    return given


def _read(config: str | None) -> dict[str, Json] | None:
    """The params of a file or of stdin; {} without a config, None where it names something else.

    Raises:
        UsageError: It cannot be read, or is no config.
    """
    if config is None:
        return {}
    path = Path(config)
    if config != "-" and not path.is_file():
        return None
    from runspect.readers.configs import config_text

    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if config == "-" else _head(path)
        if len(data) > LARGEST:
            raise UsageError(f"{config} is larger than {LARGEST >> 20} MiB: no config")
        return config_text("" if config == "-" else path.name, data.decode("utf-8-sig"))
    except (ReaderFault, UnicodeDecodeError, OSError) as error:
        name = "what came on stdin" if config == "-" else config
        raise UsageError(f"{name} is no config: {error}; JSON, YAML and TOML are, and lines of `key: value`") from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _of_run(workspace: Workspace, run: str) -> tuple[dict[str, Json], int]:
    try:
        rid, uid, name = workspace.resolve(scope.placed(run))
    except NotFound as error:
        raise NotFound(f"{run} is no file, and {error}") from error
    params: dict[str, Json] = json.loads(workspace.run_json(uid, show_secrets=True))["params"]
    if not params:
        raise UsageError(f"{printable(name)} recorded no config")
    return params, rid


def _with(params: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """The config with other values; a name stands for the one param that ends like it."""
    names, found = Names(params=tuple(params)), dict(params)
    for key, value in given.items():
        try:
            found[find(key, names, ("param",))[1]] = value
        except UnknownName:
            found[key] = value
    return found


def _resolved(workspace: Workspace, given: Mapping[str, Json]) -> dict[str, Json]:
    """The params by their whole names.

    Raises:
        UsageError: No run has such a param.
    """
    names = Names(params=tuple(name for name, _, _ in workspace.choices().params))
    found: dict[str, Json] = {}
    for key, value in given.items():
        try:
            found[find(key, names, ("param",))[1]] = value
        except UnknownName as error:
            if key != "dataset" or error.candidates:
                close = error.candidates or near(key, names.params)
                meant = f"; did you mean {' or '.join(close[:3])}?" if close else ""
                raise UsageError(f"{error}{meant}") from error
            found[key] = value  # runs may tell it otherwise than by a param
    return found
