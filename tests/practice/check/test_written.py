"""A check as JSON, Markdown and JUnit XML, with hostile names in it."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from runspect.practice.check.cases import Case, Checked, Checking, Named, Outcome
from runspect.practice.check.written import as_junit, as_markdown, as_object, from_object, summary_text

HOSTILE = "a|b`<script>*x*\n\x1b[31m\x00]]>&"


def checking(name: str = "run", why: str = "why") -> Checking:
    def case(what: str, outcome: Outcome) -> Case:
        return Case(what, outcome, why, 0.4, 0.3, 33.3, 2.0, 5)

    one = (case("state", "passed"), case("loss:min", "failed"), case("acc", "skipped"))
    two = (case("state", "failed"),)
    return Checking(
        "production",
        (
            Checked("u1", name, "a/b", "finished", "c10", Named("u0", name), None, one),
            Checked("u2", "other", "c", "killed", "", None, None, two),
        ),
    )


def test_an_object_says_it_all() -> None:
    found = checking(HOSTILE)
    assert from_object(json.loads(json.dumps(as_object(found)))) == found
    assert summary_text(found) == "2 runs against production: 2 failed, 1 passed, 1 skipped"


def test_markdown_is_one_table_with_failures_first() -> None:
    lines = list(as_markdown(checking()))
    assert lines[0] == "### ❌ runspect: 2 runs against production: 2 failed, 1 passed, 1 skipped"
    assert [line[:7] for line in lines[4:]] == ["| ❌ | r", "| ❌ | o", "| ✅ | r", "| ➖ | r"]


@given(st.text(), st.text())
def test_names_and_reasons_bring_no_markup_of_their_own(name: str, why: str) -> None:
    found = checking(name + HOSTILE, why + HOSTILE)
    lines = list(as_markdown(found))
    assert len(lines) == 8
    for line in lines[4:]:
        assert "\n" not in line and "\x1b" not in line
        assert sum(char == "|" and line[at - 1] != "\\" for at, char in enumerate(line)) == 6
    root = ET.fromstring(as_junit(found))
    assert [suite.get("failures") for suite in root] == ["1", "1"]


def test_junit_counts_suites_and_tests() -> None:
    root = ET.fromstring(as_junit(checking()))
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "2", "errors": "0", "skipped": "1",
    }  # fmt: skip
    suite = root[0]
    assert [test.get("name") for test in suite.iter("testcase")] == ["state", "loss:min", "acc"]
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "why, against run"
    assert len(list(suite.iter("skipped"))) == 1
