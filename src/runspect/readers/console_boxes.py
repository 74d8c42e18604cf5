"""Boxes of names and values on consoles, one a report, as the loggers of RL libraries print them.

---------------------------------
| rollout/           |          |
|    ep_rew_mean     | 21.5     |
| time/              |          |
|    total_timesteps | 2048     |
---------------------------------
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runspect.readers.console_text import quantity

MOST_BOXED = 200
"""Lines of a box; more is none."""
INDENT = "  "
"""Before the names of a section."""
_STEPS = (
    *("time/total_timesteps", "total_timesteps", "misc/total_timesteps", "totaltimesteps", "timestepssofar"),
    *(
        "totalenvinteracts",
        "total_env_steps",
        "env_steps",
        "num_timesteps",
        "serial_timesteps",
        "misc/serial_timesteps",
    ),
    *(
        "steps",
        "step",
        "total steps",
        "iteration",
        "iterations",
        "time/iterations",
        "epoch",
        "nupdates",
        "misc/nupdates",
    ),
)
"""Names of the step, the best ones first: the environment's steps, under the names that libraries gave them."""


def boxed_values(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """The values of a box by name, a section before the names in it; what is no number is left out.

    Args:
        rows: (section,) or (name with its indent, value).
    """
    found: dict[str, float] = {}
    section = ""
    for first, *rest in rows:
        if not rest:
            section = first.strip()
            continue
        name = first.strip()
        value = quantity(rest[0].strip()) if name else None
        if value is not None:
            found[section + name if first.startswith(INDENT) else name] = value
    return found


def boxed_step(values: Mapping[str, float]) -> int | None:
    """The step that a box names; None: it names none."""
    lower = {name.lower(): value for name, value in values.items()}
    named = (lower[name] for name in _STEPS if name in lower)
    return next((int(value) for value in named if value == value and 0 <= value < 2**53), None)
