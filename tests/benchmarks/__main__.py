"""`python -m tests.benchmarks [NAME …]`: measures and prints one table. What it counts must be right; times are only told."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from tests.benchmarks.figures import Figure, lines, machine

NAMES = ("start", "cold", "scale", "screen", "latency", "live", "queries", "readers", "text_readers", "charts")
WIDTH = 66


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks, or all; 2 for a name that there is not."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(machine())
    missed: list[Figure] = []
    for name in names or NAMES:
        print(f"\n{name}: {(importlib.import_module(f'tests.benchmarks.{name}').__doc__ or '').splitlines()[0]}")
        for figure in importlib.import_module(f"tests.benchmarks.{name}").figures():
            print("  " + lines([figure], WIDTH)[0], flush=True)
            missed += [figure] if figure.missed else []
    print(f"\n{machine()}\n" + (f"beyond their budget: {len(missed)}" if missed else "all budgets are kept"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
