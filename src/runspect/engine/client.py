"""One client of the engine: its requests, run side by side and cancellable, and the news for it."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict

from runspect.engine.call import Call, Cancelled, Reply
from runspect.errors import AmbiguousRun, EngineError, QueryError, ReaderFault, RunspectError
from runspect.model import Json, Progress
from runspect.protocol import Frame, decode, encode

LOG = logging.getLogger("runspect.engine")

PUSH_EVERY_S = 0.05
RIDS_AT_MOST = 2_000
"""A push that would list more runs says that everything changed."""
SEND_DEADLINE_S = 30
"""A client that reads nothing for so long is stopped (ctrl+z) or broken: it is dropped, and comes back by itself."""
REQUESTS_AT_ONCE = 8

Answer = Callable[[Call], Reply]


class Client:
    """A connection with its threads: one reads requests, some answer them, one sends news; mutable, thread-safe."""

    def __init__(self, connection: socket.socket, answer: Answer, on_gone: Callable[[Client], None]) -> None:
        self.scope: tuple[str, ...] | None = None
        """Directories that this client watches; () for all known roots, None for nothing."""
        self.polls = False
        """It wants them polled, whatever the kernel can watch."""
        self.refused = False
        """It was told that it cannot be served: it does not keep the engine here."""
        self._connection = connection
        self._answer = answer
        self._on_gone = on_gone
        self._sending = threading.Lock()
        self._state = threading.Condition()
        self._running: dict[int, Call] = {}
        self._leaving = False
        self._gone = False
        self._rids: set[int] = set()
        self._everything = False
        self._generation: int | None = None
        self._progress: dict[str, Progress] = {}
        self._pool = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="runspect-request")
        _bound_sending(connection)

    def start(self) -> None:
        """Begin to serve."""
        for name, work in (("client", self._read), ("news", self._send_news)):
            threading.Thread(target=work, name=f"runspect-{name}", daemon=True).start()

    def changed(self, rids: frozenset[int] | None, generation: int) -> None:
        """Note that runs changed (None: everything); sent soon, together with what else changes meanwhile."""
        if self.scope is None:
            return
        with self._state:
            self._generation = generation
            if rids is None or len(self._rids) + len(rids) > RIDS_AT_MOST:
                self._everything = True
            else:
                self._rids |= rids
            self._state.notify_all()

    def progressed(self, progress: Progress, token: str = "") -> None:
        """Note how far the engine is; `token` names the request that it works on, "" is what goes on by itself."""
        if not token and self.scope is None:
            return
        with self._state:
            self._progress[token] = progress
            self._state.notify_all()

    def busy(self) -> bool:
        """Whether an answer is owed."""
        with self._state:
            return bool(self._running)

    def leave(self) -> None:
        """Answer nothing more: what is running is cancelled, and the client will ask the next engine."""
        with self._state:
            self._leaving = True
            running = list(self._running.values())
        for call in running:
            call.cancel()

    def close(self) -> None:
        """Break the connection."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    # Requests.

    def _read(self) -> None:
        stream = self._connection.makefile("rb")
        try:
            while True:
                self._take(decode(_exactly(stream.read)))
        except (OSError, EngineError) as error:
            if not isinstance(error, ConnectionError):
                LOG.warning("a client was dropped: %s", error)
        finally:
            stream.close()
            self._end()

    def _take(self, frame: Frame) -> None:
        if frame.kind == "cancel":
            with self._state:
                call = self._running.get(frame.id)
            if call is not None:
                call.cancel()
        elif frame.kind == "request":
            call = Call(frame.name, frame.args, self)
            with self._state:
                if self._leaving:  # not taken on: the client asks the next engine
                    return
                self._running[frame.id] = call
            self._pool.submit(self._serve, frame.id, call)

    def _serve(self, request: int, call: Call) -> None:
        frame = self._outcome(request, call)
        # What fails because the engine leaves is not answered: the client asks the next engine.
        if not (self._leaving and frame.kind == "error"):
            self._send(frame)
        with self._state:
            self._running.pop(request, None)

    def _outcome(self, request: int, call: Call) -> Frame:
        try:
            reply = self._answer(call)
        except Cancelled:
            return _error_frame(request, EngineError("cancelled"))
        except RunspectError as error:
            return _error_frame(request, error)
        # The request boundary: one faulty request must not end the engine of all the others.
        except Exception as error:
            if not call.cancelled():
                LOG.exception("request %s failed", call.name)
            what = f"{type(error).__name__}: {error}"
            return _error_frame(request, EngineError(f"the engine failed at {call.name} ({what}); see its log"))
        return Frame("reply", request, call.name, reply.args, reply.body_kind, reply.body)

    def _send(self, frame: Frame) -> None:
        try:
            with self._sending:
                self._connection.sendall(encode(frame))
        except OSError:
            self.close()

    def _end(self) -> None:
        with self._state:
            self._gone = True
            running = list(self._running.values())
            self._state.notify_all()
        for call in running:
            call.cancel()
        self.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._sending:
            self._connection.close()
        self._on_gone(self)

    # News.

    def _send_news(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._gone or self._generation is not None or bool(self._progress))
                if self._gone:
                    return
                frames = self._drain()
            for frame in frames:
                self._send(frame)
            time.sleep(PUSH_EVERY_S)

    def _drain(self) -> list[Frame]:
        progress, self._progress = self._progress, {}
        frames = [
            Frame("push", 0, "progress", {"token": token, "progress": asdict(news)})
            for token, news in progress.items()
            if token
        ]
        background = progress.get("")
        if self._generation is not None or background is not None:
            args: dict[str, Json] = {
                "rids": [] if self._everything else sorted(self._rids),
                "everything": self._everything,
                "generation": self._generation or 0,
                "progress": asdict(background) if background else None,
            }
            frames.append(Frame("push", 0, "changed", args))
        self._rids, self._everything, self._generation = set(), False, None
        return frames


def _error_frame(request: int, error: RunspectError) -> Frame:
    args: dict[str, Json] = {"type": _kind(error), "message": str(error), "exit_code": error.exit_code}
    if isinstance(error, QueryError):
        args.update(start=error.start, end=error.end, near=list(error.near))
    elif isinstance(error, AmbiguousRun):
        args.update(text=error.text, candidates=list(error.candidates))
    elif isinstance(error, ReaderFault):
        args.update(offset=error.offset)
    return Frame("error", request, "", args)


def _kind(error: RunspectError) -> str:
    """The name of its class in the tree that clients know."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == RunspectError.__module__)


def _exactly(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def read_exactly(count: int) -> bytes:
        data = read(count) if count else b""
        if len(data) != count:
            raise ConnectionError("the client is gone")
        return data

    return read_exactly


def _bound_sending(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_DEADLINE_S, 0))
