"""The client's end of the link to the engine: found again by itself when it breaks."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from runspect.dataclass import dataclass, field
from runspect.errors import EngineError, RunspectError
from runspect.model import Json
from runspect.protocol import WATCH_SETTING, Frame, decode, encode, hello
from runspect.workspace.faults import fault
from runspect.workspace.starting import find, reach
from runspect.workspace.wire import await_end, exchange, hang_up, reader

QUICK_S = 10.0
QUICK_BREAKS = 10
"""A request after which the engine broke so quickly so many times in a row is taken for what breaks it."""
HELLO_DEADLINE_S = 20.0
RETRY_S = (0.2, 1.0, 5.0, 30.0)
"""Waits between attempts to find the engine again while nobody waits for an answer."""


@dataclass(slots=True, eq=False)
class _Waiter:
    answered: threading.Event = field(default_factory=threading.Event)
    frame: Frame | None = None
    """The reply or error; None when the link broke."""


class Link:
    """One client's connection, with a thread that reads replies and pushes; thread-safe."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        start: bool,
        on_push: Callable[[Frame], None],
        on_broken: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Called from the reading thread; they must neither block nor raise.

        Args:
            on_broken: The link broke; it is made anew when somebody wants it.
            on_lost: It has been made anew: what was pushed meanwhile is lost.
        """
        self._environ = dict(environ)
        self._start = start
        self._on_push = on_push
        self._on_broken = on_broken
        self._on_lost = on_lost
        self._state = threading.Condition()
        self._sending = threading.Lock()
        self._socket: socket.socket | None = None
        self._greeting: socket.socket | None = None
        """The connection over which hello is being said."""
        self._fault: RunspectError | None = None
        self._waiters: dict[int, _Waiter] = {}
        self._next_id = 0
        self._wanted = start
        self._resident = False
        self._closed = False
        self._watched: tuple[str, ...] | None = None
        self.engine: dict[str, Json] = {}
        """What the engine said in its hello."""
        self.note = ""
        """What the user should know of where the engine is; "" when all is as usual."""
        self._thread = threading.Thread(target=self._live, name="runspect-link", daemon=True)
        self._thread.start()

    def call(self, name: str, args: Mapping[str, Json]) -> Frame:
        """Send a request and wait for its reply; it is repeated when the engine dies before it answers.

        Raises:
            RunspectError: What the engine answered, or that there is none.
        """
        quick_breaks = 0
        while quick_breaks < QUICK_BREAKS:
            sent = time.monotonic()
            frame = self._attempt(name, dict(args))
            if frame is None:
                quick_breaks = quick_breaks + 1 if time.monotonic() - sent < QUICK_S else 0
            elif frame.kind == "error":
                raise fault(frame.args)
            else:
                return frame
        raise EngineError(f"the engine broke {QUICK_BREAKS} times at {name!r}; `runspect engine log` tells more")

    def watch(self, scope: Sequence[str]) -> None:
        """Keep `scope` watched, also by the engines that come after this one."""
        self._watched = tuple(scope)
        self._resident = True
        self.call("watch", self._watch_args(scope))

    def connected(self) -> None:
        """Wait for the connection.

        Raises:
            EngineError: There is none.
        """
        with self._state:
            self._await_connection()

    def stop(self) -> None:
        """Make the engine leave and wait until it has; none is started again before the next request."""
        self._resident = False
        self.call("stop", {})
        with self._state:
            self._state.wait_for(lambda: self._socket is None)

    def close(self) -> None:
        """Break the link and end its thread."""
        with self._state:
            self._closed = True
            connections = (self._socket, self._greeting)
            self._state.notify_all()
        for connection in connections:
            if connection is not None:
                hang_up(connection)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # The side of the callers.

    def _attempt(self, name: str, args: dict[str, Json]) -> Frame | None:
        waiter = _Waiter()
        connection, request = self._enlist(waiter)
        try:
            self._send(connection, Frame("request", request, name, args))
            waiter.answered.wait()
        except BaseException:
            self._cancel(connection, request)
            raise
        finally:
            with self._state:
                self._waiters.pop(request, None)
        return waiter.frame

    def _enlist(self, waiter: _Waiter) -> tuple[socket.socket, int]:
        with self._state:
            connection = self._await_connection()
            self._next_id += 1
            self._waiters[self._next_id] = waiter
            return connection, self._next_id

    def _await_connection(self) -> socket.socket:
        if self._socket is None:
            self._fault = None
        self._state.wait_for(self._is_decided)
        if self._closed:
            raise EngineError("this workspace is closed")
        if self._socket is None:
            raise self._fault or EngineError("no engine is running")
        return self._socket

    def _is_decided(self) -> bool:
        """Whether there is a connection, or will be none; asks for one, again where it broke before anybody saw it."""
        if self._socket is not None or self._fault is not None or self._closed:
            return True
        if not self._wanted:
            self._wanted = True
            self._state.notify_all()
        return False

    def _send(self, connection: socket.socket, frame: Frame) -> None:
        try:
            with self._sending:
                connection.sendall(encode(frame))
        except OSError:
            # The reading thread sees the same break and answers for all that wait.
            hang_up(connection)

    def _cancel(self, connection: socket.socket, request: int) -> None:
        self._send(connection, Frame("cancel", request, ""))

    # The side of the thread.

    def _live(self) -> None:
        try:
            self._keep_connected()
        finally:
            # Whatever ended this thread: nobody may wait for it any more.
            with self._state:
                self._closed = True
                for waiter in self._waiters.values():
                    waiter.answered.set()
                self._state.notify_all()

    def _keep_connected(self) -> None:
        broke = False
        failures = 0
        while self._wait_until_wanted(failures):
            try:
                connection = self._connect()
            except RunspectError as error:
                self._give_up(error)
                failures += 1
                continue
            failures = 0
            self._open_to_callers(connection)
            if broke:
                self._on_lost()
            self._read(connection)
            broke = True
            self._forget(connection)
            if not self._closed:
                self._on_broken()

    def _wait_until_wanted(self, failures: int) -> bool:
        pause = RETRY_S[min(failures, len(RETRY_S)) - 1] if failures else 0.0
        with self._state:
            if self._resident and not self._wanted and pause:
                self._state.wait_for(lambda: self._wanted or self._closed, pause)
            self._state.wait_for(lambda: self._wanted or self._resident or self._closed)
            return not self._closed

    def _connect(self) -> socket.socket:
        """A connection over which hello was said and the watch repeated."""
        deadline = time.monotonic() + HELLO_DEADLINE_S
        while time.monotonic() < deadline and not self._closed:
            if self._start:
                reached = reach(self._environ, lambda: self._closed)
                connection, note = reached.connection, reached.note
            else:
                found = find(self._environ)
                if found is None:
                    raise EngineError("no engine is running")
                connection, note = found, ""
            try:
                self._greeting = connection
                if self._introduce(connection, deadline):
                    self.note = note or str(self.engine.get("note", ""))
                    return connection
            except (OSError, EngineError) as error:
                hang_up(connection)
                connection.close()
                if isinstance(error, EngineError):
                    raise
            time.sleep(0.02)
        raise EngineError("the engine does not answer; `runspect engine log` tells more")

    def _introduce(self, connection: socket.socket, deadline: float) -> bool:
        """Say hello and repeat the watch; False when the engine leaves and another one is to be found."""
        connection.settimeout(max(0.1, deadline - time.monotonic()))
        said = {**hello(), "client": f"{os.getpid()}"}
        answer = exchange(connection, Frame("request", 0, "hello", said))
        if answer.kind == "error":
            raise fault(answer.args)
        if answer.args.get("leaving"):
            await_end(connection)
            connection.close()
            return False
        self.engine = answer.args
        if self._watched is not None:
            connection.sendall(encode(Frame("request", 0, "watch", self._watch_args(self._watched))))
        connection.settimeout(None)
        return True

    def _watch_args(self, scope: Sequence[str]) -> dict[str, Json]:
        # The engine may run already, in another environment than this client's.
        return {"scope": list(scope), "poll": self._environ.get(WATCH_SETTING) == "poll"}

    def _open_to_callers(self, connection: socket.socket) -> None:
        with self._state:
            self._socket = connection
            self._wanted = False
            self._state.notify_all()
            if self._closed:
                hang_up(connection)

    def _read(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        try:
            while True:
                frame = decode(reader(stream.read))
                if frame.kind == "push":
                    self._on_push(frame)
                elif waiter := self._waiters.get(frame.id):
                    waiter.frame = frame
                    waiter.answered.set()
        except (OSError, EngineError):
            hang_up(connection)
        finally:
            stream.close()

    def _forget(self, connection: socket.socket) -> None:
        with self._state:
            self._socket = None
            broken = [waiter for waiter in self._waiters.values() if waiter.frame is None]
            for waiter in self._waiters.values():
                waiter.answered.set()
            if broken:
                self._wanted = True
            self._state.notify_all()
        with self._sending:
            connection.close()

    def _give_up(self, error: RunspectError) -> None:
        with self._state:
            self._fault = error
            self._wanted = False
            self._state.notify_all()
