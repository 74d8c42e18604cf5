"""The last words of Ignite's trainer, told from those of its evaluators.

`ignite.engine.Engine` logs "Engine run starting with max_epochs=4.", "Epoch[4] Complete. Time taken: …" and "Engine run
finished. Time taken: …" for every engine, and an evaluator runs to its end within each epoch of the trainer. The engine that
starts first is the trainer; it ended when its last epoch is complete and the run finished after it. A trainer of a
single epoch cannot be told from an evaluator under the same logger: nothing is said of it.
"""

from __future__ import annotations

import re

from runspect.model import Json

_MARK = "Engine run starting"
"""To be looked for first: the pattern takes its time on logs of other writers, which nearly all are."""
_START = re.compile(r"(?P<logger>[^\n]{0,200}?)Engine run starting with max_epochs=(?P<goal>\d{1,9})\.")
_COMPLETE = re.compile(r"Epoch\[(\d{1,9})\] Complete")
_FINISHED = re.compile(r"Engine run finished\b|Engine run complete\b")
_OF_LOGGER = re.compile(r"(?P<name>[\w.:-]+) (?:DEBUG|INFO):? *$")


def ignite_end(head: str, tail: str) -> dict[str, Json]:
    """`end_state` and `end_reason` where the trainer ran through all its epochs, else nothing."""
    start = _START.search(head) if _MARK in head else None
    if start is None or int(start["goal"]) < 2:
        return {}
    goal, logger = int(start["goal"]), _logger(start["logger"])
    reached = ended = False
    for line in tail.split("\n"):
        if (again := _START.search(line)) and int(again["goal"]) > 1 and _logger(again["logger"]) == logger:
            reached = ended = False
        elif (complete := _COMPLETE.search(line)) and _logger(line[: complete.start()]) == logger:
            reached = int(complete[1]) == goal
        elif reached and (finished := _FINISHED.search(line)) and _logger(line[: finished.start()]) == logger:
            ended = True
    return _told(goal) if ended else {}


def _told(goal: int) -> dict[str, Json]:
    return {"end_state": "finished", "end_reason": f"Ignite says: epoch {goal} of {goal} complete, run finished"}


def _logger(before: str) -> str:
    """The logger's name in front of a message; "" where the format has none."""
    found = _OF_LOGGER.search(before)
    return found["name"] if found else ""
