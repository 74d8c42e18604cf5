"""Open, overdue, answered: what the pure parts make of hypotheses and their runs."""

from __future__ import annotations

import pytest

from runspect.practice.hypotheses import (
    Hypothesis,
    Shares,
    Trial,
    Verdict,
    due_text,
    id_of,
    lead_text,
    ordered,
    shares,
    span_text,
    verdict_meant,
    with_records,
)
from runspect.practice.hypothesis_json import list_object

DAY = 86400.0


def trial(rid: int, *, started: float | None, first: float | None = None, **more: object) -> Trial:
    return Trial(rid, f"u{rid}", f"r{rid}", "said", started, first, **more)  # type: ignore[arg-type]


def said(word: str, when: float) -> Verdict:
    return Verdict(word, "", "me", when)


def test_the_newest_verdict_on_a_run_answers_unless_there_is_an_own_one() -> None:
    runs = (
        trial(1, started=5, verdict=said("supported", 10)),
        trial(2, started=5, verdict=said("refuted", 20)),
        trial(3, started=5),
    )
    told = Hypothesis("h2aaaa", "x", 0, "me", due=7, trials=runs)
    assert told.answer == runs[1].verdict and told.status(99) == "answered"
    assert Hypothesis("h2aaaa", "x", 0, "me", own=said("inconclusive", 1), trials=runs).answer == said(
        "inconclusive", 1
    )
    assert Hypothesis("h2aaaa", "x", 0, "me", due=7).status(7) == "open"
    assert Hypothesis("h2aaaa", "x", 0, "me", due=7).status(7.1) == "overdue"
    assert Hypothesis("h2aaaa", "x", 0, "me", due=7, dropped=said("", 3)).status(9) == "dropped"


def test_the_lead_counts_to_the_first_result_of_all_runs() -> None:
    runs = (trial(1, started=900, first=1000), trial(2, started=950), trial(3, started=None))
    assert Hypothesis("h2aaaa", "x", 100.0, "me", trials=runs).lead == 850
    assert Hypothesis("h2aaaa", "x", 1100.0, "me", trials=runs[:1]).lead == -100
    assert Hypothesis("h2aaaa", "x", 100.0, "me", trials=runs[2:]).lead is None
    assert Hypothesis("h2aaaa", "x", None, "me", trials=runs).lead is None


def test_what_records_hold_is_as_old_as_their_runs() -> None:
    recorded = trial(1, started=50.0, recorded="the text")
    known = Hypothesis("h2aaaa", "the text", 900.0, "me", trials=(recorded, trial(2, started=10.0, recorded="h2aaaa")))
    loose = [
        trial(3, started=70.0, recorded="b"),
        trial(4, started=60.0, recorded="b"),
        trial(5, started=1.0, recorded="c"),
    ]
    first, second, third = with_records([known], loose)
    assert first.written == 50.0
    assert (second.text, second.written, second.recorded, len(second.trials)) == ("b", 60.0, True, 2)
    assert third.id == id_of("c") != second.id


def test_shares_leave_out_what_was_written_in_retrospect() -> None:
    now = 100 * DAY
    runs = (trial(1, started=30 * DAY),)
    told = [
        Hypothesis("a", "in time", 10 * DAY, "me", due=50 * DAY, own=said("refuted", 40 * DAY), trials=runs),
        Hypothesis("b", "late", 40 * DAY, "me", due=50 * DAY, own=said("refuted", 60 * DAY), trials=runs),
        Hypothesis("c", "overdue", 10 * DAY, "me", due=50 * DAY),
        Hypothesis("d", "dropped", 10 * DAY, "me", due=50 * DAY, dropped=said("", 20 * DAY)),
        Hypothesis("e", "open", 10 * DAY, "me", due=101 * DAY),
        Hypothesis("f", "no box", 10 * DAY, "me", own=said("supported", 20 * DAY)),
        Hypothesis("g", "later", 90 * DAY, "me", own=said("supported", 90 * DAY), retrospective=True, trials=runs),
    ]
    counts = shares(told, now)
    assert counts == Shares(
        open=1, overdue=1, answered=3, dropped=1, boxed=4, in_time=1, before=1, after=1, retrospective=1
    )
    assert counts.share == 0.25 and Shares().share is None
    assert [each.id for each in ordered(told, now)] == ["c", "e", "g", "b", "a", "f", "d"]
    listed = list_object(told, now)
    assert [each["status"] for each in listed["hypotheses"]][:3] == ["overdue", "open", "answered"]
    assert listed["summary"]["share"] == 0.25


def test_ids_are_short_and_steady_and_never_a_word() -> None:
    one = id_of("a lower rate is calmer")
    assert one == id_of("a lower rate is calmer") and len(one) == 6 and one[0] == "h" and one[1].isdigit()
    other = id_of("a lower rate is calmer", {one})
    assert other != one and len({id_of(f"text {number}") for number in range(2000)}) > 1990
    assert id_of("\ud800")


@pytest.mark.parametrize(
    ("lead", "text"),
    [
        (None, ""), (4 * 3600.0, "4 h before the first point"), (0.0, "0 s before the first point"),
        (-2 * DAY, "after the fact, 2 d behind the first point"), (40 * DAY, "6 w before the first point"),
    ],
)  # fmt: skip
def test_leads_in_words(lead: float | None, text: str) -> None:
    assert lead_text(lead) == text


def test_other_words() -> None:
    assert lead_text(150.0, point=False) == "2 min before the start"
    assert span_text(119) == "119 s" and span_text(47.5 * 3600) == "48 h"
    assert due_text(3 * DAY, 0.0) == "due in 3 d" and due_text(0.0, 3 * DAY) == "3 d overdue"
    assert [verdict_meant(word) for word in ("s", "REF", "inconclusive", "", "x")] == [
        "supported", "refuted", "inconclusive", "", "",
    ]  # fmt: skip
