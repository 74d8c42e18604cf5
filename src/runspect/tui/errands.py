"""Blocking calls off the event loop: one daemon thread a group, newest request first, stale answers dropped.

Textual's own thread workers share a small pool and hold up the exit; a call that waits for a lost engine would do both.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from textual.message import Message

from runspect.dataclass import dataclass, field
from runspect.errors import RunspectError

Call = Callable[[], Any]
Done = Callable[[Any], None]
Failed = Callable[[RunspectError], None]


@dataclass
class Finished(Message):
    """An errand is back; its answer waits in `Errands` under this group and number."""

    group: str
    number: int
    answer: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class _Group:
    """One thread's work: what waits, and the number of the newest request."""

    waiting: deque[tuple[int, Call]] = field(default_factory=deque)
    wake: threading.Condition = field(default_factory=threading.Condition)
    newest: int = 0
    keeps_all: bool = False
    running: bool = False


class Errands:
    """Sends calls away and hands their answers out again; used from the event loop only.

    `post` is a widget's `post_message`; that widget gives `Finished` back to `deliver`.
    """

    def __init__(self, post: Callable[[Message], bool], complain: Callable[[str], None]) -> None:
        self._post = post
        self._complain = complain
        self._groups: dict[str, _Group] = {}
        self._expected: dict[tuple[str, int], tuple[Done, Failed | None]] = {}
        self._closed = False

    def send(self, group: str, call: Call, done: Done, failed: Failed | None = None) -> None:
        """Run `call` in the group's thread, then `done` or `failed` here. What still waits in the group is dropped."""
        self._put(group, call, done, failed, keep=False)

    def queue(self, group: str, call: Call, done: Done, failed: Failed | None = None) -> None:
        """Like `send`, but nothing of the group is ever dropped: for changes that the user made."""
        self._put(group, call, done, failed, keep=True)

    def drop(self, group: str) -> None:
        """Ignore whatever the group still brings."""
        state = self._groups.get(group)
        if state is not None:
            with state.wake:
                state.waiting.clear()
                state.newest += 1
            self._forget(group, keep=-1)

    def deliver(self, message: Finished) -> None:
        """Hand an answer to whoever asked, unless a newer question was asked since."""
        expected = self._expected.pop((message.group, message.number), None)
        if expected is None or self._closed:
            return
        done, failed = expected
        if message.error is None:
            done(message.answer)
        elif isinstance(message.error, RunspectError):
            (failed or self._say)(message.error)
        else:
            self._complain(f"unexpected {type(message.error).__name__}: {message.error}")

    def waits_for(self, group: str) -> bool:
        """Whether an answer of the group is still expected: who asks again and again waits, or would never get one."""
        return any(name == group for name, _ in self._expected)

    @property
    def busy(self) -> bool:
        """Whether an answer is still expected."""
        return bool(self._expected)

    def close(self) -> None:
        """Let the threads end; what they still bring is ignored."""
        self._closed = True
        for state in self._groups.values():
            with state.wake:
                state.waiting.clear()
                state.newest = -1
                state.wake.notify()

    def _put(self, group: str, call: Call, done: Done, failed: Failed | None, *, keep: bool) -> None:
        if self._closed:
            return
        state = self._groups.get(group)
        if state is None:
            state = self._groups[group] = _Group(keeps_all=keep)
            threading.Thread(target=self._serve, args=(group, state), name=f"errand-{group}", daemon=True).start()
        with state.wake:
            state.newest += 1
            number = state.newest
            if not keep:
                state.waiting.clear()
            state.waiting.append((number, call))
            state.wake.notify()
        if not keep:
            self._forget(group, keep=number)
        self._expected[group, number] = (done, failed)

    def _forget(self, group: str, keep: int) -> None:
        for key in [key for key in self._expected if key[0] == group and key[1] != keep]:
            del self._expected[key]

    def _serve(self, group: str, state: _Group) -> None:
        while True:
            with state.wake:
                while not state.waiting and state.newest >= 0:
                    state.wake.wait()
                if state.newest < 0:
                    return
                number, call = state.waiting.popleft()
            answer, error = None, None
            try:
                answer = call()
            except Exception as caught:  # noqa: BLE001 - the boundary of the screen: it stays up and says what happened
                error = caught
            if not self._post(Finished(group, number, answer, error)):
                return

    def _say(self, error: RunspectError) -> None:
        self._complain(str(error))
