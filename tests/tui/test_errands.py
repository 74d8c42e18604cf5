"""Calls off the event loop: newest first, stale ones dropped, changes never."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue

from textual.message import Message

from runspect.errors import NotFound, RunspectError
from runspect.tui.errands import Errands, Finished


class Loop:
    """Stands where the screen stands: takes messages and hands them back."""

    def __init__(self) -> None:
        self.messages: Queue[Finished] = Queue()
        self.said: list[str] = []
        self.errands = Errands(self.post, self.said.append)

    def post(self, message: Message) -> bool:
        assert isinstance(message, Finished)
        self.messages.put(message)
        return True

    def run(self) -> None:
        """Deliver until nothing is expected any more."""
        while self.errands.busy:
            self.errands.deliver(self.messages.get(timeout=10))


def held(gate: threading.Event, value: int) -> Callable[[], int]:
    def call() -> int:
        assert gate.wait(10)
        return value

    return call


def test_only_the_newest_answer_of_a_group_is_delivered() -> None:
    loop, gate, got = Loop(), threading.Event(), list[int]()
    for value in (1, 2, 3):
        loop.errands.send("list", held(gate, value), got.append)
    gate.set()
    loop.run()
    assert got == [3]


def test_groups_do_not_wait_for_each_other() -> None:
    loop, gate, got = Loop(), threading.Event(), list[int]()
    loop.errands.send("slow", held(gate, 1), got.append)
    loop.errands.send("quick", lambda: 2, got.append)
    loop.errands.deliver(loop.messages.get(timeout=10))
    assert got == [2] and loop.errands.waits_for("slow")
    gate.set()
    loop.run()
    assert got == [2, 1]


def test_changes_are_all_carried_out_in_order() -> None:
    loop, done, got = Loop(), list[int](), list[None]()
    for value in range(5):
        loop.errands.queue("annotate", lambda value=value: done.append(value), got.append)  # type: ignore[misc]
    loop.run()
    assert done == [0, 1, 2, 3, 4] and len(got) == 5


def test_what_fails_is_said_or_handed_to_who_asked() -> None:
    loop, failed = Loop(), list[RunspectError]()

    def fail() -> None:
        raise NotFound("no such run")

    def break_down() -> None:
        raise ZeroDivisionError("oops")

    loop.errands.send("a", fail, print)
    loop.run()
    loop.errands.send("b", fail, print, failed.append)
    loop.run()
    loop.errands.send("c", break_down, print)
    loop.run()
    assert loop.said == ["no such run", "unexpected ZeroDivisionError: oops"]
    assert [str(error) for error in failed] == ["no such run"]


def test_after_closing_nothing_is_delivered_and_threads_end() -> None:
    loop, started, gate, got = Loop(), threading.Event(), threading.Event(), list[int]()

    def call() -> int:
        started.set()
        return held(gate, 1)()

    loop.errands.send("closing", call, got.append)
    assert started.wait(10)
    loop.errands.close()
    gate.set()
    loop.errands.deliver(loop.messages.get(timeout=10))
    assert got == []
    for thread in threading.enumerate():
        if thread.name == "errand-closing":
            thread.join(10)
            assert not thread.is_alive()
