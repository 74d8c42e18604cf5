"""A check as JSON, as GitHub-style Markdown and as JUnit XML.

Whatever logs told is in it as plain text: no markup of its own, no control characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as ET

from runspect.counted import counted
from runspect.masking import printable
from runspect.model import Json
from runspect.practice.check.cases import Case, Checked, Checking, Named

MARKS = {"passed": "✅", "failed": "❌", "skipped": "➖"}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_object(checking: Checking) -> dict[str, Json]:
    """What `--json` prints: `against`, `passed`, `failed`, `skipped`, `runs`."""
    counts: dict[str, Json] = {name: checking.count(name) for name in ("passed", "failed", "skipped")}
    return {"against": checking.against, **counts, "runs": [asdict(run) for run in checking.runs]}


def from_object(told: Mapping[str, Any]) -> Checking:
    """What `as_object` told."""
    runs = (
        Checked(
            **{
                **run,
                "reference": None if run["reference"] is None else Named(**run["reference"]),
                "cases": tuple(Case(**case) for case in run["cases"]),
            }
        )
        for run in told["runs"]
    )
    return Checking(told["against"], tuple(runs))


def summary_text(checking: Checking) -> str:
    """`3 runs against production: 1 failed, 5 passed, 2 skipped`."""
    told = [f"{n:,} {name}" for name in ("failed", "passed", "skipped") if (n := checking.count(name))]
    return f"{counted(len(checking.runs))} against {printable(checking.against)}: {', '.join(told)}"


def reference_text(run: Checked) -> str:
    """`against resnet-7`, `against resnet-7 at step 400`, `against nothing`."""
    if run.reference is None:
        return "against nothing"
    step = "" if run.step is None else f" at step {run.step:,}"
    return f"against {printable(run.reference.name)}{step}"


def as_markdown(checking: Checking) -> Iterator[str]:
    """Lines of a summary: one table, failures first."""
    failed = checking.count("failed")
    yield f"### {MARKS['failed'] if failed else MARKS['passed']} runspect: {_md(summary_text(checking))}"
    yield ""
    yield "| | run | check | result | against |"
    yield "|---|---|---|---|---|"
    rows = [(run, case) for run in checking.runs for case in run.cases]
    order = ("failed", "passed", "skipped")
    for run, case in sorted(rows, key=lambda row: order.index(row[1].outcome)):
        reference = "" if run.reference is None else run.reference.name
        cells = (run.name, case.what, case.why, reference)
        yield f"| {MARKS[case.outcome]} | {' | '.join(_md(cell) for cell in cells)} |"


def as_junit(checking: Checking) -> bytes:
    """The bytes of a JUnit report: a suite for each run, a test for each case."""
    suites = ET.Element("testsuites", {"name": "runspect check", **_counts(checking)})
    for run in checking.runs:
        suite = ET.SubElement(suites, "testsuite", {"name": _xml(run.name), **_counts(run)})
        properties = ET.SubElement(suite, "properties")
        told = {
            "uid": run.uid,
            "path": run.path,
            "dataset": run.dataset,
            "against": "" if run.reference is None else run.reference.name,
        }
        for name, value in told.items():
            ET.SubElement(properties, "property", {"name": name, "value": _xml(value)})
        for case in run.cases:
            _test(suite, run, case)
    ET.indent(suites)
    written: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _test(suite: ET.Element, run: Checked, case: Case) -> None:
    test = ET.SubElement(suite, "testcase", {"classname": _xml(run.name), "name": _xml(case.what)})
    said = _xml(f"{case.why}, {reference_text(run)}" if run.reference is not None else case.why)
    if case.outcome == "failed":
        ET.SubElement(
            test, "failure", {"message": said, "type": "state" if case.what == "state" else "regression"}
        ).text = said
    elif case.outcome == "skipped":
        ET.SubElement(test, "skipped", {"message": said})
    else:
        ET.SubElement(test, "system-out").text = said


def _counts(told: Checking | Checked) -> dict[str, str]:
    passed, failed, skipped = (told.count(outcome) for outcome in ("passed", "failed", "skipped"))
    return {"tests": str(passed + failed + skipped), "failures": str(failed), "errors": "0", "skipped": str(skipped)}


def _md(text: str) -> str:
    return _MARKUP.sub(r"\\\1", printable(text))


def _xml(text: str) -> str:
    return _NO_XML.sub("�", printable(text))
