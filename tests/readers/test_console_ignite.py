"""When Ignite's own words say that the trainer ended, and when they only say that an evaluator did."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runspect.readers.console import facts_of
from tests.conftest import FIXTURES


def lines(*messages: str, form: str = "2026-11-23 13:26:57,357 {} INFO: {}\n") -> str:
    """A log; each message is "logger|text"."""
    return "".join(form.format(*message.split("|")) for message in messages)


START, LAST, END = (
    "trainer|Engine run starting with max_epochs=4.",
    "trainer|Epoch[4] Complete. Time taken: 1",
    "trainer|Engine run finished. Time taken: 5",
)
EVALUATED = (
    "val|Engine run starting with max_epochs=1.",
    "val|Epoch[1] Complete. Time taken: 1",
    "val|Engine run finished. Time taken: 1",
)


def end_of(path: Path, text: str) -> object:
    """What the log says of the end."""
    path.write_text(text)
    return facts_of(path).get("end_state")


def test_the_trainer_s_last_words_are_an_end(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    assert end_of(log, lines(START, *EVALUATED, LAST, END)) == "finished"
    assert end_of(log, lines(START, LAST, *EVALUATED, END, "me|saved")) == "finished"
    one = "ignite.engine.engine.Engine"
    text = lines(START, *EVALUATED, LAST, END).replace("trainer", one).replace("val", one)
    assert end_of(log, text) == "finished"
    assert end_of(log, lines(START, LAST, END, form="[{}] {}\n")) == "finished"


@pytest.mark.parametrize(
    "messages",
    [
        (START, "trainer|Epoch[3] Complete. Time taken: 1", *EVALUATED),
        (START, *EVALUATED),
        (START, LAST),
        (START, LAST, *EVALUATED),
        (START, "trainer|Epoch[2] Complete. Time taken: 1", "trainer|Engine run is terminating due to exception: boom"),
        # stopped early: the last epoch was not come to
        (START, "trainer|Epoch[2] Complete. Time taken: 1", END),
        EVALUATED,
        # begun anew after it had ended
        (START, LAST, END, START, "trainer|Epoch[1] Complete. Time taken: 1"),
    ],
)
def test_an_evaluator_s_end_and_what_is_unfinished_say_nothing(tmp_path: Path, messages: tuple[str, ...]) -> None:
    assert end_of(tmp_path / "output.log", lines(*messages)) is None
    one = lines(*messages).replace("trainer", "Engine").replace("val", "Engine")
    if messages != (START, LAST, *EVALUATED):  # all epochs are complete: the evaluation after the last one ended
        assert end_of(tmp_path / "output.log", one) is None


def test_a_traceback_after_it_counts_more(tmp_path: Path) -> None:
    text = lines(START, LAST, END) + 'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: boom\n'
    log = tmp_path / "output.log"
    log.write_text(text)
    assert facts_of(log)["console_verdict"] == "traceback: ValueError: boom" and "end_state" not in facts_of(log)


def test_what_the_real_tool_wrote(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "ignite", tmp_path / "ignite")
    assert (
        facts_of(tmp_path / "ignite/run/output.log")["end_reason"] == "Ignite says: epoch 4 of 4 complete, run finished"
    )
