"""Model versions: numbers that count up by the name of the model, and the registry that is made of them.

**The number.** Whoever promotes a run asks for the number behind the newest that he knows. The journal has one order of all
its lines, whoever wrote them where: in this order each model gets the number that it asked for, or, where an earlier line
has it, the next one that is free. So two people who promote at once without seeing each other get two numbers, all readers
agree on which, and the earlier of them keeps what he was told. The same file under the same name is the same version, in
whatever stage; a number is never given again, not even after its promotion was taken back.

Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runspect.dataclass import dataclass, field
from runspect.model import Json


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the journal about the stage of a run."""

    rid: int
    who: str
    when: float
    """Seconds since 1970."""
    value: Mapping[str, Json] | None
    """What was said; None where it was taken back."""
    uid: str = ""
    """What the run was called by."""

    @property
    def model(self) -> Mapping[str, Json] | None:
        """The model that was told of: name, path, size, sha256."""
        told = (self.value or {}).get("model")
        return told if isinstance(told, dict) and isinstance(told.get("name"), str) and told["name"] else None


@dataclass(frozen=True, slots=True)
class Versions:
    """The number of each model that was ever promoted."""

    of: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By the name and what tells the files apart (`key_of`)."""

    def number(self, said: Said) -> int | None:
        """That of the model in a line; None where the line tells of none."""
        model = said.model
        return None if model is None else self.of.get((str(model["name"]), key_of(model, said.uid)))

    def next(self, name: str) -> int:
        """The number that a new model of this name is to ask for."""
        return 1 + max((number for (known, _), number in self.of.items() if known == name), default=0)


def key_of(model: Mapping[str, Json], uid: str) -> str:
    """What tells two files of one model apart: the digest, else the run and the path."""
    digest = model.get("sha256")
    return str(digest) if isinstance(digest, str) and digest else f"{uid} {model.get('path') or ''}"


def gate_of(value: Mapping[str, Json]) -> Json:
    """What the gate said, as it was kept; None where that is nothing that this program wrote."""
    gate = value.get("gate")
    return gate if isinstance(gate, dict) and all(isinstance(gate.get(key), int) for key in ("passed", "of")) else None


def versions(lines: Iterable[Said]) -> Versions:
    """The numbers of all models; `lines` are all lines about stages in the order of the journal."""
    found: dict[tuple[str, str], int] = {}
    taken: dict[str, set[int]] = {}
    for said in lines:
        model = said.model
        if model is None:
            continue
        name = str(model["name"])
        if (key := (name, key_of(model, said.uid))) in found:
            continue
        asked = (said.value or {}).get("version")
        number = asked if isinstance(asked, int) and not isinstance(asked, bool) and asked > 0 else 1
        held = taken.setdefault(name, set())
        while number in held:
            number += 1
        found[key] = number
        held.add(number)
    return Versions(found)


def history(lines: Sequence[Said], stages: Sequence[str], known: Versions) -> list[dict[str, Json]]:
    """What was said of one run, oldest first: [{when (seconds), who, from, stage, why, gate, forced, report, model, version,
    taken_back}]; what an undo put into force again is told like the undo that it is."""
    found: list[dict[str, Json]] = []
    before, seen = stages[0], list[Mapping[str, Json] | None]()
    for said in lines:
        value = said.value or {}
        stage = value.get("stage")
        now = stage if isinstance(stage, str) and stage else stages[0]
        taken_back = said.value is None or said.value in seen
        seen.append(said.value)
        found.append(
            {
                "when": said.when,
                "who": said.who,
                "from": before,
                "stage": now,
                "why": "" if taken_back else str(value.get("why") or ""),
                "gate": gate_of(value),
                "forced": value.get("forced") is True,
                "report": value.get("report"),
                "model": said.model and dict(said.model),
                "version": known.number(said),
                "taken_back": taken_back,
            }
        )
        before = now
    return found
