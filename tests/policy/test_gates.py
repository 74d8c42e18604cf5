"""What gates ask for, and how their faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.errors import UsageError
from runspect.policy import gates, load_policy, parse_policy
from runspect.policy.gates import (
    Amount,
    Change,
    Ended,
    Guard,
    Origin,
    Part,
    Report,
    Seeds,
    Spent,
    Threshold,
)


def test_the_example_in_the_documentation() -> None:
    assert gates.__doc__
    text = gates.__doc__.partition("\n\n")[2]
    (gate,) = parse_policy("\n".join(line for line in text.splitlines() if not line.startswith("file"))).gates
    assert (gate.name, gate.stage, gate.datasets, gate.projects) == ("production", "production", ("cifar10",), ())
    assert gate.criteria == (
        Threshold("test/acc:max", ">=", 0.9),
        Change("", Amount(0.01, True)),
        Guard("test/ece:last", Amount(0.02, True)),
        Seeds(3),
        Origin(70),
        Part("commit"),
        Part("seed"),
        Spent("took", 12 * 3600),
        Spent("cost", 48 * 3600),
        Ended(("finished",)),
        Report(),
    )


def test_a_change_of_metrics_that_are_named_and_guards_without_tolerance() -> None:
    (gate,) = parse_policy(
        '[gates.x]\nstage = "candidate"\nchange = {"a/b:min" = 0.5, loss = "2 %"}\nguards = ["ece", "f:last"]'
    ).gates
    assert gate.criteria == (
        Change("a/b:min", Amount(0.5)),
        Change("loss:best", Amount(0.02, True)),
        Guard("ece:best", Amount(0.0)),
        Guard("f:last", Amount(0.0)),
    )


def test_criteria_in_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "runspect.toml").write_text('[gates.candidate]\nseeds = 2\nfile = "criteria/c.toml"', encoding="utf-8")
    policy = tmp_path / "runspect.toml"
    with pytest.raises(UsageError, match=r"line 3: 'gates.candidate.file': there is no .*criteria/c.toml"):
        load_policy(policy)
    file = tmp_path / "criteria" / "c.toml"
    file.parent.mkdir()
    file.write_text("metrics = 'loss:min < 1'\nsed = 3", encoding="utf-8")
    with pytest.raises(UsageError, match=r"c\.toml: line 2: unknown key 'sed'; did you mean 'seeds'"):
        load_policy(policy)
    file.write_text("metrics = 'loss:min < 1'", encoding="utf-8")
    (gate,) = load_policy(policy).gates
    assert gate.criteria == (Seeds(2), Threshold("loss:min", "<", 1.0)) and gate.file == str(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gates.production]", "line 1: 'gates.production' asks for nothing"),
        ("[gates.producton]\nseeds = 3", "line 1: 'gates.producton' needs 'stage'"),
        ("[gates.producton]\nseeds = 3", "did you mean [gates.production]?"),
        ("[gates.x]\nstage = 'exploration'\nseeds = 3", "line 2: 'gates.x.stage' must be 'candidate' or 'production'"),
        ("[gates.x]\nstage = 'canditate'\nseeds = 3", "did you mean 'candidate'?"),
        (
            "[gates.candidate]\nmetric = ['a > 1']",
            "line 2: unknown key 'gates.candidate.metric'; did you mean 'metrics'",
        ),
        ("[gates.candidate]\n\nmetrics = ['acc 1']", "line 3: 'gates.candidate.metrics': 'acc 1' is no threshold"),
        (
            "[gates.candidate]\nmetrics = ['acc > high']",
            "line 2: 'gates.candidate.metrics': 'high' in 'acc > high' is no number",
        ),
        ("[gates.candidate]\nmetrics = ['acc:n > 3']", "only counts"),
        ("[gates.candidate]\nmetrics = ['age > 3']", "must name a metric"),
        ("[gates.candidate]\nchange = '-1%'", "line 2: 'gates.candidate.change' must be a number, or a share"),
        ("[gates.candidate.guards]\na = 'b'", "line 2: 'gates.candidate.guards.a' must be a number, or a share"),
        ("[gates.candidate]\nchange = true", "must be a number, or a share"),
        ("[gates.candidate]\nseeds = 2.5", "line 2: 'gates.candidate.seeds' must be a whole number"),
        ("[gates.candidate]\nparts = ['comit']", "'comit' is no part of a run's origin; did you mean 'commit'?"),
        ("[gates.candidate]\nstate = 'finish'", "'finish' is no state of a run; did you mean 'finished'?"),
        ("[gates.candidate]\ncost = 'much'", "line 2: 'gates.candidate.cost' must be a length of time"),
        ("[gates.candidate]\nreport = 'yes'", "line 2: 'gates.candidate.report' must be 'required' or 'optional'"),
    ],
)
def test_faults_are_named_with_their_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_policy(text)
    assert said in str(caught.value)


def test_gates_lead_to_the_stages_of_the_policy() -> None:
    (gate,) = parse_policy('[stages]\nnames = ["idea", "shipped"]\n[gates.shipped]\nseeds = 1').gates
    assert gate.stage == "shipped"
