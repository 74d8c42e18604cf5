"""What is known of where a run came from, what is missing for a rebuild, and what would close each gap: a pure function.

Any tool's run has the same facts (`runspect.model.FACTS`); the number is that of the column `provenance`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping

from runspect.columns.origins import commit
from runspect.columns.provenance import DATASET, FULL, PARTS, WEIGHTS, is_seed, score, share, signs
from runspect.dataclass import dataclass
from runspect.masking import printable
from runspect.model import Json

RECORD = "start it with `runspect record`"
LONGEST = 120
"""Characters of a value that are told."""

Values = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the seven questions."""

    name: str
    weight: int
    share: int
    """Percent of it that is known."""
    known: str
    """What is known; "" for nothing."""
    gap: str
    """What is missing; "" for nothing."""
    closes: str
    """What would close the gap, of the next run."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """All of them."""

    score: int
    """0 to 100."""
    parts: tuple[Part, ...]

    def as_json(self) -> dict[str, Json]:
        """As `show --json` has it."""
        return {
            "score": self.score,
            "parts": [
                {
                    "part": part.name, "weight": part.weight, "percent": part.share, "known": part.known or None,
                    "gap": part.gap or None, "closes": part.closes or None,
                }
                for part in self.parts
            ],
        }  # fmt: skip


def provenance(
    facts: Values, params: Values, dataset_keys: Collection[str], weights: Mapping[str, int] = WEIGHTS
) -> Provenance:
    """Judge a run by its facts and params."""
    found = signs(_written(facts), _written(params), dataset_keys)
    parts = []
    for name in PARTS:
        percent = share(name, found)
        gap, closes = ("", "") if percent == FULL else GAPS[name](found)
        known = printable(_KNOWN[name](facts, params, dataset_keys, found))
        shown = known if len(known) <= LONGEST else f"{known[: LONGEST - 1]}…"
        parts.append(Part(name, weights[name], percent, shown, gap, closes))
    return Provenance(score(found, weights), tuple(parts))


def _written(values: Values) -> dict[str, str]:
    return {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}


Signs = frozenset[str]


def _no_commit(found: Signs) -> tuple[str, str]:
    return "no commit is recorded", f"{RECORD} in a git repository, or turn on what your tool records of git"


def _no_changes(found: Signs) -> tuple[str, str]:
    closes = f"commit before the run, or {RECORD}, which keeps the patch"
    if "dirty" in found:
        return "there were uncommitted changes, and no patch was kept", closes
    if "commit" in found:
        return "whether anything was uncommitted is not recorded", f"{RECORD}, which keeps the patch"
    return "without a commit nobody can tell what was changed", closes


def _no_packages(found: Signs) -> tuple[str, str]:
    closes = f"{RECORD}, which lists the packages of its Python, or let your tool save requirements.txt"
    return (
        "only the version of Python is recorded, no packages" if "python" in found else "no packages are recorded",
        closes,
    )


def _no_data(found: Signs) -> tuple[str, str]:
    if DATASET in found:
        return "the data set is named, without a version or digest", f"{RECORD} --data PATH, which keeps a digest"
    return (
        "no data set is recorded",
        f"{RECORD} --data PATH, or log a param that `[dataset] keys` of runspect.toml names",
    )


def _no_seed(found: Signs) -> tuple[str, str]:
    return "no seed is recorded", "seed the program and log it as a param, or pass it as --seed N"


def _no_command(found: Signs) -> tuple[str, str]:
    closes = f"{RECORD}, which keeps the command line"
    if "program" in found:
        return "the program is recorded without its arguments", closes
    return "the arguments are recorded without the program" if "args" in found else "no command is recorded", closes


def _no_hardware(found: Signs) -> tuple[str, str]:
    closes = f"{RECORD}, which asks for processor and GPUs"
    return "the machine is named, not what it is" if "machine" in found else "no hardware is recorded", closes


GAPS: Mapping[str, Callable[[Signs], tuple[str, str]]] = {
    "commit": _no_commit, "changes": _no_changes, "environment": _no_packages, "data": _no_data, "seed": _no_seed,
    "command": _no_command, "hardware": _no_hardware,
}  # fmt: skip
"""By part: (what is missing, what would close it) where these signs are all that is known."""


def _commit(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    fact = facts.get("git_commit")
    told = commit(
        fact if isinstance(fact, str) else None,
        {
            key.rpartition(".")[2].rpartition("/")[2].lower(): value
            for key, value in params.items()
            if isinstance(value, str)
        },
    )
    branch = facts.get("git_branch")
    return f"{told} on {branch}" if told and isinstance(branch, str) and branch else told or ""


def _changes(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    if "patch" in found:
        return f"patch in {facts['git_patch']}"
    return "uncommitted changes" if "dirty" in found else "nothing uncommitted" if "clean" in found else ""


def _environment(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    python = f"Python {facts['python']}" if "python" in found else ""
    return ", ".join(
        text for text in (python, f"packages in {facts['packages']}" if "packages" in found else "") if text
    )


def _data(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    named = (value for key in keys for value in (params.get(key), facts.get(key)) if isinstance(value, str) and value)
    listed = facts.get("data")
    digests = (
        [str(each.get("sha256"))[:16] for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    version = str(facts["dataset_version"]) if "version" in found else ", ".join(digests)
    return "  ".join(text for text in (next(named, ""), version) if text)


def _seed(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    if "seed" not in found:
        return ""
    told = facts.get("seed", facts.get("seeds"))
    return str(next((value for key, value in params.items() if is_seed(key)), "")) if told is None else str(told)


def _command(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    args = facts.get("args")
    words = [str(arg) for arg in args] if isinstance(args, list) else [str(args)] if args else []
    return str(facts["command"]) if "command" in found else " ".join([str(facts.get("program") or ""), *words]).strip()


def _hardware(facts: Values, params: Values, keys: Collection[str], found: Signs) -> str:
    many = facts.get("gpu_count")
    gpu = f"{many} x {facts.get('gpu')}" if facts.get("gpu") and many not in (None, 1) else facts.get("gpu")
    return str(gpu or facts.get("cpu") or facts.get("host") or facts.get("os") or "")


_KNOWN: Mapping[str, Callable[[Values, Values, Collection[str], Signs], str]] = {
    "commit": _commit, "changes": _changes, "environment": _environment, "data": _data, "seed": _seed,
    "command": _command, "hardware": _hardware,
}  # fmt: skip
