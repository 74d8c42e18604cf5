"""The instruments of the benchmarks: the slow link, the fit of growth, the table."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.benchmarks.figures import Figure, exponent, percentile
from tests.benchmarks.kept import Kept, read, replace
from tests.benchmarks.lines import LINES as ALL_LINES
from tests.benchmarks.lines import Line
from tests.benchmarks.missed import MISSED
from tests.benchmarks.names import LARGE, NAMES
from tests.benchmarks.slow_link import Direction
from tests.benchmarks.table import readme
from tests.benchmarks.terminal import TimedTerminal


def test_a_link_carries_so_many_bytes_a_second_late_and_in_order() -> None:
    link = Direction(rate=1_000, delay_s=0.5)
    sent = bytes(range(256)) * 12
    link.put(sent, now=10.0)
    assert link.arrived(10.9) == b"" and link.size == len(sent)
    assert link.wait_s(10.9) == pytest.approx(0.624)
    early = link.arrived(11.6)
    assert early == sent[:1024]
    assert early + link.arrived(10.5 + 3.073) == sent and link.size == 0


def test_a_command_behind_the_link_is_shown_and_its_end_told() -> None:
    argv = [sys.executable, "-m", "tests.benchmarks.slow_link", "--delay", "0.01", "sh", "-c", "echo hello; exit 3"]
    with TimedTerminal(argv) as terminal:
        terminal.until("hello")
        assert terminal.wait_exit() == 3


@pytest.mark.parametrize(("power", "cost"), [(1.0, 2e-3), (2.0, 1e-6)])
def test_the_exponent_of_growth_is_found(power: float, cost: float) -> None:
    sizes = (100, 1_000, 10_000)
    assert exponent(sizes, [cost * size**power for size in sizes]) == pytest.approx(power)


LINES = (
    Line(2, "speed", "one", ("a|c",)),
    Line(7, "waits, p50 / p99", "one", ("waits, p50", "waits, p99"), leet="wait*"),
    Line(0, "growth", "other", ("growth*",), noted=True),
)
MACHINE = "2 cores"


def _kept(*figures: Figure) -> Kept:
    return Kept("2026-11-26", MACHINE, "0.5", figures)


def test_the_table_has_every_line_and_says_what_is_missed_and_what_was_not_measured() -> None:
    one = _kept(
        Figure("a|c", 5, "M/s", 3, at_least=True, row=2, peer="pandas 1 M/s"),
        Figure("waits, p50", 2, "ms", 5),
        Figure("waits, p99", 40, "ms", 33),
    )
    found = readme({"one": one, "leet": _kept(Figure("waits", 0.4, "s"))}, LINES, {}, "leet")
    assert found.splitlines() == [
        "Measured on 2026-11-26: 2 cores; load before each benchmark 0.5.",
        "",
        "| # | what | measured | to reach | others |",
        "|---|---|---|---|---|",
        "| 2 | speed | 5 M/s | ≥ 3 M/s | pandas 1 M/s |",
        "| 7 | waits, p50 / p99 | 2 / **40** ms | ≤ 5 / ≤ 33 ms, **missed** | LEET 0.4 s |",
        "|  | growth | not measured |  |  |",
        "",
        "What is missed, and what was tried:",
        "",
        "- **waits, p50 / p99**: not explained yet.",
    ]
    explained = readme({"one": one}, LINES, {"waits, p50 / p99": "two ways were tried."}, "leet")
    assert explained.endswith("- **waits, p50 / p99**: two ways were tried.")


def test_a_benchmark_that_was_measured_elsewhere_says_so() -> None:
    other = Kept("2026-11-25", "1 core", "2.0", (Figure("growth: list", 1.1, "power", note="1: 2 ms"),))
    lines = readme({"one": _kept(), "other": other}, LINES, {}, "leet").splitlines()
    assert lines[:2] == [
        "Measured on 2026-11-25 (other): 1 core; load before each benchmark 2.0.",
        "Measured on 2026-11-26 (one): 2 cores; load before each benchmark 0.5.",
    ]
    assert "|  | growth | 1: 2 ms: 1.1 power |  |  |" in lines


def test_what_one_benchmark_finds_replaces_only_its_own(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    first, second = _kept(Figure("a", 1, "s", 2, note="é", row=3)), _kept(Figure("b", 0.25, "ms", 1, at_least=True))
    replace("one", first, file)
    replace("two", first, file)
    replace("two", second, file)
    assert read(file) == {"one": first, "two": second}


def test_the_lines_are_in_the_order_of_the_budgets_and_none_of_these_is_left_out() -> None:
    rows = [line.row for line in ALL_LINES]
    budgets = [row for row in rows if row]
    assert rows == budgets + [0] * (len(rows) - len(budgets)) and budgets == sorted(budgets)
    assert set(budgets) == set(range(1, 29))
    assert len({line.what for line in ALL_LINES}) == len(ALL_LINES)
    assert {line.benchmark for line in ALL_LINES} <= set(NAMES + LARGE)
    assert set(MISSED) <= {line.what for line in ALL_LINES}


def test_every_name_is_a_benchmark() -> None:
    assert [name for name in NAMES + LARGE if find_spec(f"tests.benchmarks.{name}") is None] == []


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([3, 1, 2, 4, 5], at) for at in (0, 50, 100)] == [1, 3, 5]
