"""`python -m tests.benchmarks [NAME …] [--large] [--readme]`: measures and prints one table. What it counts must be right; times are only told."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from runspect.errors import RunspectError
from tests import readme
from tests.benchmarks import kept
from tests.benchmarks.figures import Figure, line, load, machine
from tests.benchmarks.lines import LINES
from tests.benchmarks.names import LARGE, NAMES
from tests.benchmarks.table import figures as figures_of


def main(words: Sequence[str]) -> int:
    """Run the named benchmarks, or all; 2 for a name that there is not, 1 where one broke."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=f"there are: {', '.join(NAMES + LARGE)}"
    )
    parser.add_argument("names", nargs="*", choices=[*NAMES, *LARGE, []], metavar="NAME")
    parser.add_argument("--large", action="store_true", help="what takes many minutes and gigabytes, too")
    parser.add_argument(
        "--readme", action="store_true", help="keep what is found, and write it into the README's table"
    )
    given = parser.parse_args(words)
    print(machine())
    found, broken = list[Figure](), list[str]()
    for name in given.names or (NAMES + LARGE if given.large else NAMES):
        busy, begun = load(), time.monotonic()
        figures = list[Figure]()
        try:
            for figure in _figures(name):
                print(line(figure), flush=True)
                figures.append(figure)
        except (AssertionError, OSError, RunspectError) as error:
            broken.append(name)
            print(f"   {name} broke: {error}", flush=True)
        else:
            if given.readme:
                _keep(name, busy, figures)
        print(f"   load before it {busy}; took {time.monotonic() - begun:.0f} s", flush=True)
        found += figures
    missed = sum(figure.missed for figure in found)
    print(f"\nbeyond their budget: {missed}" if missed else "\nall budgets are kept")
    if broken:
        print(f"broke: {', '.join(broken)}")
    return 1 if broken else 0


def _figures(name: str) -> Iterator[Figure]:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}")
    yield from module.figures()


def _keep(name: str, busy: str, found: Sequence[Figure]) -> None:
    """At once, so that what is measured after it may break; and say what the README's table looks for in vain."""
    kept.replace(name, kept.Kept(f"{datetime.now(UTC):%Y-%m-%d}", machine(), busy, tuple(found)))
    readme.README.write_text(readme.written(readme.README.read_text()))
    every = kept.read()
    for wanted in (each for each in LINES if each.benchmark == name):
        if len(figures_of(wanted, every)) < len(wanted.figures):
            print(f"   not among them, though the README's table has a line for it: {wanted.what}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
