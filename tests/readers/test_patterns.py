"""Console patterns: each is checked against its own sample, against hostile lines, and against the other patterns."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from runspect.errors import ReaderFault
from runspect.readers.console_params import Block, params_in
from runspect.readers.pattern_file import Pattern, load_pattern, parse_pattern
from runspect.readers.pattern_guard import Guard, expressions, fault, hostile_lines
from runspect.readers.pattern_set import BUNDLED, bundled, patterns
from runspect.readers.scrape import Memory, Scraper

FILES = sorted(BUNDLED.glob("*.toml"))
GIVEN_S = 3.0
"""Seconds for a megabyte in hostile lines: an expression that backtracks without bound needs minutes."""
OWN = """
name = "own"
[[line]]
signature = ["chunk"]
match = '^chunk (?P<step>[0-9]+): (?P<pairs>.*)$'
pairs = '(?P<name>[a-z]+)=(?P<value><number>)'
"""


def points(known: tuple[Pattern, ...], text: str) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for _, _, matched in Scraper(known, Memory(), guess=False).scan(text.encode()):
        for row in matched.rows:
            found.setdefault(row.name, []).append((row.step, row.value))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "among all"])
def test_reads_its_own_sample(path: Path, alone: bool) -> None:
    pattern = load_pattern(path)
    assert pattern.name == path.stem and pattern.about
    assert pattern.sample.strip() and any("metric" in each for each in pattern.expect)
    known = (pattern,) if alone else patterns().patterns
    found = points(known, pattern.sample)
    params = params_in(pattern.sample.encode(), 0, Block(), known, Guard())
    for wanted in pattern.expect:
        if "param" in wanted:
            assert params[wanted["param"]] == wanted["value"]
        else:
            assert found.get(wanted["metric"]) == list(zip(wanted["steps"], wanted["values"], strict=True))


@pytest.mark.parametrize("pattern", bundled(), ids=lambda pattern: pattern.name)
def test_takes_hostile_lines_without_backtracking(pattern: Pattern) -> None:
    signature = " ".join(text for rule in pattern.lines for text in rule.signature)
    seeds = [signature, *(line for line in pattern.sample.split("\n") if line.strip())]
    for line in hostile_lines(seeds, 1 << 20):
        begun = time.process_time()
        list(Scraper((pattern,), Memory()).scan((line + " " + signature + "\n").encode()))
        assert time.process_time() - begun < GIVEN_S, line[:80]


def test_text_that_matches_nothing_is_fast() -> None:
    line = b"2026-11-23 10:00:00,123 - worker - DEBUG - moved 37 blocks of 4096 bytes from queue 5 to queue 7 again\n"
    data = line * ((4 << 20) // len(line))
    begun = time.process_time()
    assert not list(Scraper(patterns().patterns, Memory()).scan(data))
    assert time.process_time() - begun < 1.0


def test_a_pattern_of_the_users_is_tried_first_and_a_broken_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSPECT_HOME", str(tmp_path))
    (tmp_path / "patterns").mkdir()
    (tmp_path / "patterns" / "own.toml").write_text(OWN)
    (tmp_path / "patterns" / "bad.toml").write_text('name = "bad"\n')
    known = patterns()
    assert "own" in [pattern.name for pattern in known.patterns]
    assert [(path.name, what) for path, what in known.broken] == [("bad.toml", "it has no [[line]]")]
    assert points(known.patterns, "chunk 3: loss=0.5\nchunk 4: loss=1,000\n") == {"loss": [(3, 0.5), (4, 1000.0)]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "no valid TOML"),
        (OWN.replace("match", "mach"), "unknown key 'mach'"),
        (OWN.replace("[0-9]+)", "[0-9]+"), "missing )"),
        (OWN.replace('["chunk"]', "[]"), "signature must hold"),
        (OWN.replace("(?P<name>", "("), "pairs needs the groups"),
        (OWN.replace("(?P<pairs>.*)", ".*"), "match has no group 'pairs'"),
        (OWN + 'step = "sometimes"\n', "step must be one of"),
    ],
)
def test_says_what_is_wrong_with_a_pattern(text: str, said: str) -> None:
    with pytest.raises(ReaderFault, match=r".") as raised:
        parse_pattern(text)
    assert said in raised.value.what


@pytest.mark.parametrize("expression", ["^(a+)+$", "^(?:(a|b)*c*)*d", r"^(\d+\s*){2,}x"])
def test_refuses_repeats_inside_repeats(expression: str) -> None:
    assert "repeat inside a repeat" in (fault(parse_pattern(OWN.replace("^chunk (?P", expression + "(?P"))) or "")


def test_refuses_what_is_slow_on_hostile_lines() -> None:
    slow = OWN.replace("^chunk ", r"\s*\s*\s*\s*\s*chunk ")
    assert "too slow" in (fault(parse_pattern(slow)) or "")


def test_ordinary_expressions_are_accepted() -> None:
    assert fault(parse_pattern(OWN)) is None
    assert len(expressions(parse_pattern(OWN))) == 2
