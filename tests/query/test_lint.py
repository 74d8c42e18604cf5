"""Runs against the rules and what is untidy of them, asked of a small history: in SQL, and by the pure rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.columns import Lens, decode, parse_column, value_sql
from runspect.columns.lint_rules import RULES, Lint, means
from runspect.errors import QueryError
from runspect.index.reads.hypotheses import hypothesis_of
from runspect.index.reads.lint import subjects, untidy
from runspect.index.reads.told import PLAIN, Told, told
from runspect.index.rows import seconds
from runspect.model import Json
from runspect.policy.naming import shape
from runspect.practice.lint.findings import Subject, findings
from runspect.practice.lint.signs import signs_of
from tests.query.history import NOW, History, Run

PATTERN = "{model}-{number:03}"
STRICT = Lens(
    lint=Lint(PATTERN, shape(PATTERN), ("val/loss", "acc*"), ("lr", "batch"), {rule.id: True for rule in RULES}),
    now=NOW,
)
GOOD: dict[str, Any] = {
    "params": {"optim.lr": 0.1, "batch": 8, "seed": 0},
    "metrics": {"val/loss": [1.0], "acc/top1": [0.5]},
    "facts": {"git_commit": "3843b2b0aa", "hypothesis": "wider is better"},
}


def broken(history: History, lens: Lens = STRICT) -> dict[str, set[str]]:
    """The rules that each run breaks, by its name."""
    told = subjects(history.connection, (), known=lambda *_: history.names, lens=lens, names_of=lambda *_: {})
    found: dict[str, set[str]] = {each.name: set() for each in told}
    for each in findings(told, lens.lint):
        found[each.run.name].add(each.rule)
    return found


def broken_alone(history: History, rid: int, run: Told, lens: Lens) -> set[str]:
    """The same of one run, as its card shows it."""
    tested, _ = hypothesis_of(history.connection, rid)
    facts, params = ({key: word.val for key, word in words.items()} for words in (run.facts, run.params))
    when = seconds(run.head.started or run.head.updated)
    signs = signs_of(run.name, run.head.state, when, facts, params, run.series, tested, lens.lint)
    subject = Subject(rid, "", run.name, "", when, *signs)
    return {each.rule for each in findings((subject,), lens.lint)}


@pytest.fixture
def history() -> Iterator[History]:
    without: dict[str, dict[str, Any]] = {
        "naming": {"name": "final"},
        "metrics": {"metrics": {"val/loss": [1.0]}},
        "params": {"params": {"optim.lr": 0.1, "batch": None, "seed": 0}},
        "commit": {"facts": {"hypothesis": "x"}},
        "seed": {"params": {"optim.lr": 0.1, "batch": 8}},
        "hypothesis": {"facts": {"git_commit": "3843b2b0aa"}},
    }
    runs = [Run("good-001", **GOOD)]
    runs += [Run(**{"name": f"without_{rule}-001", **GOOD, **change}) for rule, change in without.items()]
    runs += [
        Run("no_config-001", **{**GOOD, "params": {}}),
        Run("nothing-001", metrics={}, params={}, facts={}),
        Run("live-001", **{**GOOD, "metrics": {}}, state="running"),
        Run("sweep/deep-001", **GOOD),
    ]
    found = History(runs)
    yield found
    found.close()


def test_each_rule_is_broken_by_what_it_is_about(history: History) -> None:
    found = broken(history)
    assert found == {
        "good-001": set(),
        "final": {"naming"},
        "without_metrics-001": {"metrics"},
        "without_params-001": {"params"},
        "without_commit-001": {"commit"},
        "without_seed-001": {"seed"},
        "without_hypothesis-001": {"hypothesis"},
        "no_config-001": {"config", "params", "seed"},
        "nothing-001": {"metrics", "params", "commit", "seed", "hypothesis"},
        "live-001": set(),
        "sweep/deep-001": set(),
    }


def test_a_sentence_names_run_fault_and_remedy(history: History) -> None:
    told = subjects(history.connection, (), known=lambda *_: history.names, lens=STRICT, names_of=lambda *_: {})
    said = {(each.run.name, each.rule): each for each in findings(told, STRICT.lint)}
    assert said["without_metrics-001", "metrics"].sentence == (
        "without_metrics-001: acc* was not logged; log it in every run, or take it out of `[metrics] standard`"
    )
    assert said["without_params-001", "params"].missing == ("batch",)
    assert "does not follow {model}-{number:03}" in said["final", "naming"].sentence


def test_a_name_that_was_given_counts(history: History) -> None:
    history.say("final", "name", "resnet-001", 1)
    history.say("good-001", "name", "the good one", 1)
    assert broken(history)["resnet-001"] == set()
    assert broken(history)["the good one"] == {"naming"}


def test_old_history_is_left_alone(history: History) -> None:
    lens = Lens(lint=Lint(since=NOW - 47 * 3600.0))
    assert not any(broken(history, lens).values())
    assert history.ask("lint > 0", lens=lens) == set() == history.ask("lint = 0", lens=lens)
    assert len(history.ask("lint > 0", lens=Lens(lint=Lint(since=NOW - 49 * 3600.0)))) > 0


def test_what_is_asked_of_the_field(history: History) -> None:
    assert history.ask("lint = 0", lens=STRICT) == {"good-001", "live-001", "sweep/deep-001"}
    assert history.ask("lint > 2", lens=STRICT) == {"no_config-001", "nothing-001"}
    assert history.ask("lint:seed", lens=STRICT) == {"without_seed-001", "no_config-001", "nothing-001"}
    assert history.ask("lint in [config, naming]", lens=STRICT) == {"no_config-001", "final"}
    assert history.ask("lint:nam", lens=STRICT) == {"final"}
    assert history.ask("has:lint -lint:params -lint:commit", lens=STRICT) == history.ask(
        "lint > 0 lint != params lint != commit", lens=STRICT
    )
    assert "good-001" not in history.ask("lint ~ 'e' or lint:* ", lens=STRICT)


@pytest.mark.parametrize(
    ("query", "said"), [("lint:sead", "expected a number or one of naming"), ("lint < seed", "compares how many")]
)
def test_what_cannot_be_asked(history: History, query: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        history.ask(query, lens=STRICT)


def test_a_param_of_that_name_wins() -> None:
    history = History([Run("a", params={"lint": 0.5, "tidy": "yes"}), Run("b")])
    assert history.ask("lint = 0.5 tidy:yes") == {"a"}
    history.close()


# hypotheses behind the result


def late_history() -> History:
    """Runs that began 48 hours ago and logged an hour later, for 40 hours."""
    runs = [
        Run(name, metrics={"loss": [1.0, 0.5], "val": [0.1]}, lasted=40)
        for name in ("early", "between", "late", "said-so")
    ]
    runs += [Run("without-points", lasted=40), Run("recorded", facts={"hypothesis": "as I thought"})]
    history = History(runs)
    history.connection.execute(
        "UPDATE points SET t = (SELECT r.started FROM runs r WHERE r.rid = points.rid) + INTERVAL 1 HOUR * (1 + step + CASE WHEN mid = 1 THEN 20 ELSE 0 END)"
    )
    for name, hyp, hours in (
        ("early", "h2aaaa", 49.0), ("between", "h2bbbb", 47.5), ("late", "h2cccc", 40.0), ("said-so", "h2dddd", 1.0), ("without-points", "h2bbbb", 47.5),
    ):  # fmt: skip
        history.say(f"hyp:{hyp}", "text", f"what {hyp} says", hours)
        history.say(name, "hypothesis", hyp, 0.5)
    history.say("hyp:h2dddd", "retrospective", True, 1.0)
    return history


def test_a_hypothesis_behind_the_first_result_is_late() -> None:
    history = late_history()
    assert history.ask("lint:late") == {"late", "without-points"}, (
        "without a point the start is the first that was seen"
    )
    history.say("hyp:h2cccc", "metric", "val", 1.0)
    assert history.ask("lint:late") == {"without-points"}, "its own metric came later"
    history.close()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["m-001", "m-1", "sub/m-002", "plain"]),
                "params": st.dictionaries(st.sampled_from(["lr", "a.lr", "batch", "seed", "x"]), st.sampled_from([None, 1, "", "w"]), max_size=3),
                "metrics": st.dictionaries(st.sampled_from(["val/loss", "acc", "loss"]), st.just([1.0]), max_size=2),
                "facts": st.fixed_dictionaries({}, optional={
                    "git_commit": st.sampled_from(["3843b2b", 0, "", None]), "seed": st.sampled_from([0, "7", None]),
                    "hypothesis": st.sampled_from(["wider", " "]),
                }),
                "state": st.sampled_from(["finished", "running", "quiet", "failed"]),
                "began": st.sampled_from([None, 1.0, 100.0]),
            }
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)  # fmt: skip
def test_the_column_counts_what_the_rules_find(runs: list[dict[str, Any]], is_strict: bool) -> None:
    """The index and the pure functions agree on any run."""
    history = History([Run(**{**run, "name": f"{at}{run['name']}"}) for at, run in enumerate(runs)])
    lens = STRICT if is_strict else Lens(lint=Lint(since=NOW - 50 * 3600.0))
    column = parse_column("lint")
    sql, params = value_sql(column, history.names, lens)
    rows = history.connection.execute(f"SELECT r.name, {sql} FROM runs_now r", list(params)).fetchall()
    counted = {name: decode(column, raw) or 0 for name, raw in rows}
    found = broken(history, lens)
    assert counted == {name: len(rules) for name, rules in found.items()}
    runs_told = told(history.connection, list(range(1, len(runs) + 1)), PLAIN)
    assert found == {run.name: broken_alone(history, rid, run, lens) for rid, run in runs_told.items()}
    for rule in (rule.id for rule in RULES):
        assert history.ask(f"lint:{rule}", lens=lens) == {name for name, rules in found.items() if rule in rules}
    history.close()


@pytest.mark.parametrize(
    ("wanted", "name", "is_it"),
    [("lr", "optim.lr", True), ("LR", "lr", True), ("lr", "xlr", False), ("loss", "val/loss", True), ("val/loss", "loss", False),
     ("val/*", "val/acc", True), ("lr", "lr_decay", False), ("a.b", "x/a.b", True)],
)  # fmt: skip
def test_what_a_name_of_the_policy_means(wanted: str, name: str, is_it: bool) -> None:
    assert means(wanted, name) is is_it


# what is untidy


def test_what_is_to_be_put_in_order() -> None:
    config: dict[str, Json] = {"lr": 0.1, "seed": 3}
    history = History(
        [
            Run("base", params=config, began=100, lasted=1, tags=("keep",)),
            Run("again", params=config, began=50, tags=("keep",)),
            Run("beside", params=config, began=99.5, tags=("keep",)),
            Run("other-seed", params={"lr": 0.1, "seed": 4}, began=50, tags=("keep",)),
            Run("version_3", tags=("keep",)),
            Run("20251126_024111", tags=("keep",)),
            Run("wide-net", state="unknown", began=2000, lasted=1),
            Run("noted", state="unknown", began=2000, lasted=1, note="wait for it"),
            Run("waiting", state="quiet", began=2000, lasted=1),
            Run("live_1", state="running"),
        ]
    )
    lens = Lens(now=NOW)
    found: dict[str, set[str]] = {}
    for each in untidy(history.connection, (), known=lambda *_: history.names, lens=lens, names_of=lambda *_: {}):
        found.setdefault(each.name, set()).add(each.kind)
        if each.kind == "duplicate":
            assert each.what.endswith(": base")
    assert found == {
        "again": {"duplicate"},
        "version_3": {"unnamed"},
        "20251126_024111": {"unnamed"},
        "wide-net": {"untagged", "stale"},
        "noted": {"untagged"},
        "waiting": {"stale"},
    }
    assert history.ask("tidy:stale", lens=lens) == {"wide-net", "waiting"}
    assert history.ask("tidy > 1", lens=lens) == {"wide-net"}
    assert history.ask("tidy = 0", lens=lens) == {"base", "beside", "other-seed", "live_1"}
    history.say("version_3", "name", "the third", 1)
    assert history.ask("tidy:unnamed", lens=lens) == {"20251126_024111"}
    history.close()


@pytest.mark.parametrize(
    ("name", "tools", "is_nameless"),
    [
        ("version_0", "x", True), ("exp12", "x", True), ("results/run-3", "x", True), ("2026-11-26/12-00-01", "x", True),
        ("run-20230221_180932-oik2407f", "wandb", True), ("337531b3ddc34c38a1db55f814c1900d", "mlflow", True),
        ("Nov23_13-21-40_vm", "x", True), ("Nov23_13-21-40_vm_LR_0.1", "x", False), ("bemused-bee-27", '["mlflow"]', True),
        ("vit-base-16", '["csv"]', False), ("resnet50", "x", False), ("ppo_s0", "x", False), ("测试", "x", False),
    ],
)  # fmt: skip
def test_names_that_tell_nothing(name: str, tools: str, is_nameless: bool) -> None:
    history = History([Run(name, tools=tools)])
    assert bool(history.ask("tidy:unnamed")) is is_nameless
    history.close()
