"""The engine's door: accepts clients, greets them by version, tells them the news, and knows when to leave."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from runspect.engine.call import Call, Reply
from runspect.engine.client import Client
from runspect.errors import EngineError, EngineTooNew, RunspectError
from runspect.model import Json, Progress
from runspect.protocol import hello, numbers

LOG = logging.getLogger("runspect.engine")

BACKLOG = 64
DRAIN_S = 5.0


class Server:
    """Holds the listening socket and the clients; mutable, thread-safe."""

    def __init__(
        self, answer: Callable[[Call], Reply], on_gone: Callable[[], None], stands: Callable[[], bool], note: str = ""
    ) -> None:
        """`answer` answers all requests but hello and stop; `on_gone` is called when a client has left.

        `stands` says whether this engine's files are still those that others find.
        """
        self.leaving = threading.Event()
        """Set when the engine is to leave."""
        self.heir = ""
        """The version of the newer client that the engine makes way for."""
        self._note = note
        self._answer = answer
        self._on_gone = on_gone
        self._stands = stands
        self._clients: set[Client] = set()
        self._state = threading.Condition()
        self._listener: socket.socket | None = None
        self._path: Path | None = None
        self._bound: os.stat_result | None = None
        self._empty_since = time.monotonic()
        self._generation = time.time_ns() // 1_000_000

    def listen(self, path: Path) -> None:
        """Take connections at `path`. Only the holder of the election's lock may call this: it replaces a dead socket.

        Raises:
            OSError: No socket can be made there.
        """
        with suppress(FileNotFoundError):
            path.unlink()
        listener = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(BACKLOG)
        self._listener, self._path, self._bound = listener, path, path.lstat()
        threading.Thread(target=self._accept, args=(listener,), name="runspect-accept", daemon=True).start()

    def adopt(self, connection: socket.socket) -> None:
        """Serve a client that is connected already."""
        client = Client(connection, self._serve, self._forget)
        with self._state:
            self._clients.add(client)
        client.start()

    def empty_for(self) -> float:
        """Seconds since the last client left; 0 while there is one."""
        with self._state:
            return 0.0 if self._clients else time.monotonic() - self._empty_since

    def clients(self) -> int:
        """How many clients are connected."""
        with self._state:
            return len(self._clients)

    def scopes(self) -> list[tuple[str, ...]]:
        """What the clients watch."""
        with self._state:
            return [client.scope for client in self._clients if client.scope is not None]

    def polled(self) -> list[tuple[str, ...]]:
        """What of it is to be polled."""
        with self._state:
            return [client.scope for client in self._clients if client.scope is not None and client.polls]

    def notify(self, rids: frozenset[int] | None, progress: Progress | None) -> None:
        """Tell every watching client which runs changed and how far the engine is; (None, None) is everything."""
        with self._state:
            clients = list(self._clients)
            changed = bool(rids) or (rids is None and progress is None)
            self._generation += changed
            generation = self._generation
        for client in clients:
            if changed:
                client.changed(rids, generation)
            if progress is not None:
                client.progressed(progress)

    def is_found(self) -> bool:
        """Whether who connects to the socket's path comes here; true where nobody can."""
        if self._path is None or self._bound is None:
            return True
        try:
            return os.path.samestat(self._path.lstat(), self._bound)
        except OSError:
            return False

    def stop_listening(self) -> None:
        """Take no new clients: they find the next engine, or start it."""
        if self._listener is not None and self._path is not None:
            if self.is_found():  # and not the next engine's
                with suppress(OSError):
                    self._path.unlink()
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def drain(self) -> None:
        """Let short requests end, cancel the long ones."""
        with self._state:
            clients = list(self._clients)
        deadline = time.monotonic() + DRAIN_S
        for client in clients:
            client.leave()
        while any(client.busy() for client in clients) and time.monotonic() < deadline:
            time.sleep(0.01)

    def hang_up(self) -> None:
        """Break all connections: to the clients it means that this engine has closed its files."""
        with self._state:
            clients = list(self._clients)
        for client in clients:
            client.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError as error:
                if self._listener is None or self.leaving.is_set():
                    return
                LOG.warning("a client could not be accepted: %s", error)
                time.sleep(0.1)
                continue
            self.adopt(connection)

    def _forget(self, client: Client) -> None:
        with self._state:
            self._clients.discard(client)
            if not client.refused:
                self._empty_since = time.monotonic()
        if client.scope is not None and not self.leaving.is_set():
            self._on_gone()

    def _serve(self, call: Call) -> Reply:
        if not self._stands():
            self.leaving.set()
        if call.name == "hello":
            call.client.refused = True
            greeting = self._greet(call)
            call.client.refused = False
            return Reply(greeting)
        if call.name == "stop":
            self.leaving.set()
            return Reply()
        try:
            if not self._stands():
                raise EngineError("the engine's files were removed")
            return self._answer(call)
        except RunspectError:
            if not self._stands():
                self.leaving.set()
                call.client.leave()  # so that this is not the answer: the client asks the next engine
            raise

    def _greet(self, call: Call) -> dict[str, Json]:
        mine = {**hello(), "pid": os.getpid(), "note": self._note}
        if self._makes_way(call, mine):
            self.heir = str(call.args.get("version"))
            LOG.info("leaving for runspect %s", self.heir)
            self.leaving.set()
        if self.leaving.is_set():
            mine["leaving"] = True
        return mine

    def _makes_way(self, call: Call, mine: dict[str, Json]) -> bool:
        theirs, ours = _age(call.args), _age(mine)
        if theirs < ours:
            raise EngineTooNew(
                f"the running engine is runspect {mine['version']}, this is {call.args.get('version') or 'older'}: "
                "update this one, or end the engine with the newer one's `runspect engine stop`"
            )
        if theirs == ours and call.args.get("schema") != mine["schema"] and self.clients() > 1:
            # Two builds of one version would replace each other's engine for ever.
            raise EngineError(
                f"another build of runspect {mine['version']} is in use, whose index differs: close its screens first"
            )
        return theirs > ours or call.args.get("schema") != mine["schema"]


def _age(greeting: Mapping[str, Json]) -> tuple[int, tuple[int, ...]]:
    protocol = greeting.get("protocol")
    return protocol if isinstance(protocol, int) else 0, numbers(str(greeting.get("version", "")))
