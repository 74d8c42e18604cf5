"""`python -m tests.benchmarks [NAME …] [--large] [--md]`: measures and prints one table. What it counts must be right; times are only told."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Sequence

from runspect.errors import RunspectError
from tests.benchmarks.figures import Figure, line, machine, markdown

NAMES = (
    "start", "keys", "sorting", "while_indexing", "rest", "live", "live_many", "latency", "link",
    "cold", "cold_events", "directories", "scale", "readers", "text_readers", "store", "queries", "curves", "charts", "reopen", "growth", "faults", "recording", "recorded",
)  # fmt: skip
"""What is measured unless names are given."""
LARGE = ("hundred_million", "many_runs", "extremes")
"""What takes many minutes and gigabytes: with `--large`, or by name."""


def main(words: Sequence[str]) -> int:
    """Run the named benchmarks, or all; 2 for a name that there is not, 1 where one broke."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=f"there are: {', '.join(NAMES + LARGE)}"
    )
    parser.add_argument("names", nargs="*", choices=[*NAMES, *LARGE, []], metavar="NAME")
    parser.add_argument("--large", action="store_true", help="what takes many minutes and gigabytes, too")
    parser.add_argument("--md", action="store_true", help="end with the table for the README")
    given = parser.parse_args(words)
    before, found, broken = machine(), list[Figure](), list[str]()
    print(before)
    for name in given.names or (NAMES + LARGE if given.large else NAMES):
        try:
            for figure in _figures(name):
                print(line(figure), flush=True)
                found.append(figure)
        except (AssertionError, OSError, RunspectError) as error:
            broken.append(name)
            print(f"   {name} broke: {error}", flush=True)
    missed = sum(figure.missed for figure in found)
    print(f"\n{machine()}\n" + (f"beyond their budget: {missed}" if missed else "all budgets are kept"))
    if broken:
        print(f"broke: {', '.join(broken)}")
    if given.md:
        print(f"\n{markdown(found)}\n\n{before}")
    return 1 if broken else 0


def _figures(name: str) -> Iterator[Figure]:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}")
    yield from module.figures()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
