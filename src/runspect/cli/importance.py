"""Which params move a metric: over the runs of a query, strongest first, with what cannot be told apart.

runspect importance -C ~/exp 'started > 30d' --metric val/loss:min
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.columns.cells import number_text, value_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.model import Json

BAR = 12
LEVELS = 4
"""Values of a category that are shown, at most."""
FEW = 10
"""Below so many runs, a line says that they are few."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to look at; all without one")
    parser.add_argument(
        "-m", "--metric", default="", metavar="METRIC", help="such as val/loss:min; without it, the main one"
    )
    parser.add_argument(
        "-n", dest="limit", type=count, default=20, metavar="N", help="the first N params (20); 0 for all"
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the params; exit code 1 when none could be judged."""
    with scope.opened(args) as workspace:
        found = workspace.moved(" ".join(args.query), args.metric, args.show_secrets)
    if args.json:
        output.write_json(found)
    else:
        for line in as_text(found, args.limit or None, output.terminal_width()):
            output.write_line(line[: output.terminal_width()])
    return 0 if found["effects"] else 1


def as_text(found: Mapping[str, Any], limit: int | None, width: int) -> Iterator[str]:
    """Lines for people: a bar for the strength, `·` where chance would reach as far, and what moved along."""
    effects = found["effects"]
    better = {"down": ", lower is better", "up": ", higher is better", None: ""}[found["direction"]]
    if not found["runs"]:
        yield "no run matches"
        return
    yield printable(f"{found['metric']}{better}: {found['measured']:,} of {counted(found['runs'])} have it")
    if not effects:
        yield "no param differs among enough of them to say anything"
        return
    if found["measured"] < FEW:
        yield "few runs: take what follows as a hint of what to try, not as a result"
    shown = effects[:limit]
    room = min(max(len(printable(effect["param"])) for effect in shown), max(12, width // 3))
    for effect in shown:
        name = printable(effect["param"])
        name = name if len(name) <= room else f"{name[: room - 1]}…"
        yield f"{name:<{room}}  {_bar(effect)} {effect['strength']:.2f}  n {effect['n']:<5}  {_told(effect)}".rstrip()
    if len(shown) < len(effects):
        yield f"{len(effects) - len(shown):,} more, weaker"
    yield "bars reach to 1; · is as far as a param without effect gets 19 times of 20"


def _bar(effect: Mapping[str, Any]) -> str:
    full, chance = round(effect["strength"] * BAR), round(effect["chance"] * BAR)
    cells = (
        "█" if at < full and at >= chance else "▒" if at < full else "·" if at < chance else " " for at in range(BAR)
    )
    return "".join(cells)


def _told(effect: Mapping[str, Any]) -> str:
    parts = [_way(effect)]
    if not effect["stands_out"]:
        parts.append("no more than chance")
    if effect["together"]:
        parts.append("moved with " + ", ".join(printable(name) for name, _ in effect["together"]))
    return "; ".join(parts)


def _way(effect: Mapping[str, Any]) -> str:
    if effect["kind"] == "number":
        return "grows with it" if effect["rising"] else "falls with it"
    levels = sorted(effect["levels"], key=lambda level: level["median"])
    shown = levels if len(levels) <= LEVELS else [*levels[: LEVELS - 1], levels[-1]]
    texts = [f"{_value(level['value'])} {number_text(level['median'])}" for level in shown]
    if len(levels) > LEVELS:
        texts.insert(-1, f"{len(levels) - LEVELS} more")
    return " < ".join(texts)


def _value(value: Json) -> str:
    return printable(value_text(value))
