"""Words of the query language that only look like options."""

from __future__ import annotations

import pytest

from runspect.cli import groups, ls, pivot, tag
from runspect.cli.parser import Parser


@pytest.mark.parametrize(
    "word",
    ["-note:x", "-tag:broken", "-has:seed", "-name=a", "-state:failed lr>1", "-@view", "-(a or b)", "-cfg.lr", "-lr>1",
     "-star:yes", "-age < 2d", "-opt in [a]", "-val/loss:min<3", "-'my key'=3", '-"my key"', "-cause:memory"],
)  # fmt: skip
def test_a_negated_term_is_a_query(word: str) -> None:
    for command in (ls, groups):
        parser = Parser("x")
        command.configure(parser)
        args = parser.read(["--json", word, "-C", "/tmp"])
        assert args.query == [word]
        assert args.json and args.directories == ["/tmp"]


@pytest.mark.parametrize("words", [["-n", "5"], ["-n5"], ["-C/tmp/a:b"], ["-C", "/tmp/a"], ["-a"], ["-s", "-lr"]])
def test_options_stay_options(words: list[str]) -> None:
    parser = Parser("x")
    ls.configure(parser)
    assert parser.read(words).query == []


@pytest.mark.parametrize("number", ["-3", "x", "1.5", ""])
def test_a_count_is_a_number_that_is_not_negative(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser("runspect ls")
    ls.configure(parser)
    with pytest.raises(SystemExit) as ended:
        parser.read(["-n", number])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("runspect ls: argument -n: expected")


def test_only_what_is_missing_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser("runspect pivot")
    pivot.configure(parser)
    with pytest.raises(SystemExit):
        parser.read(["opt"])
    assert "are required: COLUMN (see" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["run", "-C/tmp", "+good", "-broken"], ["run", "+good", "-broken"]),
        (["run", "-C", "/tmp", "-fine"], ["run", "-fine"]),
        (["-C/tmp", "run", "-f", "-Cold"], ["run", "-Cold"]),
        (["-C", "/tmp", "--", "-rf", "x"], ["-rf", "x"]),
        (["-C", "/tmp", "--", "-rf", "--json", "+-y"], ["-rf", "--json", "+-y"]),
    ],
)
def test_signed_words_and_those_behind_two_dashes_are_no_options(words: list[str], read: list[str]) -> None:
    parser = Parser("x")
    tag.configure(parser)
    args = parser.read(words)
    assert (args.words, args.directories, args.json) == (read, ["/tmp"], False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--jsn"], "unrecognized arguments: --jsn; did you mean --json"),
        (["--collumns=x"], "did you mean --cols"),
        (["-z"], "unrecognized arguments: -z (see"),
        (["-n", "-C"], "expected one argument (see"),
    ],
)
def test_an_option_with_a_slip_is_told_its_near_names(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = Parser("runspect ls")
    ls.configure(parser)
    with pytest.raises(SystemExit):
        parser.read(words)
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
