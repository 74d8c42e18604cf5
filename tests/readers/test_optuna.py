"""What is peculiar to Optuna: trials that change until they end, numbers by order, parameters behind distributions."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runspect.readers import claim_file, reader_named
from runspect.readers.contract import Cursor
from runspect.readers.optuna import external
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of
from tests.readers.kept import Kept

STORAGE, JOURNAL = reader_named("optuna"), reader_named("optuna-journal")


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """A copy of a storage with the studies `sq` (7 trials, the last one running) and `mo` (2)."""
    return Path(shutil.copy(FIXTURES / "optuna/study.db", tmp_path))


def _change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def test_a_trial_goes_on_where_it_was(storage: Path) -> None:
    kept = Kept()
    assert len(kept.add(STORAGE.read(storage, kept.cursor))) == 9
    assert kept.facts["sq/6"]["end_state"] == "running" and "heartbeat" not in kept.facts["sq/6"]
    _change(
        storage,
        "INSERT INTO trial_intermediate_values VALUES (900, 7, 0, 0.5, 'FINITE'), (901, 7, 1, NULL, 'NAN')",
        "INSERT INTO trial_user_attributes VALUES (900, 7, 'note', '\"first\"')",
    )
    assert kept.add(STORAGE.read(storage, kept.cursor)) == ["sq/6"]
    assert kept.facts["sq/6"]["heartbeat"] == storage.stat().st_mtime, "what it reported is a sign of life"
    _change(storage, "INSERT INTO trial_heartbeats VALUES (1, 7, '2036-11-23 13:53:00')")
    kept.add(STORAGE.read(storage, kept.cursor))
    assert kept.facts["sq/6"]["heartbeat"] == 2111061180.0
    _change(
        storage,
        "INSERT INTO trial_values VALUES (900, 7, 0, NULL, 'INF_NEG')",
        "UPDATE trial_user_attributes SET value_json = '[1, 2]' WHERE trial_user_attribute_id = 900",
        "UPDATE trials SET state = 'COMPLETE', datetime_complete = '2026-11-23 13:54:00' WHERE trial_id = 7",
    )
    assert kept.add(STORAGE.read(storage, kept.cursor)) == ["sq/6"]
    assert kept.facts["sq/6"]["end_state"] == "finished"
    assert kept.params["sq/6"]["user_attrs.note"] == [1, 2]
    assert repr(kept.values["sq/6"]) == "{'intermediate': [0.5, nan], 'value': [-inf]}"
    assert kept.add(STORAGE.read(storage, kept.cursor)) == []
    assert kept.restarts == 1


def test_another_trials_report_is_no_sign_of_life_and_neither_is_an_old_one(storage: Path) -> None:
    _change(storage, "INSERT INTO trials VALUES (10, 7, 1, 'RUNNING', '2026-11-23 13:52:34', NULL)")
    os.utime(storage, (1000.0, 1000.0))
    kept = Kept()
    kept.add(STORAGE.read(storage, kept.cursor))
    _change(storage, "INSERT INTO trial_intermediate_values VALUES (900, 7, 0, 0.5, 'FINITE')")
    os.utime(storage, (1500.0, 1500.0))
    kept.add(STORAGE.read(storage, kept.cursor))
    assert kept.facts["sq/6"]["heartbeat"] == 1500.0 and "heartbeat" not in kept.facts["sq/7"]
    _change(storage, "INSERT INTO trial_intermediate_values VALUES (901, 7, 1, 0.5, 'FINITE')")
    os.utime(storage, (90000.0, 90000.0))
    kept.add(STORAGE.read(storage, kept.cursor))
    assert kept.facts["sq/6"]["heartbeat"] == 1500.0, "it may have come soon after the last read"


def test_a_trial_that_waits_says_so_and_shows_its_parameters(storage: Path) -> None:
    kept = Kept()
    kept.add(STORAGE.read(storage, kept.cursor))
    _change(
        storage,
        "INSERT INTO trials VALUES (10, 7, 1, 'WAITING', NULL, NULL)",
        """INSERT INTO trial_system_attributes VALUES (900, 10, 'fixed_params', '{"lr": 0.5, "opt": "sgd"}')""",
    )
    kept.add(STORAGE.read(storage, kept.cursor))
    facts = kept.facts["sq/7"]
    assert (facts["end_state"], facts["end_reason"]) == ("unknown", "waiting")
    assert kept.params["sq/7"] == {"lr": 0.5, "opt": "sgd"}
    _change(
        storage,
        "UPDATE trials SET state = 'RUNNING', datetime_start = '2026-11-23 13:54:00' WHERE trial_id = 10",
        "INSERT INTO trial_params VALUES (900, 10, 'lr', 0.25, '{\"name\": \"FloatDistribution\"}')",
    )
    kept.add(STORAGE.read(storage, kept.cursor))
    assert (facts["end_state"], facts["end_reason"]) == ("running", "")
    assert kept.params["sq/7"] == {"lr": 0.25, "opt": "sgd"}


def test_a_study_that_was_deleted_is_told_no_more(storage: Path) -> None:
    kept = Kept()
    kept.add(STORAGE.read(storage, kept.cursor))
    _change(storage, "DELETE FROM trials WHERE study_id = 2", "DELETE FROM studies WHERE study_id = 2")
    assert len(kept.add(STORAGE.read(storage, kept.cursor))) == 7
    assert kept.restarts == 2 and "mo/0" not in kept.facts


def test_another_storage_in_the_same_place_is_read_from_its_beginning(storage: Path) -> None:
    kept = Kept()
    kept.add(STORAGE.read(storage, kept.cursor))
    _change(storage, "UPDATE trials SET datetime_start = '2026-11-24 00:00:00' WHERE trial_id = 1")
    assert len(kept.add(STORAGE.read(storage, kept.cursor))) == 9
    assert kept.restarts == 2


def test_objectives_have_the_names_that_the_study_gives_them(storage: Path) -> None:
    _change(storage, """INSERT INTO study_system_attributes VALUES (1, 2, 'study:metric_names', '["loss", "acc"]')""")
    kept = Kept()
    kept.add(STORAGE.read(storage, kept.cursor))
    assert kept.values["mo/1"] == {"loss": [0.4011188023323108], "acc": [float("inf")]}
    assert kept.facts["mo/1"]["objectives"] == ["loss: minimize", "acc: maximize"]
    assert kept.facts["sq/0"]["objectives"] == ["value: maximize"]


def test_an_older_schema_lacks_tables_and_columns(storage: Path) -> None:
    _change(
        storage,
        "DROP TABLE trial_heartbeats",
        "ALTER TABLE trials DROP COLUMN number",
        "ALTER TABLE trial_values DROP COLUMN value_type",
        "DROP TABLE trial_intermediate_values",
    )
    kept = Kept()
    kept.add(STORAGE.read(storage, kept.cursor))
    assert sorted(kept.facts) == ["mo/0", "mo/1", *(f"sq/{count}" for count in range(7))]
    assert kept.values["sq/0"] == {"value": [0.8984375]}


def test_pieces_come_with_a_cursor_that_begins_anew(storage: Path) -> None:
    batches = list(STORAGE.read(storage, Cursor()))
    assert all(batch.cursor == Cursor() for batch in batches if batch.more)
    assert [batch.more for batch in batches][-1:] == [False] and batches[-1].cursor.state


def test_another_tools_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    _change(path, "CREATE TABLE studies (a)", "CREATE TABLE trials (b)")
    assert claim_file(entry_of(tmp_path, path)) is None


@pytest.mark.parametrize(
    ("value", "kind", "seen"),
    [
        (1.0, {"name": "CategoricalDistribution", "attributes": {"choices": ["a", None]}}, None),
        (5.0, {"name": "CategoricalDistribution", "attributes": {"choices": ["a"]}}, 5.0),
        (3.0, {"name": "IntUniformDistribution", "attributes": {}}, 3),
        (0.5, {"name": "LogUniformDistribution", "attributes": {}}, 0.5),
        (0.5, "noise", 0.5),
        (None, {}, None),
    ],
)
def test_a_parameter_is_what_the_objective_saw(value: object, kind: object, seen: object) -> None:
    assert external(value, json.dumps(kind)) == seen


# ---------------------------------------------------------------- journal


def _op(code: int, **more: object) -> str:
    return json.dumps({"op_code": code, "worker_id": "w", **more}) + "\n"


def _read(path: Path, *lines: str) -> Kept:
    kept = Kept()
    with path.open("a") as file:
        for line in lines:
            file.write(line)
            file.flush()
            kept.add(JOURNAL.read(path, kept.cursor))
    whole = Kept()
    whole.add(JOURNAL.read(path, Cursor()))
    assert (kept.params, repr(kept.values)) == (whole.params, repr(whole.values))
    # when something was reported is only known to who saw it come
    assert whole.facts == {key: _without_beats(facts) for key, facts in kept.facts.items()}
    return kept


def _without_beats(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "heartbeat"}


def test_a_trial_of_a_journal_that_waits_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "optuna.log"
    waiting = _op(4, study_id=0, datetime_start=None, state=4, system_attrs={"fixed_params": {"lr": 0.5, "opt": "sgd"}})
    kept = _read(path, _op(0, study_name="a", directions=[1]), waiting)
    assert kept.facts["a/0"]["end_reason"] == "waiting"
    assert kept.params["a/0"] == {"lr": 0.5, "opt": "sgd"}
    taken = _op(6, trial_id=0, state=0, values=None, datetime_start="2026-11-23T13:52:33+00:00")
    with path.open("a") as file:
        file.write(taken)
    kept.add(JOURNAL.read(path, kept.cursor))
    facts = kept.facts["a/0"]
    assert (facts["end_state"], facts["end_reason"], facts["heartbeat"]) == ("running", "", path.stat().st_mtime)


def test_operations_that_optuna_refuses_change_nothing(tmp_path: Path) -> None:
    kept = _read(
        tmp_path / "optuna.log",
        _op(0, study_name="a", directions=[1]),
        _op(0, study_name="a", directions=[2]),
        _op(0, study_name="b", directions=[2, 1]),
        _op(4, study_id=1, datetime_start="2026-01-01T00:00:00+00:00"),
        _op(4, study_id=7),
        _op(4, study_id=0),
        _op(6, trial_id=0, state=2, values=[1.0, 2.0], datetime_complete="2026-01-01T00:00:09+00:00"),
        _op(7, trial_id=0, step=1, intermediate_value=3.0),
        _op(6, trial_id=0, state=3, values=None),
        _op(99, trial_id=0),
    )
    assert sorted(kept.facts) == ["a/0", "b/0"]
    assert kept.facts["b/0"]["end_reason"] == "pruned"
    assert kept.facts["b/0"]["ended"] - kept.facts["b/0"]["started"] == 9
    assert kept.values == {"b/0": {"values_0": [1.0], "values_1": [2.0]}}


def test_a_trial_that_waited_is_taken_up_later(tmp_path: Path) -> None:
    kept = _read(
        tmp_path / "optuna.log",
        _op(0, study_name="a", directions=[1]),
        _op(4, study_id=0, state=4),
        _op(6, trial_id=0, state=0, values=None, datetime_start="2026-01-01T00:00:01+00:00"),
        _op(7, trial_id=0, step=0, intermediate_value=float("nan")),
        _op(8, trial_id=0, user_attr={"who": "me"}),
        _op(6, trial_id=0, state=3, values=None, datetime_complete="2026-01-01T00:00:02+00:00"),
    )
    assert kept.facts["a/0"]["end_state"] == "failed" and kept.facts["a/0"]["started"] == 1767225601
    assert kept.params == {"a/0": {"user_attrs.who": "me"}}
    assert repr(kept.values) == "{'a/0': {'intermediate': [nan]}}"


def test_a_trial_may_be_added_with_all_it_has(tmp_path: Path) -> None:
    kind = json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": ["sgd", "adam"]}})
    kept = _read(
        tmp_path / "optuna.log",
        _op(0, study_name="a", directions=[1]),
        _op(4, study_id=0, state=1, values=[0.5], params={"opt": 1}, distributions={"opt": kind},
            intermediate_values={"3": 0.75}, user_attrs={"x": 1}),
        _op(1, study_id=0),
        _op(4, study_id=0),
    )  # fmt: skip
    assert kept.params == {"a/0": {"opt": "adam", "user_attrs.x": 1}}
    assert kept.values == {"a/0": {"intermediate": [0.75], "value": [0.5]}}


def test_the_journal_is_known_by_its_first_operation(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text(_op(0, study_name="a", directions=[1]))
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and (claim.reader, claim.kind, claim.root) == ("optuna-journal", "store", "train.log")
