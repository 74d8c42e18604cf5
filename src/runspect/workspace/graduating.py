"""Questions about the stages of runs: what their gates say, what was said of them, what came how far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runspect.model import Json
from runspect.workspace.asking import Asking


class Graduating(Asking):
    """Asks how far runs have come."""

    def gate(self, run: str | int, to: str = "", report: Mapping[str, Json] | None = None) -> dict[str, Any]:
        """What the gates before a stage say of a run: rid, uid, name, stage, stages, to, gate (null where none is about it).

        Args:
            to: The next stage where none is named.
            report: {path, size, sha256} of the report that is to be handed in.

        Raises:
            UsageError: There is no such stage.
        """
        handed = None if report is None else dict(report)
        found: dict[str, Any] = json.loads(self._call("gate", run=run, to=to, report=handed).body)
        return found

    def stages(self, run: str | int, show_secrets: bool = False) -> dict[str, Any]:
        """The stage of a run and all that was said of it, oldest first; see `runspect stage --json`."""
        found: dict[str, Any] = json.loads(self._call("stages", run=run, show_secrets=show_secrets).body)
        return found

    def registry(self, show_secrets: bool = False) -> dict[str, Any]:
        """What came beyond the first stage; see `runspect registry --json`."""
        found: dict[str, Any] = json.loads(self._call("registry", show_secrets=show_secrets).body)
        return found

    def next_version(self, model: str) -> int:
        """The number that a new version of a model is to ask for."""
        return int(json.loads(self._call("next_version", model=model).body))
