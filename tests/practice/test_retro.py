"""What is asked in retrospect."""

from __future__ import annotations

from runspect.practice.retro import changes_text, questions, results_text


def test_what_is_missing_is_asked_once() -> None:
    own = {"retrospective": True, "run": "u1", "note": ""}
    assert questions(None, None, asked=False) == ("hypothesis", "verdict", "note")
    assert questions("x", None, asked=False) == ("verdict", "note")
    assert questions("x", own, asked=False) == ("note",)
    assert questions("x", {**own, "note": "n"}, asked=False) == ()
    assert questions(None, {**own, "retrospective": False}, asked=False) == ("hypothesis",)
    assert questions("x", {**own, "run": None}, asked=False) == ()
    assert questions(None, None, asked=True) == ()


def test_a_run_is_told_by_what_changed_and_how_it_ended() -> None:
    assert changes_text({"lr": 0.01, "b": 1}, {"lr": 0.1, "c": True}) == "+b 1, -c, lr 0.1 → 0.01"
    assert changes_text({"lr": 1}, None) == ""
    assert changes_text(dict.fromkeys("abcdef", 1), {}).endswith("+d 1 and 2 more")
    metrics = {name: {"last": 0.5, "min": 0.25, "max": 1.0} for name in ("a", "val/loss")}
    assert results_text(metrics, ("val/loss",)) == "val/loss 0.5 (0.25 to 1), a 0.5 (0.25 to 1)"
    assert results_text({}, ()) == ""
