"""Environment, feed, memory, tags, picker: parts that take plain values."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from runspect.model import Progress, Push, RunOrder
from runspect.tui import memory, theme
from runspect.tui.environment import prepare, read_terminal, refusal
from runspect.tui.feed import Feed
from runspect.tui.left_behind import PaneFile
from runspect.tui.memory import Remembered
from runspect.tui.screens.annotating import parse_tags
from runspect.tui.screens.marks import Marks
from runspect.tui.screens.welcome import nothing_listed
from runspect.tui.screens.yanking import yaml_value
from runspect.tui.widgets.log_pane import is_error
from runspect.tui.widgets.picker import Choice, aside_cells, narrowed


def test_colours_follow_the_terminal() -> None:
    assert read_terminal({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "utf-8").colours == "truecolor"
    assert read_terminal({"TERM": "tmux-256color"}, "utf-8").colours == "256"
    assert read_terminal({"TERM": "screen"}, "utf-8").colours == "16"
    assert read_terminal({"TERM": "xterm", "NO_COLOR": "1", "COLORTERM": "truecolor"}, "utf-8").colours == "none"


def test_a_terminal_without_utf8_gets_ascii() -> None:
    assert not read_terminal({"TERM": "xterm"}, "ISO-8859-1").utf8
    assert not read_terminal({"TERM": "linux"}, "UTF-8").utf8


def test_textual_is_told_to_keep_still_and_users_may_overrule_it() -> None:
    environ = {"TERM": "xterm", "TEXTUAL_ANIMATIONS": "full", "SSH_TTY": "/dev/pts/1"}
    assert prepare(environ).remote
    assert environ["TEXTUAL_ANIMATIONS"] == "full"
    assert environ["TEXTUAL_SMOOTH_SCROLL"] == "0"
    assert int(environ["TEXTUAL_FPS"]) <= 30


def test_a_dumb_terminal_and_a_pipe_are_refused() -> None:
    assert refusal({"TERM": "dumb"}, stdin=True, stdout=True, stderr=True)
    assert refusal({"TERM": "xterm"}, stdin=True, stdout=False, stderr=True)
    assert refusal({"TERM": "xterm"}, stdin=True, stdout=True, stderr=True) is None


def test_sixteen_colours_take_the_terminals_own_theme() -> None:
    assert theme.choose("dark", read_terminal({"TERM": "linux"}, "utf-8")) is theme.ANSI
    assert theme.choose("light", read_terminal({"TERM": "xterm-256color"}, "utf-8")) is theme.LIGHT


def test_all_themes_know_the_same_looks() -> None:
    looks = {frozenset(name for name in known.variables if not name.startswith("ansi-")) for known in theme.THEMES}
    assert len(looks) == 1


def test_news_is_merged_until_it_is_drained() -> None:
    feed = Feed()
    assert feed.drain() is None
    feed.push(Push(frozenset({1}), 3))
    feed.push(Push(frozenset({2}), 2, progress=Progress("reading", 1, 2)))
    news = feed.drain()
    assert news is not None
    assert (news.rids, news.generation, news.progress) == (frozenset({1, 2}), 3, Progress("reading", 1, 2))
    assert feed.drain() is None
    feed.push(Push(broken=True))
    assert (news := feed.drain()) is not None and news.broken
    feed.push(Push(broken=True))
    feed.push(Push(lost=True))  # it is back already
    assert (news := feed.drain()) is not None and news.lost and not news.broken


def test_a_screen_is_remembered_for_its_directories(tmp_path: Path) -> None:
    kept = Remembered(
        view="charts", query="lr<1", sort=(("loss", True),), marks=("path:1",), smoothing=0.6, note_text="half"
    )
    path = memory.file_of(("/a", "/b"), tmp_path)
    memory.save(path, kept)
    assert memory.load(path) == kept
    assert memory.file_of(("/b", "/a"), tmp_path) == path
    assert memory.load(memory.file_of(("/a",), tmp_path)) is None


def test_a_pane_takes_over_only_what_a_pane_left_that_has_gone(tmp_path: Path) -> None:
    base = memory.file_of(("/a",), tmp_path)
    first, second = PaneFile(base), PaneFile(base)
    assert first.take_over() is None
    first.save(Remembered(query="mine"))
    assert second.take_over() is None
    first.save(Remembered(query="left"), leaving=True)
    found = second.take_over()
    assert found is not None and found.query == "left"
    assert PaneFile(base).take_over() is None  # it has one heir
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    lost = Remembered(query="lost", owner=(socket.gethostname(), ended.pid, time.time()))
    memory.save(PaneFile(base).path, lost)
    found = PaneFile(base).take_over()
    assert found is not None and found.query == "lost"


@given(st.binary(max_size=200))
def test_a_damaged_memory_is_no_memory(data: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        assert memory.load(Path(file.name)) is None or isinstance(memory.load(Path(file.name)), Remembered)


def test_a_memory_of_other_shapes_falls_back_to_defaults(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"version": 1, "view": 7, "marks": "x", "smoothing": 1, "unknown": 2}')
    assert memory.load(path) == Remembered(smoothing=1.0)


def test_tags_are_added_taken_away_and_toggled() -> None:
    assert parse_tags('+good -bad paper, "two words"') == (
        ("good", "+"),
        ("bad", "-"),
        ("paper", ""),
        ("two words", ""),
    )
    assert parse_tags("  ") == ()


def test_typing_narrows_a_list_by_words_and_then_by_letters() -> None:
    choices = [Choice("a", "val/loss"), Choice("b", "train/loss"), Choice("c", "lr")]
    assert [choice.value for choice in narrowed(choices, "loss tr")] == ["b"]
    assert [choice.value for choice in narrowed(choices, "vls")] == ["a"]
    assert narrowed(choices, "zzz") == ()


def test_errors_are_recognised_in_logs() -> None:
    assert is_error("Traceback (most recent call last):")
    assert is_error("RuntimeError: CUDA out of memory")
    assert not is_error("epoch 3 loss 0.1")


def test_an_empty_table_says_why() -> None:
    def first(**changes: object) -> str:
        facts = {"scope": ("/exp",), "query": "", "order": RunOrder((), 0, 0, 1), "seen": {}, "synced": True, **changes}
        lines = nothing_listed(**facts)  # type: ignore[arg-type]
        return "\n".join("".join(text for text, _ in line) for line in lines)

    assert "Looking for runs" in first(synced=False)
    assert "It hides 5 runs. esc takes it back" in first(query="lr<1", order=RunOrder((), 5, 0, 1))
    assert "archived" in first(order=RunOrder((), 5, 0, 1))
    assert "Saw instead" in first(seen={"images": 3})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
    | st.sampled_from(
        ["1e-5", "1_000", "0x1F", "on", "2024-01-02", "12:30", "~", "- a", "a: b", "a #b", "", " a", "\x85"]
    )
)
def test_copied_yaml_is_read_back_as_it_was(value: object) -> None:
    text = f"{yaml_value('key')}: {yaml_value(value)}\n"
    assert yaml.safe_load(text) == {"key": value}
    assert text.isprintable() or text.count("\n") == 1


def test_a_small_number_is_copied_as_one() -> None:
    assert [yaml_value(value) for value in (1e-5, 1e22, "1e-5", 0.1, "adamw")] == [
        "1.0e-5", "1.0e+22", '"1e-5"', "0.1", "adamw",
    ]  # fmt: skip


def test_news_wakes_the_screen_once_until_it_is_drained() -> None:
    woken: list[int] = []
    feed = Feed()
    feed.on_fresh = lambda: woken.append(1)
    feed.push(Push(frozenset({1})))
    feed.push(Push(frozenset({2})))
    assert len(woken) == 1 and feed.drain() is not None and feed.drain() is None
    feed.push(Push(frozenset({3})))
    assert len(woken) == 2


def test_marks_outside_the_list_stay() -> None:
    marks = Marks({9: "i"})
    marks.toggle_some((1, 2), str)
    assert marks.rids == {1, 2, 9}
    marks.toggle(2, str)
    marks.invert((1, 2, 3), str)
    assert marks.rids == {2, 3, 9}
    marks.toggle_some((2, 3), str)
    assert marks.rids == {9}


def test_what_stands_aside_in_a_list_gives_way_to_the_text_and_keeps_a_third() -> None:
    assert aside_cells(70, 20, 12) == 12
    assert aside_cells(70, 48, 60) == 23
    assert aside_cells(70, 20, 60) == 50
    assert aside_cells(70, 200, 10) == 10
    assert aside_cells(1, 5, 5) == 0
