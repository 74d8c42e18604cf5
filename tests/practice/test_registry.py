"""Numbers of models that several people count up, and the history of a run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.model import Json
from runspect.practice.registry import Said, Versions, history, versions


def line(
    at: float, name: str = "m", sha: str | None = "", asked: int = 1, uid: str = "u", stage: str = "candidate"
) -> Said:
    model: dict[str, Json] = {"name": name, "path": "best.pt", "size": 1, "sha256": sha or None}
    return Said(1, "ann", at, {"stage": stage, "why": "w", "version": asked, "model": model, "at": at}, uid)


LINES = st.lists(
    st.builds(line, st.integers(0, 99).map(float), st.sampled_from("mn"), st.sampled_from(["a", "b", "c", ""]), st.integers(1, 4), st.sampled_from(["u", "v"])),
    max_size=20,
)  # fmt: skip


@given(LINES)
def test_a_number_is_given_once_and_the_first_to_ask_keeps_it(lines: list[Said]) -> None:
    found = versions(lines)
    for name in "mn":
        numbers = [number for (known, _), number in found.of.items() if known == name]
        assert len(numbers) == len(set(numbers))
        own = [said for said in lines if said.model and said.model["name"] == name]
        if own:
            assert found.number(own[0]) == (own[0].value or {})["version"]
            assert found.next(name) > max(numbers)
    assert found.next("unheard of") == 1


@given(LINES, st.integers(0, 20))
def test_later_lines_move_no_earlier_number(lines: list[Said], at: int) -> None:
    before, after = versions(lines[:at]), versions(lines)
    assert all(after.of[key] == number for key, number in before.of.items())


def test_two_who_promote_at_once_get_two_numbers_and_the_same_file_one() -> None:
    one, other, again = line(1, sha="a", asked=4), line(2, sha="b", asked=4), line(3, sha="a", asked=5, uid="w")
    found = versions([one, other, again])
    assert [found.number(each) for each in (one, other, again)] == [4, 5, 4]
    assert found.next("m") == 6


def test_a_history_tells_each_step_and_what_was_taken_back() -> None:
    first = line(1, sha="a")
    second = Said(
        1, "bob", 2, {"stage": "production", "why": "go", "gate": {"passed": 1, "of": 2}, "forced": True}, "u"
    )
    lines = [first, second, Said(1, "bob", 3, first.value, "u"), Said(1, "bob", 4, None, "u")]
    told = history(lines, ("exploration", "candidate", "production"), versions(lines))
    assert [(each["from"], each["stage"], each["why"], each["taken_back"]) for each in told] == [
        ("exploration", "candidate", "w", False),
        ("candidate", "production", "go", False),
        ("production", "candidate", "", True),
        ("candidate", "exploration", "", True),
    ]
    assert (told[0]["version"], told[1]["version"], told[1]["forced"]) == (1, None, True)


def test_odd_values_of_other_programs_are_no_models() -> None:
    odd: list[dict[str, Json]] = [{"model": 3}, {"model": {}}, {"model": {"name": 7}}, {"model": {"name": ""}}]
    assert versions([Said(1, "x", 1, value, "u") for value in odd]) == Versions({})
    told = history(
        [Said(1, "x", 1, {"stage": 7, "gate": {"passed": "many"}, "why": None}, "u")], ("a", "b"), Versions({})
    )
    assert (told[0]["stage"], told[0]["gate"], told[0]["why"]) == ("a", None, "")
    assert versions([line(1, asked=-3)]).next("m") == 2
