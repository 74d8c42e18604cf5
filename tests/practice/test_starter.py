"""A policy to begin with: it can be read whatever the runs are called, and so can every example in it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.model import Json
from runspect.policy import Policy, parse_policy
from runspect.practice.starter import SeenData, SeenRun, starter
from runspect.practice.starter.seen import ignorable, naming_pattern, required_params, spellings, standard_metrics
from runspect.query.parse import parse

TODAY = date(2026, 11, 26)


def run(name: str = "r", metrics: str = "val/loss train/loss", project: str | None = None, **params: Json) -> SeenRun:
    return SeenRun(name, project, params, frozenset(metrics.split()), frozenset())


def uncommented(text: str) -> str:
    """With each example as a setting; tables that are settings already stay as they are."""
    return "\n".join(line.removeprefix("#") if re.match(r"#[^ #]", line) else line for line in text.splitlines())


RUNS = [
    run(f"resnet-2026-11-0{n + 1}-{n:03}", project="p", lr=0.1 / (n + 1), model="resnet", note="x") for n in range(5)
]
DATA = [SeenData("cifar10", "val/loss:best", "down", 5)]


def test_what_was_seen_is_what_the_policy_says() -> None:
    policy = parse_policy(starter(RUNS, DATA, TODAY))
    assert policy.objective == "val/loss:min"
    assert policy.lint.metrics == ("val/loss", "train/loss")
    assert policy.lint.params == ("lr", "model")
    assert policy.naming == "{model}-{date}-{number:03}"
    assert [known.name for known in policy.datasets] == ["cifar10"]
    assert (policy.ignore, policy.allowed_tags, policy.gates) == ((), (), ())


@pytest.mark.parametrize("runs", [RUNS, []])
def test_every_example_is_right_once_it_is_a_setting(runs: list[SeenRun]) -> None:
    text = starter(runs, DATA if runs else [], TODAY)
    policy = parse_policy(uncommented(text))
    assert policy.check.tolerance == 0.5
    assert policy.gates and policy.alerts and policy.guards and policy.allowed_tags and policy.runs == "runs"
    for query in policy.alerts.values():
        parse(query)


def test_from_nothing_comes_a_policy_that_says_nothing() -> None:
    assert parse_policy(starter([], [], TODAY)) == Policy()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
hostile_runs = st.lists(
    st.builds(
        SeenRun, texts, st.none() | texts, st.dictionaries(texts, texts | st.integers() | st.none(), max_size=3),
        st.frozensets(texts | st.sampled_from(["loss", "val/acc", "a[0]"]), max_size=3), st.frozensets(texts, max_size=2),
    ),
    max_size=6,
)  # fmt: skip
hostile_data = st.lists(
    st.builds(
        SeenData, st.none() | texts, st.none() | texts | st.sampled_from(["loss:best", "a:b:max", '"x y":best']),
        st.sampled_from(["up", "down", None]), st.integers(1, 9),
    ),
    max_size=4,
)  # fmt: skip


@given(hostile_runs, hostile_data)
def test_whatever_logs_say_it_can_be_read(runs: list[SeenRun], data: list[SeenData]) -> None:
    text = starter(runs, data, TODAY)
    parse_policy(text)
    for line in text.splitlines():
        assert not line.startswith("# ") or line.isprintable()


def test_an_objective_that_only_some_runs_have_is_an_example() -> None:
    data = [SeenData("a", "val/loss:best", "down", 5), SeenData("b", "test/acc:best", "up", 4)]
    policy = parse_policy(starter(RUNS, data, TODAY))
    assert policy.objective == ""
    assert {known.name: known.objective for known in policy.datasets} == {"a": "val/loss:min", "b": "test/acc:max"}


def test_spellings_of_a_data_set_are_not_made_one_unasked() -> None:
    assert spellings(["CIFAR-10", "mnist", "cifar10"]) == [["CIFAR-10", "cifar10"], ["mnist"]]
    data = [SeenData("CIFAR-10", "loss:best", "down", 2), SeenData("cifar10", "loss:best", "down", 1)]
    text = starter(RUNS, data, TODAY)
    assert parse_policy(text).datasets == ()
    assert '#match = ["CIFAR-10", "cifar10"]' in text


def test_params_that_tell_commits_moments_and_addresses_are_ignored() -> None:
    runs = [
        run(
            sha=f"{n}ab34ef0",
            when=f"2026-11-0{n}T10:00",
            url=f"http://h/{n}",
            word="deadbeef",
            lr=n,
            batch=f"{n}6",
            host="x",
        )
        for n in range(1, 5)
    ]
    assert ignorable(runs) == ["sha", "url", "when"]
    assert ignorable(runs[:2]) == []


def test_what_most_have_is_usual() -> None:
    runs = [run(metrics="loss acc epoch", lr=0.1, seed=n, opt="adam") for n in range(4)] + [run(metrics="loss", lr=0.2)]
    assert standard_metrics(runs) == ["acc", "loss"] or standard_metrics(runs) == ["loss", "acc"]
    assert required_params(runs) == ["lr", "opt"]
    assert standard_metrics(runs[:2]) == required_params(runs[:2]) == []


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["net-2026-01-01-1", "net-2026-01-02-2", "net-2026-01-02-13"], "net-{date}-{number}"),
        (["version_0", "version_1", "version_2"], ""),
        (["a", "b"], ""),
        (["{x}", "{y}", "{z}"], ""),
    ],
)
def test_a_pattern_is_made_from_names(names: list[str], pattern: str) -> None:
    assert naming_pattern([run(name) for name in names])[0] == pattern
