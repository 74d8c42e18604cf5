"""What is declared with our `dataclass` does what the standard library's does."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from runspect.dataclass import dataclass, field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A value."""

    x: int
    y: int = 2
    names: list[str] = field(default_factory=list, compare=False)
    note: str = field(default="", repr=False)

    @property
    def both(self) -> int:
        """Of its fields."""
        return self.x + self.y


@dataclasses.dataclass(frozen=True, slots=True)
class Standard:
    """The same, of the standard library."""

    x: int
    y: int = 2
    names: list[str] = dataclasses.field(default_factory=list, compare=False)
    note: str = dataclasses.field(default="", repr=False)


@dataclass(slots=True)
class Counter:
    """One that changes."""

    count: int = 0
    seen: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Alone:
    """One field."""

    value: float


@dataclass(frozen=True, slots=True)
class Checked:
    """Made by the standard library."""

    value: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.value)


@dataclass(slots=True, eq=False)
class Same:
    """Equal to itself alone."""

    value: int


@dataclass(frozen=True, slots=True)
class Loud:
    """With methods in place of those that others share; made by the standard library."""

    kinds: ClassVar[int] = 3
    value: int
    note: list[int] = field(default_factory=list, hash=False)

    def __repr__(self) -> str:
        return "loud"

    def __eq__(self, other: object) -> bool:
        return other == self.value


@dataclass(slots=True)
class Apart(Generic[T]):
    """With a place in which others put a type."""

    value: T


@dataclass
class Bare:
    """Made by the standard library, too."""

    value: int = 0
    seen: list[int] = field(default_factory=list)


def test_a_value_is_made_shown_and_compared_as_the_standard_one_is() -> None:
    for arguments, named in (((1,), {}), ((1, 3), {"note": "n"}), ((), {"x": 4, "names": ["a"]})):
        ours, standard = Place(*arguments, **named), Standard(*arguments, **named)
        assert dataclasses.astuple(ours) == dataclasses.astuple(standard)
        assert repr(ours) == repr(standard).replace("Standard", "Place")
        assert hash(ours) == hash(standard)
    assert Place(1) == Place(1, names=["not compared"]) != Place(1, note="n")
    other: object = Standard(1)
    assert Place(1) != other
    assert Place(1).names is not Place(1).names
    assert Place(1).both == 3


@pytest.mark.parametrize(
    ("arguments", "named"), [((), {}), ((1, 2, [], "", 5), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_what_the_standard_one_refuses_is_refused(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Place, Standard):
        with pytest.raises(TypeError):
            kind(*arguments, **named)


def test_a_frozen_value_cannot_be_changed() -> None:
    place = Place(1)
    for name in ("x", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(place, name, 5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del place.x
    assert place.x == 1


def test_the_functions_of_the_standard_library_know_it() -> None:
    place = Place(1, names=["a"])
    assert dataclasses.replace(place, y=7) == Place(1, 7)
    assert dataclasses.asdict(place) == {"x": 1, "y": 2, "names": ["a"], "note": ""}
    assert [each.name for each in dataclasses.fields(Counter)] == ["count", "seen"]
    assert dataclasses.is_dataclass(Alone)
    assert copy.copy(place) == copy.deepcopy(place) == pickle.loads(pickle.dumps(place)) == place  # noqa: S301
    match place:
        case Place(x, y):
            assert (x, y) == (1, 2)


def test_one_that_changes_has_no_hash_and_nothing_but_its_fields() -> None:
    counter = Counter()
    counter.count += 1
    assert (counter, counter.seen) == (Counter(1), [])
    with pytest.raises(TypeError):
        hash(counter)
    with pytest.raises(AttributeError):
        counter.other = 1  # type: ignore[attr-defined]
    assert Same(1) != Same(1)
    assert len({Same(1), Same(1)}) == 2


def test_a_single_field_is_compared_as_a_tuple_of_it() -> None:
    nan = float("nan")
    assert Alone(nan) == Alone(nan)
    assert hash(Alone(1.0)) == hash((1.0,))


def test_what_is_made_by_the_standard_library_still_is() -> None:
    assert Checked(2).twice == 4
    assert (Bare(), vars(Bare(1))) == (Bare(0), {"value": 1, "seen": []})
    assert dataclasses.replace(Checked(2), value=3).twice == 6
    other: object = 2
    assert (repr(Loud(2)), Loud(2) == other, Loud.kinds, hash(Loud(2))) == ("loud", True, 3, hash((2,)))
    assert Apart(1) == Apart(1)


def test_a_class_that_is_made_of_one_keeps_its_own_beginning() -> None:
    @dataclass(slots=True)
    class Plain:
        value: int = 1

    class Seven(Plain):
        def __init__(self) -> None:
            super().__init__(7)

    class Other(Plain):
        pass

    assert [Seven().value, Seven().value, Other().value, Plain(2).value, Other(3).value] == [7, 7, 1, 2, 3]


def test_a_default_that_all_would_share_is_refused() -> None:
    with pytest.raises(ValueError, match="default_factory"):
        dataclass(slots=True)(type("Shared", (), {"__annotations__": {"seen": "list[int]"}, "seen": []}))


def test_it_spares_a_short_command_the_standard_library_s() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import runspect.cli.ls, sys; print('dataclasses' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"
