"""What is missing of a run's origin, and its score: a pure function of its facts, and the same in SQL."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.cli.scope import synced
from runspect.columns import Lens, parse_column, value_sql
from runspect.columns.datasets import DATASET_KEYS
from runspect.columns.provenance import PARTS, WEIGHTS, score, signs
from runspect.practice.provenance import provenance
from runspect.workspace import Workspace
from tests.query.history import History, Run

WHOLE: dict[str, Any] = {
    "git_commit": "3843b2b0aa", "git_branch": "main", "git_dirty": True, "git_patch": "patch.diff", "python": "3.11.7",
    "packages": "requirements.txt", "dataset": "cifar10", "dataset_version": "sha256:00ff", "seed": 0,
    "command": "python train.py", "gpu": "H100", "gpu_count": 8,
}  # fmt: skip


def gaps(facts: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, str]:
    return {part.name: part.gap for part in provenance(facts, params or {}, DATASET_KEYS).parts if part.gap}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name not in names}


def test_a_whole_record_has_no_gap() -> None:
    told = provenance(WHOLE, {}, DATASET_KEYS)
    assert told.score == 100 and not gaps(WHOLE)
    assert {part.name: part.known for part in told.parts} == {
        "commit": "3843b2b0aa on main", "changes": "patch in patch.diff", "environment": "Python 3.11.7, packages in requirements.txt",
        "data": "cifar10  sha256:00ff", "seed": "0", "command": "python train.py", "hardware": "8 x H100",
    }  # fmt: skip


def test_nothing_is_known_of_a_bare_log() -> None:
    told = provenance({}, {}, DATASET_KEYS)
    assert told.score == 0 and all(part.gap and part.closes and not part.known for part in told.parts)


@pytest.mark.parametrize(
    ("facts", "params", "part", "gap", "lost"),
    [
        (without("git_patch"), {}, "changes", "no patch was kept", 15),
        ({**without("git_patch"), "git_dirty": False}, {}, "", "", 0),
        (without("git_patch", "git_dirty"), {}, "changes", "not recorded", 7),
        (without("git_commit"), {"code.git_sha": "3843b2b"}, "", "", 0),
        (without("git_commit"), {"sha": "no commit"}, "commit", "no commit", 25),
        (without("packages"), {}, "environment", "only the version of Python", 15),
        (without("dataset_version"), {}, "data", "without a version or digest", 7),
        (without("dataset_version"), {}, "data", "named", 7),
        ({**without("dataset_version"), "data": [{"path": "/d", "sha256": "ab"}]}, {}, "", "", 0),
        ({**without("dataset_version"), "data": [{"path": "/d", "missing": "gone"}]}, {}, "data", "version", 7),
        (without("dataset", "dataset_version"), {}, "data", "no data set", 15),
        (without("seed"), {"trainer.random_state": 3}, "", "", 0),
        (without("seed"), {"seed": None}, "seed", "no seed", 10),
        ({**WHOLE, "seed": -1}, {}, "seed", "no seed", 10),
        (without("command"), {}, "command", "no command", 10),
        ({**without("command"), "program": "train.py"}, {}, "command", "without its arguments", 5),
        ({**without("command"), "program": "train.py", "args": ["--lr", "1"]}, {}, "", "", 0),
        ({**without("gpu"), "host": "box1"}, {}, "hardware", "what it is", 2),
    ],
)
def test_each_gap(facts: dict[str, Any], params: dict[str, Any], part: str, gap: str, lost: int) -> None:
    found = gaps(facts, params)
    assert set(found) == ({part} if part else set())
    assert gap in found.get(part, "")
    assert provenance(facts, params, DATASET_KEYS).score == 100 - lost


def test_weights_of_the_policy_count() -> None:
    weights = {**dict.fromkeys(PARTS, 0), "seed": 1, "commit": 1}
    assert provenance({"seed": 1}, {}, DATASET_KEYS, weights).score == 50


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 5), st.text('a"\\ \n{[0f-', max_size=4), st.sampled_from(["3843b2b", "null"]),
    st.lists(st.integers(0, 2), max_size=2), st.dictionaries(st.sampled_from(["sha256", "seed"]), st.sampled_from(["", "ab"])),
)  # fmt: skip
_facts = st.dictionaries(st.sampled_from([*WHOLE, "data", "args", "program", "seeds", "host", "cpu", "notes"]), _values)
_params = st.dictionaries(st.sampled_from(["seed", "a.seed", "myseed", "sha", "git/commit", "dataset", "data.path", "lr"]), _values)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(_facts, _params), min_size=1, max_size=12))
def test_sql_finds_the_same(runs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    history = History([Run(f"r{at}", params, facts=facts) for at, (facts, params) in enumerate(runs)])
    weights = {**WEIGHTS, "data": 31, "hardware": 0}
    sql, params = value_sql(parse_column("provenance"), history.names, Lens(provenance=weights))
    rows = history.connection.execute(f"SELECT {sql} FROM runs_now r ORDER BY r.rid", list(params)).fetchall()
    history.close()
    assert [value for (value,) in rows] == [provenance(*run, DATASET_KEYS, weights).score for run in runs]


def test_a_query_asks_for_it() -> None:
    history = History([Run("whole", facts=WHOLE), Run("bare")])
    assert history.ask("provenance = 100") == {"whole"}
    assert history.ask("provenance < 50") == {"bare"}
    history.close()


def test_the_score_rounds_half_up() -> None:
    assert score(signs({"git_commit": '"ab"'}, {}, ()), {**dict.fromkeys(PARTS, 0), "changes": 1, "seed": 99}) == 1


def test_real_runs_have_the_gaps_that_their_tools_leave(real_logs: Path) -> None:
    """W&B tells the commit and nothing of changes; Sacred also that there were none; Spinning Up knows its seed."""
    found = dict[str, set[frozenset[str]]]()
    with closing(Workspace.open((real_logs,))) as workspace:
        synced(workspace)
        for rid in workspace.order().rids:
            run = workspace.run(rid)
            parts = run["provenance"]["parts"]
            found.setdefault(",".join(run["tools"]), set()).add(
                frozenset(part["part"] for part in parts if part["gap"])
            )
    assert {"changes", "data"} in found["wandb"] or {"changes", "data", "seed"} in found["wandb"]
    assert {"data"} in found["sacred"]
    assert found["spinningup"] == {frozenset(("commit", "changes", "environment", "data", "command", "hardware"))}
