"""The objects of a list say what the object of each run says, secrets and odd numbers included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.index import reads
from runspect.index.reads import listed as listed_module
from runspect.index.reads.scope import WRITTEN_OUT
from runspect.index.store import Store
from runspect.masking import MASK
from runspect.model import Json, SortKey


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("index") / "index.duckdb")
    with opened.writing() as (cursor, upd):
        cursor.execute(
            "INSERT INTO runs BY NAME SELECT i AS rid, 'u' || i AS uid, '/w' AS watch, ['.', 'a b/c', '.hid/x', 'd/../e', 'f/'][i] AS path, "
            "'r' || i AS name, 'csv,jsonl' AS tools, 'finished' AS state, '' AS reason, "
            "CASE WHEN i <> 3 THEN TIMESTAMP '2026-01-02 03:04:05.000678' END AS started, "
            f"false AS hidden, {upd} AS upd FROM range(1, 6) t(i)"
        )
        cursor.execute(f"INSERT INTO ids SELECT 'u' || i, i, {upd} FROM range(1, 6) t(i)")
        cursor.executemany(
            "INSERT INTO cfg VALUES (?, ?, ?, ?, NULL, false, true, ?)",
            [
                (1, "lr", 0.1, "0.1", upd),
                (1, 'qu"ote', None, '"ü \\" \\n"', upd),
                (1, "api_key", None, '"hidden away"', upd),
                (2, "api_key", None, '"hidden away"', upd),
                (2, "nested", None, '[{"password": "x", "n": [1, null]}]', upd),
                (2, "lr", None, '"low"', upd),
                (4, "url", None, '"https://me:pw@host/"', upd),
                (5, "lr", 0.01, "0.01", upd),
            ],
        )
        cursor.execute("INSERT INTO metrics VALUES (1, 'loss'), (2, 'odd \"one\"')")
        cursor.execute(f"""
            INSERT INTO series BY NAME SELECT * FROM (VALUES
                (1, 1, 5, 0, 1, 3.0, 9, 1e-5, 0.25, 8, 3.0, 1), (1, 2, 2, 2, 1, 'NaN'::DOUBLE, 2, '-Infinity'::DOUBLE, NULL, NULL, NULL, NULL),
                (2, 1, 1, 0, NULL, 1e300, NULL, 0.1 + 0.2, 7, 7, 7, 7)
            ) t(rid, mid, n, nonfinite, first_step, first_v, last_step, last_v, lo, lo_step, hi, hi_step), (SELECT true AS live, {upd} AS upd)""")
    yield opened
    opened.close()


@pytest.mark.parametrize("show_secrets", [False, True])
@pytest.mark.parametrize("scope", [(), ("/w",), ("/w/a b", "/w"), ("/",)])
@pytest.mark.parametrize("few", [0, WRITTEN_OUT])
def test_a_list_says_what_each_run_says(
    store: Store, scope: tuple[str, ...], show_secrets: bool, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_module, "WRITTEN_OUT", few)  # where many are told, DuckDB writes them
    with store.cursor() as cursor:
        listed = json.loads(reads.runs_json(cursor, scope, show_secrets=show_secrets))
        assert len(listed) == 5
        for found in listed:
            alone = json.loads(reads.run_json(cursor, scope, found["uid"], show_secrets))
            assert found == {key: alone[key] for key in found}
            assert [*found["params"]] == sorted(found["params"])
    secret = "hidden away" if show_secrets else MASK
    assert {run["params"].get("api_key") for run in listed} == {secret, None}


def test_fields_come_in_the_order_that_was_asked_for(store: Store) -> None:
    with store.cursor() as cursor:
        found: list[dict[str, Json]] = json.loads(
            reads.runs_json(cursor, (), fields=("steps", "name", "facts"), limit=2)
        )
        assert [[*run] for run in found] == [["steps", "name", "facts"]] * 2
        assert reads.runs_json(cursor, (), "name:nobody") == b"[]"


@pytest.mark.parametrize(
    ("column", "up", "down"),
    [
        ("lr", ["r5", "r1", "r2", "r4", "r3"], ["r1", "r5", "r2", "r4", "r3"]),
        ("loss:min", ["r1", "r2", "r4", "r5", "r3"], ["r2", "r1", "r4", "r5", "r3"]),
    ],
)
def test_numbers_come_before_words_and_runs_without_come_last(
    store: Store, column: str, up: list[str], down: list[str]
) -> None:
    with store.cursor() as cursor:
        for descending, wanted in ((False, up), (True, down)):
            rids = reads.order(cursor, (), sort=(SortKey(column, descending),)).rids
            assert [f"r{rid}" for rid in rids] == wanted


def test_conditions_on_metrics_hold_together_with_a_sort_order(store: Store) -> None:
    with store.cursor() as cursor:
        for query, wanted in (
            ("loss:min<1", [1]),
            ("has:loss", [1, 2]),
            ("has:metrics and loss:min>1", [2]),
            ("not has:loss", [4, 5, 3]),
        ):
            found = reads.order(cursor, (), query, (SortKey("loss:min"),))
            assert [*found.rids] == wanted


def test_a_metric_that_was_taken_back_is_offered_only_where_another_run_has_it(tmp_path: Path) -> None:
    opened = Store.open(tmp_path / "index.duckdb")
    with opened.writing() as (cursor, upd):
        cursor.execute(
            "INSERT INTO runs BY NAME SELECT i AS rid, 'u' || i AS uid, '/w' AS watch, 'r' || i AS path, 'r' || i AS name, "
            f"'finished' AS state, '' AS reason, false AS hidden, {upd} AS upd FROM range(600) t(i)"
        )
        cursor.execute("INSERT INTO metrics VALUES (1, 'loss'), (2, 'twin'), (3, 'gone'), (4, 'back')")
        cursor.execute(
            f"INSERT INTO series BY NAME SELECT i AS rid, m AS mid, 1 AS n, m <> 4 AS live, {upd} AS upd FROM range(600) t(i), range(1, 5) q(m)"
        )
        cursor.execute(
            f"INSERT INTO series BY NAME SELECT i AS rid, m AS mid, 1 AS n, m = 4 AS live, {upd + 1} AS upd "
            "FROM range(600) t(i), range(2, 5) q(m) WHERE m = 3 OR m = 2 AND i > 0 OR m = 4 AND i = 7"
        )
    with opened.cursor() as cursor:
        assert reads.names(cursor, ()).metrics == ("back", "loss", "twin")
        counted = [(each["name"], each["runs"]) for each in reads.choices(cursor, ())["metrics"]]
        assert counted == [("loss", 600), ("back", 1), ("twin", 1)]
        few = [(each["name"], each["runs"]) for each in reads.choices(cursor, (), [0, 7])["metrics"]]
        assert few == [("loss", 2), ("back", 1), ("twin", 1)]
    opened.close()
