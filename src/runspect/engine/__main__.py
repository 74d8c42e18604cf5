"""`python -m runspect.engine`: wins the election, opens the door, leaves when nobody needs it. Clients start it."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.engine.call import Call, Reply
from runspect.engine.election import Election
from runspect.engine.garbage import look_rarely
from runspect.engine.log import start_log
from runspect.engine.serve import Server
from runspect.errors import EngineError, IndexFault
from runspect.place import Place, engine_place, host_name
from runspect.protocol import hello
from runspect.without_pandas import leave_pandas_out

if TYPE_CHECKING:
    from runspect.engine.requests import Requests

LOG = logging.getLogger("runspect.engine")

ELECTION_S = 12.0
"""How long to wait for an older engine that is leaving."""
CLOSE_S = 15.0
"""After this long an engine that cannot close its files ends without: the index is safe against that."""
TICK_S = 0.5
NICENESS = 5
SWITCH_S = 0.0005
"""A thread that works does not keep the interpreter longer than this from one that answers: each statement asks for it anew."""
ANSWER_DEADLINE_S = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    """Be the engine until it is time to leave; returns at once when another one is in charge."""
    options = _options(argv)
    place = engine_place() if options.directory is None else _place(options)
    _settle()
    election = Election(place.lock)
    private: Path | None = None
    if not election.win(time.monotonic() + (0.0 if options.connection is not None else ELECTION_S)):
        if options.connection is None:
            return 0
        private = _private_directory(place.directory)
        place = replace(place, directory=private)
        election = Election(place.lock)
        election.win(time.monotonic())
    start_log(place.log)
    code = _Engine(place, election, options.connection).serve()
    if private is not None:
        shutil.rmtree(private, ignore_errors=True)
    return code


class _Engine:
    """The life of one engine, from the won election to the released lock; mutable."""

    def __init__(self, place: Place, election: Election, connection: int | None) -> None:
        self._place = place
        self._election = election
        self._connection = connection
        self._idle_s = float(os.environ.get("RUNSPECT_ENGINE_IDLE_S", "60"))
        self._server = Server(self._answer, self._client_gone, self._stands, place.note)
        self._requests: Requests | None = None
        self._fault = ""
        self._ready = threading.Event()

    def serve(self) -> int:
        signal.signal(signal.SIGTERM, lambda *_: self._server.leaving.set())
        threading.excepthook = self._thread_died
        look_rarely()
        try:
            self._open_door()
        except OSError as error:
            LOG.error("no socket at %s: %s", self._place.socket, error)
            return 1
        LOG.info("runspect %s is the engine of %s", hello()["version"], self._place.directory)
        try:
            self._requests = _load_requests(self._place, self._server)
        except Exception as error:  # a broken installation: told to each client, none waits for it
            LOG.exception("the engine cannot be loaded")
            self._fault = str(error)
        self._ready.set()
        while not self._server.leaving.wait(TICK_S):
            self._tick()
        self._leave()
        return 0

    def _open_door(self) -> None:
        if self._connection is None:
            self._server.listen(self._place.socket)
            self._election.publish(self._place.socket)
        else:
            self._election.publish(None)
            self._server.adopt(socket.socket(fileno=self._connection))

    def _answer(self, call: Call) -> Reply:
        # The door is open before DuckDB is loaded: who asks already waits here.
        if not self._ready.wait(ANSWER_DEADLINE_S):
            raise IndexFault("the engine is still starting")
        if self._requests is None:
            raise EngineError(f"the engine cannot work: {self._fault}")
        return self._requests.answer(call)

    def _thread_died(self, how: threading.ExceptHookArgs) -> None:
        # Half an engine would leave its clients waiting for ever: the next one begins with all its threads.
        LOG.critical(
            "leaving: a thread died", exc_info=(how.exc_type, how.exc_value or how.exc_type(), how.exc_traceback)
        )
        self._server.leaving.set()

    def _stands(self) -> bool:
        """Whether lock, socket and index are still those that others find: they may have been removed or replaced."""
        parts = self._requests.core.opened() if self._requests is not None else None
        return self._election.still_stands() and self._server.is_found() and (parts is None or parts.store.stands())

    def _client_gone(self) -> None:
        if self._requests is not None:
            self._requests.client_gone()

    def _tick(self) -> None:
        alone = self._server.empty_for()
        if alone > (0.0 if self._connection is not None else self._idle_s):
            LOG.info("leaving: no client for %.0f s", alone)
            self._server.leaving.set()
        elif not self._stands():
            LOG.warning("leaving: lock, socket or index in %s was removed or replaced", self._place.directory)
            self._server.leaving.set()
        elif self._requests is not None:
            self._requests.tick()

    def _leave(self) -> None:
        overdue = threading.Timer(CLOSE_S, os._exit, (1,))
        overdue.daemon = True
        overdue.start()
        if self._connection is None:
            self._election.publish(None, self._server.heir)
            self._server.stop_listening()
        self._server.drain()
        if self._requests is not None:
            self._requests.core.close()
        self._election.resign()
        self._server.hang_up()
        LOG.info("left")


def _load_requests(place: Place, server: Server) -> Requests:
    # Here and not at the top: DuckDB and NumPy take longer to load than a client should wait for its hello.
    from runspect.engine.core import Core

    # From here on, and for the threads and workers begun here: indexing gives way to training. The threads that answer
    # requests were begun at the door and do not: a screen waits for them.
    with suppress(OSError, ValueError):
        os.nice(int(os.environ.get("RUNSPECT_NICE", NICENESS)))
    core = Core(place.index, place.journal, host_name(), f"engine@{host_name()}", server.notify)
    with ThreadPoolExecutor(1, thread_name_prefix="runspect-open") as beside:
        opening = beside.submit(core.parts)
        from runspect.engine.requests import Requests  # takes as long as DuckDB needs for its file

        with suppress(IndexFault):  # logged by then, and told to whoever asks
            opening.result()
    return Requests(core, server, place.note)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m runspect.engine", description=__doc__)
    parser.add_argument("--directory", type=Path, help="where lock, index and log lie (default: the usual place)")
    parser.add_argument("--socket", type=Path, help="where clients connect to (default: in the directory)")
    parser.add_argument("--journal", type=Path, action="append", default=[], help="a directory of annotations")
    parser.add_argument("--note", default="", help="why this is not the usual place")
    parser.add_argument("--connection", type=int, help="descriptor of the only client of a private engine")
    return parser.parse_args(argv)


def _place(options: argparse.Namespace) -> Place:
    directory: Path = options.directory
    return Place(directory, options.socket or directory / "engine.sock", tuple(options.journal), options.note)


def _settle() -> None:
    """Leave what belongs to the client that started this process, its terminal and its directory; be small."""
    for kind in (signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, signal.SIG_IGN)
    os.chdir("/")
    os.umask(0o077)
    # NumPy's linear algebra is not used: its threads cost a quarter of the import, here and in each worker
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    leave_pandas_out()
    sys.setswitchinterval(SWITCH_S)


def _private_directory(directory: Path) -> Path:
    """A directory for an engine that cannot be shared beside one that is not ours to reach; dead ones are removed."""
    for old in directory.glob("private-*"):
        election = Election(old / "engine.lock")
        with suppress(OSError):
            if election.win(time.monotonic()):
                shutil.rmtree(old, ignore_errors=True)
                election.resign()
    private = directory / f"private-{secrets.token_hex(4)}"
    private.mkdir(mode=0o700)
    return private


if __name__ == "__main__":
    try:
        exit_code = main()
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        exit_code = error.exit_code
    logging.shutdown()
    # Not `sys.exit`: a reader thread that hangs on a dead network disk must not keep this process alive.
    os._exit(exit_code)
