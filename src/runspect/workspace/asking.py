"""Requests to the engine from any thread: how they are sent, signed and repeated, and where its news go."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from runspect.errors import EngineError, QueryError
from runspect.model import Json, Progress, Push
from runspect.pathtext import to_disk, to_text
from runspect.protocol import Frame
from runspect.workspace import answers
from runspect.workspace.link import Link

if TYPE_CHECKING:
    from runspect.views import Views


PushReader = Callable[[Push], None]


class Asking:
    """A link to the engine for a set of directories; what can be asked is in the classes that build on it.

    An engine that dies is found or started again and the call repeated, so every call either answers or raises a
    `RunspectError`.
    """

    def __init__(self, scope: Sequence[Path], *, on_push: PushReader | None, start: bool, client: str | None) -> None:
        self.scope = tuple(to_text(os.path.realpath(directory)) for directory in scope)
        """Real absolute directories; () for all known roots."""
        self.on_push = on_push
        """Called with news from a thread of the workspace's own; it must not block, raise or call the workspace."""
        self._name = client
        self._own = _token(8)
        self._progress: dict[str, Callable[[Progress], None]] = {}
        self._link = Link(os.environ, start=start, on_push=self._news, on_broken=self._broken, on_lost=self._lost)

    @classmethod
    def open(
        cls,
        scope: Sequence[Path],
        *,
        on_push: PushReader | None = None,
        start: bool = True,
        client: str | None = None,
    ) -> Self:
        """A workspace over `scope`. The engine is found or started behind it; the first call waits for that.

        Args:
            scope: Directories; () for all known roots.
            on_push: See the attribute.
            start: False to use only an engine that runs already.
            client: Whose undo it is: workspaces of one user with the same name share one, others have their own.

        Raises:
            EngineError: `start` is False and no engine runs.
        """
        workspace = cls(scope, on_push=on_push, start=start, client=client)
        if not start:
            try:
                workspace._link.connected()
            except EngineError:
                workspace.close()
                raise
        return workspace

    @property
    def note(self) -> str:
        """What the user should know of where the engine keeps its files; "" when all is as usual."""
        return self._link.note

    def watch(self) -> None:
        """Keep the scope indexed and its changes pushed, until the workspace is closed."""
        self._link.watch(self.scope)

    def sync(self, on_progress: Callable[[Progress], None] | None = None) -> int:
        """Bring the index up to date with the disk; returns the number of runs in scope."""
        token = _token(4)
        if on_progress is not None:
            self._progress[token] = on_progress
        try:
            return int(self._ask("sync", token=token)["runs"])
        finally:
            self._progress.pop(token, None)

    def status(self) -> dict[str, Json]:
        """What the engine says of itself."""
        found: dict[str, Json] = self._json("status")
        return found

    def stop_engine(self) -> None:
        """Make the engine leave; returns when it has closed its files."""
        self._link.stop()

    def close(self) -> None:
        """End the link; a call that waits in another thread raises."""
        self._link.close()

    def views(self) -> Views:
        """The saved views for the scope: the user's own, and those that lie beside the runs."""
        # most commands name no view, and reading TOML takes a while to import
        from runspect.views import find_views

        return find_views(map(to_disk, self.scope), os.environ)

    def _call(self, name: str, **args: Json) -> Frame:
        return self._link.call(name, {"scope": list(self.scope), **args})

    def _queried(self, name: str, query: str, **args: Json) -> Frame:
        """A call with a query in which saved views may be named; its faults point at what was typed."""
        if "@" not in query:
            return self._call(name, query=query, **args)
        from runspect.workspace.viewing import expand

        expanded = expand(query, self.views)
        try:
            return self._call(name, query=expanded.text, **args)
        except QueryError as error:
            start, end = expanded.typed(error.start), expanded.typed(error.end, end=True)
            raise QueryError(str(error), start, end, error.near) from error

    def _ask(self, name: str, **args: Json) -> dict[str, Json]:
        return self._call(name, **args).args

    def _json(self, name: str, **args: Json) -> Json:
        return json.loads(self._call(name, **args).body)

    def _signed(self) -> dict[str, Json]:
        # Made once for each call: a repeat after a broken link carries the same id and does nothing twice.
        return {"op_id": _token(12), "client": self._client, "who": _who()}

    @property
    def _client(self) -> str:
        """Whose undo it is."""
        return f"{self._name}:{_who()}" if self._name else self._own

    def _news(self, frame: Frame) -> None:
        push = answers.push_from(frame.args)
        report = self._progress.get(str(frame.args.get("token", "")))
        if report is not None and push.progress is not None:
            report(push.progress)
        elif self.on_push is not None:
            self.on_push(push)

    def _broken(self) -> None:
        if self.on_push is not None:
            self.on_push(Push(broken=True))

    def _lost(self) -> None:
        if self.on_push is not None:
            self.on_push(Push(lost=True, everything=True))


def _token(count: int) -> str:
    """So many random bytes in hexadecimal; `secrets` takes longer to import than a short command may."""
    return os.urandom(count).hex()


@cache
def _who() -> str:
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
