"""Everything known about one run: state and its reason, facts with their sources, params, metrics, files."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from runspect.cli import output, scope
from runspect.cli.gating import gate_lines, history_line
from runspect.cli.saying import verdict_text
from runspect.cli.table import plain_table
from runspect.columns import age_text, number_text
from runspect.columns.cells import value_text
from runspect.columns.fact_text import fact_text
from runspect.masking import printable
from runspect.model import Json
from runspect.practice.versus_words import comparison_text, title_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the run."""
    with scope.opened(args) as workspace:
        if args.json:
            output.write_bytes(workspace.run_json(args.run, show_secrets=args.show_secrets))
            return 0
        found = workspace.run(args.run)
    for line in card(found, time.time(), output.terminal_width()):
        output.write_line(line)
    return 0


def card(run: dict[str, Json], now: float, total: int) -> Iterator[str]:
    """The lines of a run card for people."""
    yield f"{printable(run['name'])}  {run['state']}: {printable(run['reason'])}"
    yield f"{run['uid']}  {printable(run['path'])}  updated {age_text(run['updated'], now)}"
    if run["tags"]:
        yield "tags: " + ", ".join(printable(tag) for tag in run["tags"])
    if run["note"]:
        yield f"note: {printable(run['note'])}"
    yield from _provenance(run["provenance"], total)
    rows = [[each["rule"], printable(each["what"]), printable(each["closes"])] for each in run["lint"]]
    yield from _section("lint", ["", "", ""], rows, total)
    if run["hypothesis_about"]:
        about = run["hypothesis_about"]
        lead = "in retrospect" if about["retrospective"] else about["lead"]
        yield f"hypothesis: {printable(about['text'])}  ({', '.join(part for part in (about['id'], lead) if part)})"
    if run["verdict_about"]:
        yield f"verdict: {verdict_text(run['verdict_about'])}"
    yield from _versus(run["versus"])
    yield from _stages(run, total)
    yield from _section("facts", ["", "", ""], _facts(run), total)
    yield from _section("params", ["", "", ""], _params(run), total)
    titles = ["metric", "n", "first", "last", "min", "max", "last step"]
    yield from _section("metrics", titles, _metrics(run), total, frozenset(range(1, 7)))
    yield from _section(
        "artifacts",
        ["", "", ""],
        [[a["kind"], printable(a["path"]), f"{a['size']:,}"] for a in run["artifacts"]],
        total,
    )
    files = [[file["reader"], printable(file["path"]), f"{file['size'] or 0:,}"] for file in run["files"]]
    yield from _section("files", ["", "", ""], files, total)
    yield from _section("also in", [""], [[printable(path)] for path in run["also_in"]], total)


def _versus(told: dict[str, Json]) -> Iterator[str]:
    """Against each reference that there is; why there is none only of the champion."""
    yield ""
    yield f"versus  {title_text(told)}"
    for each in told["comparisons"]:
        if each["run"] is not None or each["against"] == "champion":
            yield f"  {each['against']:<10}{comparison_text(each)}"
            yield from (f"  {'':<10}guard {printable(guard['text'])}" for guard in each["guards"])


def _stages(run: dict[str, Json], total: int) -> Iterator[str]:
    if run["stage_history"]:
        yield ""
        yield f"stage {run['stage']}"
        yield from (f"  {history_line(each)}" for each in run["stage_history"])
    if run["gate_about"]:
        yield ""
        yield f"gate to {run['gate_about']['to']}: {run['gate_about']['passed']} of {run['gate_about']['of']}"
        yield from gate_lines(run["gate_about"], total)


def _provenance(told: dict[str, Json], total: int) -> Iterator[str]:
    rows = [
        [part["part"], f"{part['percent']} % of {part['weight']}", printable(part["known"] or "-"), _gap(part)]
        for part in told["parts"]
    ]
    yield from _section(f"provenance {told['score']} of 100", ["", "", "", ""], rows, total)


def _gap(part: dict[str, Json]) -> str:
    return f"{part['gap']}: {part['closes']}" if part["gap"] else ""


def _facts(run: dict[str, Json]) -> list[list[str]]:
    return [
        [name, fact_text(name, fact["value"]), printable(fact["source"] or "")] for name, fact in run["facts"].items()
    ]


def _params(run: dict[str, Json]) -> list[list[str]]:
    return [
        [printable(key), _text(value), printable(run["sources"].get(key, ""))] for key, value in run["params"].items()
    ]


def _metrics(run: dict[str, Json]) -> list[list[str]]:
    keys = ("first", "last", "min", "max")
    return [
        [printable(name), f"{m['n']:,}", *(number_text(m[key]) for key in keys), str(m["last_step"])]
        for name, m in run["metrics"].items()
    ]


def _section(
    title: str, titles: list[str], rows: list[list[str]], total: int, right: frozenset[int] = frozenset()
) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield title
    for line in plain_table(titles, rows, total - 2, right):
        yield f"  {line}"


def _text(value: Json) -> str:
    return number_text(value) if isinstance(value, float) else printable(value_text(value))
