"""Shared folders: which there are, where annotations go, and what is taken along into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.errors import NotFound
from runspect.pathtext import to_text

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _shared(engine: Requests, call: Call) -> Reply:
    """Where what is said of the runs in each directory of the scope goes."""
    parts = engine.core.parts()
    parts.annotations.look_again()
    found = []
    for directory in call.scope or engine.roots(parts):
        around = parts.folders.around(directory)
        nearest = around[0] if around else None
        found.append(
            {
                "directory": directory,
                "base": nearest.base if nearest else None,
                "journal": to_text(str(nearest.journal if nearest else parts.annotations.home)),
                "also": [folder.base for folder in around[1:]],
                "at_home": parts.annotations.waiting_at_home(nearest.base) if nearest else 0,
                "faults": len(parts.annotations.faults([nearest.base])) if nearest else 0,
            }
        )
    return as_json({"directories": found, "note": parts.annotations.note})


def _take_along(engine: Requests, call: Call) -> Reply:
    """Copy what the user's own journal says of the runs of a directory into its shared folder."""
    parts = engine.core.parts()
    parts.annotations.look_again()
    taken = 0
    for directory in call.scope:
        around = parts.folders.around(directory)
        if not around:
            raise NotFound(f"{directory}: no shared folder is here; `runspect init` makes one")
        taken += parts.annotations.take_along(around[0].base)
    return Reply({"taken": taken})


TABLE: dict[str, Answer] = {"shared": _shared, "take_along": _take_along}
