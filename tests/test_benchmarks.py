"""The instruments of the benchmarks: the slow link, the fit of growth, the table."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.figures import Figure, exponent, markdown, percentile
from tests.benchmarks.slow_link import Direction
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


def test_the_table_is_in_the_order_of_the_budgets_and_says_what_is_missed() -> None:
    found = [Figure("b", 2, "ms", 1, row=7), Figure("other", 1, "s"), Figure("a|c", 5, "M/s", 3, at_least=True, row=2)]
    assert markdown(found).splitlines()[2:] == [
        "| 2 | a\\|c | 5 M/s | ≥ 3 M/s |  |",
        "| 7 | b | 2 ms | ≤ 1 ms, missed |  |",
        "|  | other | 1 s |  |  |",
    ]


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([3, 1, 2, 4, 5], at) for at in (0, 50, 100)] == [1, 3, 5]
