"""What is called a dead end, and what is not."""

from __future__ import annotations

from runspect.practice.dead_ends import Attempt, Setting, attempts, dead_hypothesis, dead_settings
from runspect.practice.trajectory import Result, bars

SGD, ADAM, LOW = Setting("opt", "sgd"), Setting("opt", "adam"), Setting("lr", 0.1)


def tried(*values: float, allowed: dict[int, float] | None = None) -> dict[int, Attempt]:
    """Runs 1, 2, … one after the other; lower is better."""
    told = [Result(rid, value, float(rid)) for rid, value in enumerate(values, 1)]
    return attempts(told, bars(told, "down"), frozenset(range(1, len(values) + 1)), allowed or {})


def test_a_value_that_never_came_near_the_record_of_its_time() -> None:
    told = tried(0.5, 0.9, 0.8, 0.7, 0.4, 0.39)
    (found,) = dead_settings([(SGD, (4, 2, 3)), (ADAM, (1, 5, 6)), (LOW, (2, 3, 4, 5))], told, "down")
    assert (found.settings, found.runs, found.n, found.why) == ((SGD,), (2, 3, 4), 3, "never near")
    assert found.best is not None and (found.best.rid, found.best.bar) == (4, 0.5)


def test_two_runs_say_nothing() -> None:
    assert dead_settings([(SGD, (2, 3)), (ADAM, (1, 4))], tried(0.5, 0.9, 0.8, 0.4), "down") == ()


def test_a_param_of_which_no_value_came_near_says_nothing() -> None:
    told = tried(0.1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
    assert dead_settings([(SGD, (2, 3, 4)), (ADAM, (5, 6, 7))], told, "down") == ()


def test_within_noise_is_near() -> None:
    told = tried(0.5, 0.9, 0.8, 0.52, 0.4, allowed={4: 0.03})
    assert dead_settings([(SGD, (2, 3, 4)), (ADAM, (1, 5))], told, "down") == ()
    told = tried(0.5, 0.9, 0.8, 0.52, 0.4, allowed={4: 0.01})
    assert len(dead_settings([(SGD, (2, 3, 4)), (ADAM, (1, 5))], told, "down")) == 1


def test_values_that_were_only_tried_together_stand_together() -> None:
    (found,) = dead_settings(
        [(SGD, (2, 3, 4)), (LOW, (2, 3, 4)), (ADAM, (1,)), (Setting("lr", 0.2), (1,))],
        tried(0.5, 0.9, 0.8, 0.7),
        "down",
    )
    assert found.settings == (LOW, SGD)


def test_runs_that_did_not_end_are_no_tries() -> None:
    told = [Result(rid, value, float(rid)) for rid, value in ((1, 0.5), (2, 0.9), (3, 0.8), (4, 0.7))]
    found = attempts(told, bars(told, "down"), frozenset((1, 2, 3)), {})
    assert dead_settings([(SGD, (2, 3, 4)), (ADAM, (1,))], found, "down") == ()


def test_hypotheses_that_led_nowhere() -> None:
    told = tried(0.5, 0.9, 0.8, 0.7, 0.4)
    refuted = dead_hypothesis("h2aaaa", "refuted", (3, 99), told, "down")
    assert refuted is not None and (refuted.why, refuted.n, refuted.best) == ("refuted", 2, told[3])
    silent = dead_hypothesis("h2aaaa", None, (4, 3, 2), told, "down")
    assert silent is not None and (silent.why, silent.runs) == ("never near", (2, 3, 4))
    assert dead_hypothesis("h2aaaa", "supported", (2, 3, 4), told, "down") is None
    assert dead_hypothesis("h2aaaa", None, (2, 3), told, "down") is None
    assert dead_hypothesis("h2aaaa", None, (2, 3, 5), told, "down") is None
    assert dead_hypothesis("h2aaaa", "refuted", (), told, "down") is not None
