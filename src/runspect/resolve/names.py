"""Default names of runs: short, from the path, saying something, distinct where possible.

The index keeps names that are distinct in the whole watched tree. Who asks for a directory within it gets those that the
directory alone would give (`index.reads.called`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from runspect.resolve.paths import parent

_SAYS_NOTHING = re.compile(
    r"""(?: version | run | seed | fold | trial )?[_-]?\d*                                    # version_0, run3, 12
      | train(?:ing)?\d* | validation | val | valid | eval(?:uation)? | test\d* | dev | predict\d*
      | runs? | logs? | tb | tensorboard | tb_logs | tf_logs | events? | metrics | summar(?:y|ies) | csv
      | outputs? | results? | checkpoints? | model | lightning_logs | wandb | files | vis_data | catboost_info
      | checkpoint-\d+ | epoch[=_-]?\d+ | latest(?:-run)?
      | \d{4}-\d{2}-\d{2} | \d{2}-\d{2}-\d{2} | \d{8}[_-]\d{6} | \d{9,}(?:\.\d+)?""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}-\d{2}-\d{2}")
_MOST_PARTS = 4


def plain_name(root: str, label: str = "") -> str:
    """The last name of a path, with the names above it as long as the first one says nothing.

    A date is enough in front of a time: "2026-11-23/13-51-10". The walked root itself is ".".
    """
    parts = (label or root).split("/")
    taken = [parts.pop()]
    while parts and len(taken) < _MOST_PARTS and _SAYS_NOTHING.fullmatch(taken[0]):
        if _DATE.fullmatch(taken[0]) and len(taken) > 1:
            break
        taken.insert(0, parts.pop())
    return "/".join(taken)


def distinct(runs: Sequence[tuple[str, str, str]]) -> list[str]:
    """Lengthen equal names by the directories above until they differ; each run is (root, label, name)."""
    names = [name for _, _, name in runs]
    paths = [label or root for root, label, _ in runs]
    longer = True
    while longer:
        longer = False
        counts = Counter(names)
        for index, name in enumerate(names):
            if counts[name] > 1 and name != paths[index] and paths[index].endswith("/" + name):
                depth = name.count("/") + 2
                names[index] = "/".join(paths[index].split("/")[-depth:])
                longer = True
    return names


def group_of(root: str) -> str | None:
    """The sweep that a Hydra job belongs to: `multirun/<date>/<time>`, or all below a `multirun` directory."""
    parts = root.split("/")
    if "multirun" in parts[:-1]:
        start = len(parts) - 1 - parts[::-1].index("multirun")
        dated = start + 1
        if len(parts) > dated + 2 and _DATE.fullmatch(parts[dated]) and _TIME.fullmatch(parts[dated + 1]):
            return "/".join(parts[: dated + 2])
        return "/".join(parts[:dated])
    above = parent(root)
    if parts[-1].isdigit() and _TIME.fullmatch(above.rpartition("/")[2]):
        return above
    return None
