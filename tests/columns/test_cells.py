"""Values as people see them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import Names, age_text, cell, duration_text, number_text, parse_column, resolve, sparkline
from runspect.columns.cells import align_decimals, count_text, mean_texts, metric_text, value_text
from runspect.masking import MASK
from runspect.model import Json
from runspect.roles import Cell

NAMES = Names(params=("lr", "api_key", "tags2"), metrics=("val/loss",))
NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.001, "0.001"), (3e-4, "3e-4"), (1.23456e-5, "1.235e-5"), (256, "256"), (1.0, "1"), (12345678, "12345678"),
        (0.333333, "0.3333"), (12345.6, "12346"), (1e10, "1e10"), (-2.5, "-2.5"), (math.nan, "NaN"),
        (-math.inf, "-inf"),
        (None, "─"), ("NaN", "NaN"), (0.0, "0"),
    ],
)  # fmt: skip
def test_numbers(value: float | str | None, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2113, "0.2113"), (0.912, "0.9120"), (1.5, "1.500"), (12.3456, "12.35"), (123.456, "123.5"), (1234.5, "1234"),
        (12345.6, "12.3k"), (1.5e-5, "1.5e-5"), (3e7, "3e7"), (0, "0.0000"), (-0.5, "-0.5000"), (math.nan, "NaN"),
        ("NaN", "NaN"),
    ],
)  # fmt: skip
def test_measured_numbers(value: Json, text: str) -> None:
    assert metric_text(value) == text


@given(st.floats())
def test_a_measured_number_is_short(value: float) -> None:
    assert len(metric_text(value)) <= 11


@given(st.floats(-1e307, 1e307))
def test_a_number_keeps_four_digits(value: float) -> None:
    assert math.isclose(float(number_text(value)), value, rel_tol=6e-4, abs_tol=5e-324)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (912, "912"),
        (9200, "9200"),
        (9999, "9999"),
        (10_000, "10k"),
        (123_456, "123k"),
        (999_999, "1M"),
        (1.34e6, "1.34M"),
        (2e9, "2G"),
    ],
)
def test_counts(value: float, text: str) -> None:
    assert count_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-9, "now"),
        (1, "now"),
        (40, "40s"),
        (240, "4m"),
        (7300, "2h"),
        (3 * 86400, "3d"),
        (40 * 86400, "40d"),
        (70 * 86400, "10w"),
        (8e7, "2y"),
    ],
)
def test_ages(seconds: float, text: str) -> None:
    assert age_text(NOW - seconds, NOW) == text


def test_ages_of_iso_times() -> None:
    assert age_text("2027-01-15T08:00:00+00:00", NOW + 60) == "1m"
    assert age_text("2027-01-15T08:00:00Z", NOW + 60) == "1m"
    assert age_text(None, NOW) == age_text("nonsense", NOW) == "─"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "0.2s"),
        (41, "41s"),
        (720, "12m"),
        (4320, "1h12"),
        (90_000, "1d01h"),
        (1e7, "115d"),
        (-4, "0.0s"),
        (None, "─"),
        (math.nan, "─"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration_text(seconds) == text


def test_sparklines() -> None:
    assert sparkline("012345678") == " ▁▂▃▄▅▆▇█"
    assert sparkline("18 NaN@412") == "▁█ NaN@412"
    assert sparkline("18", ascii_only=True).isascii()
    assert sparkline("") == ""


@pytest.mark.parametrize(
    ("spec", "value", "text", "role"),
    [
        ("state", "failed", "✗", "bad"),
        ("name", "a\x1b[31mb\nc", "ab c", "strong"),
        ("took", 2280.0, "38m+", "live"),
        ("tags", ["a", "b c"], "a b c", "tag"),
        ("tags", [], "─", "dim"),
        ("star", True, "★", "accent"),
        ("problems", 2, "2", "warn"),
        ("lr", 3e-4, "3e-4", "plain"),
        ("lr", None, "─", "dim"),
        ("lr", [1, 2.5, "x"], "[1,2.5,x]", "plain"),
        ("lr", {"a": None, "b": False}, "{a:null,b:false}", "plain"),
        ("api_key", "hunter2", MASK, "plain"),
        ("val/loss", 0.5, "0.5000", "plain"),
        ("val/loss", "NaN", "NaN", "bad"),
        ("val/loss:nan", 3, "3", "bad"),
        ("val/loss:min.step", 12_000, "12k", "dim"),
        ("~val/loss", "18", "▁█", "spark"),
    ],
)
def test_cells(spec: str, value: Json, text: str, role: str) -> None:
    assert cell(resolve(parse_column(spec), NAMES), value, NOW, live=True) == Cell(text, role)  # type: ignore[arg-type]  # a role by its text


def test_secrets_are_shown_only_when_asked() -> None:
    column = resolve(parse_column("api_key"), NAMES)
    assert cell(column, "hunter2", NOW, show_secrets=True).text == "hunter2"


@pytest.mark.parametrize("spec", ["state", "name", "took", "star", "lr", "~val/loss", "age"])
def test_cells_without_unicode(spec: str) -> None:
    value: Json = {
        "state": "failed",
        "took": 60.0,
        "star": True,
        "lr": None,
        "~val/loss": "0123 NaN@4",
        "age": NOW,
    }.get(spec, "x")
    assert cell(resolve(parse_column(spec), NAMES), value, NOW, live=True, ascii_only=True).text.isascii()


def test_decimals_below_each_other() -> None:
    assert align_decimals(["0.25", "12.5", "3", "NaN", "1e-5"]) == ("0.25", "12.5 ", "3   ", "NaN ", "1e-5")
    assert align_decimals([]) == ()


def test_text_of_any_value() -> None:
    assert value_text({"k": [True, None, 1e-7]}) == "{k:[true,null,1e-7]}"


@pytest.mark.parametrize(
    ("mean", "std", "texts"),
    [
        (0.21812, None, ("0.2181", "")),
        (0.21812, 0.0041234, ("0.2181", "0.0041")),
        (0.1466, 0.02, ("0.1466", "0.020")),
        (6.45e-4, 0.005987, ("0.0006", "0.0060")),
        (-9.611e-4, 0.0075, ("-0.0010", "0.0075")),
        (3e-6, 0.25, ("0.0000", "0.25")),
        (6.45e-4, 2.13e-5, ("6.45e-4", "2.1e-5")),
        (0.3, 9.96e-4, ("0.3000", "0.0010")),
        (912.4, 27.3, ("912.4", "27")),
        (912.4, 5.0, ("912.4", "5.0")),
        (52_300.0, 1_234.0, ("52.3k", "1200")),
        (0.5, 0.0, ("0.5000", "0")),
        (math.inf, 0.1, ("inf", "0.10")),
        (0.1, math.inf, ("0.1000", "inf")),
    ],
)
def test_a_mean_is_told_no_finer_than_it_scatters(mean: float, std: float | None, texts: tuple[str, str]) -> None:
    assert mean_texts(mean, std) == texts


@pytest.mark.parametrize(
    ("text", "shown", "plain", "role"),
    [
        ("candidate passes 5/6", "candidate ✓5/6", "candidate +5/6", "good"),
        ("production fails 2/6", "production ✗2/6", "production x2/6", "bad"),
        ("candidate open 5/6", "candidate ?5/6", "candidate ?5/6", "warn"),
    ],
)
def test_what_a_gate_says(text: str, shown: str, plain: str, role: str) -> None:
    column = parse_column("gate")
    assert cell(column, text, 0.0) == Cell(shown, role)  # type: ignore[arg-type]
    assert cell(column, text, 0.0, ascii_only=True).text == plain
    assert cell(column, None, 0.0).role == "dim"
