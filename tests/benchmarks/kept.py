"""The figures of the last time, by benchmark, in `figures.json` beside this: the README's table is made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tests.benchmarks.figures import Figure

FILE = Path(__file__).with_name("figures.json")


@dataclass(frozen=True, slots=True)
class Kept:
    """What one benchmark found, when (a day, UTC), on which machine and how busy that was before."""

    day: str
    machine: str
    load: str
    figures: tuple[Figure, ...]


def read(file: Path = FILE) -> dict[str, Kept]:
    """What is kept, by the names of the benchmarks."""
    if not file.exists():
        return {}
    return {
        name: Kept(told["day"], told["machine"], told["load"], tuple(_figure(each) for each in told["figures"]))
        for name, told in json.loads(file.read_text(encoding="utf-8")).items()
    }


def replace(name: str, found: Kept, file: Path = FILE) -> None:
    """Keep what a benchmark found in the place of what it found before; a figure a line."""
    every = {**read(file), name: found}
    file.write_text(_written({each: every[each] for each in sorted(every)}), encoding="utf-8")


def _figure(told: Mapping[str, object]) -> Figure:
    return Figure(**told)  # type: ignore[arg-type]


def _written(every: Mapping[str, Kept]) -> str:
    return "{\n" + ",\n".join(f"{_line(name)}: {_block(kept)}" for name, kept in every.items()) + "\n}\n"


def _block(kept: Kept) -> str:
    head = "".join(f'"{key}": {_line(getattr(kept, key))}, ' for key in ("day", "machine", "load"))
    return f'{{{head}"figures": [\n' + ",\n".join(f"  {_line(_told(each))}" for each in kept.figures) + "\n]}"


def _told(figure: Figure) -> dict[str, object]:
    """Its fields, without those that are as they usually are."""
    told = asdict(figure)
    told["value"] = float(f"{figure.value:.6g}")
    return {each.name: told[each.name] for each in fields(Figure) if told[each.name] != each.default}


def _line(value: object | Sequence[object]) -> str:
    return json.dumps(value, ensure_ascii=False)
