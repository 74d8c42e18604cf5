"""Every call of the workspace against a real engine over real files."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.errors import AmbiguousRun, EngineError, NotFound, QueryError, UsageError
from runspect.model import Op, Progress, Push, SortKey
from runspect.workspace import Workspace
from tests.engine.crowd import environment, until

STEPS = 300


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one with a console log, one with a secret, one with NaN."""
    root = tmp_path_factory.mktemp("runs")
    for number, name in enumerate(("alpha", "beta", "gamma")):
        (root / name).mkdir()
        lines = [
            json.dumps({"step": step, "loss": (number + 1) / (1 + step), "acc": step / STEPS}) for step in range(STEPS)
        ]
        if name == "gamma":
            lines.append('{"step": 300, "loss": NaN, "acc": 0.5}')
        (root / name / "metrics.jsonl").write_text("\n".join(lines) + "\n")
        config = {"lr": 10**-number, "opt": "adam", "api_key": "abc-secret"}
        (root / name / "config.json").write_text(json.dumps(config))
    (root / "alpha" / "train.log").write_text("begin\n 10%\r 20%\nTOKEN=hush end\n")
    return root


@pytest.fixture(scope="module")
def shared_home(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of one engine for all tests of this file, which has indexed the three runs."""
    home = tmp_path_factory.mktemp("home")
    with environment(RUNSPECT_HOME=str(home), RUNSPECT_ENGINE_IDLE_S="30"):
        first = Workspace.open([runs])
        assert first.sync() == 3
    yield home
    first.stop_engine()
    first.close()


@pytest.fixture
def workspace(runs: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace of the three runs."""
    monkeypatch.setenv("RUNSPECT_HOME", str(shared_home))
    opened = Workspace.open([runs])
    yield opened
    opened.close()


def test_sync_counts_the_runs_and_tells_how_far_it_is(workspace: Workspace) -> None:
    told: list[Progress] = []
    assert workspace.sync(told.append) == 3
    assert told


def test_sync_of_a_missing_directory_is_not_found(workspace: Workspace, tmp_path: Path) -> None:
    missing = Workspace.open([tmp_path / "nowhere"])
    with pytest.raises(NotFound, match="nowhere"):
        missing.sync()
    missing.close()


def test_order_filters_and_sorts(workspace: Workspace) -> None:
    order = workspace.order("loss:min > 0.005", sort=[SortKey("name", descending=True)])
    assert [row.name for row in workspace.window(order.rids, ())] == ["gamma", "beta"]
    assert order.total == 3


def test_a_wrong_query_points_at_its_token(workspace: Workspace) -> None:
    with pytest.raises(QueryError) as caught:
        workspace.order("loss < and")
    assert (caught.value.start, caught.value.end) != (0, 0)


def test_window_has_values_in_the_order_asked(workspace: Workspace) -> None:
    rids = workspace.order(sort=[SortKey("name")]).rids
    rows = workspace.window(rids, ("lr", "loss", "acc:max", "~loss", "api_key"))
    assert [row.values[:3] for row in rows[:2]] == [(1, 1 / STEPS, 299 / 300), (0.1, 2 / STEPS, 299 / 300)]
    assert rows[2].values[1] in ("NaN", pytest.approx(float("nan"), nan_ok=True))
    assert rows[0].values[3] and "secret" not in str(rows[0].values[4])


@pytest.mark.parametrize("query", ["", "loss:min > 0.005", "name:nobody"])
@pytest.mark.parametrize(("top", "page"), [(0, 50), (1, 1), (2, 5), (9, 2)])
def test_the_order_and_its_window_are_one_question(workspace: Workspace, query: str, top: int, page: int) -> None:
    columns, sort = ("name", "lr", "loss", "acc:max", "~loss", "api_key"), [SortKey("name", descending=True)]
    order, rows = workspace.order_with_rows(columns, query, sort, top=top, page=page)
    assert order == workspace.order(query, sort)
    shown = order.rids[top : top + page] or order.rids[:page]
    assert repr(rows) == repr(workspace.window(shown, columns))  # as text, in which NaN equals NaN
    _, others = workspace.order_with_rows(columns, query, sort, top=top, page=page, at_hand=shown[:1])
    assert [row.rid for row in others] == [*shown[1:]]


def test_a_wrong_query_is_told_where_both_are_asked(workspace: Workspace) -> None:
    with pytest.raises(QueryError) as caught:
        workspace.order_with_rows(("name",), "loss < and")
    assert caught.value.start


def test_the_json_of_runs_and_of_one_run(workspace: Workspace) -> None:
    listed = json.loads(workspace.runs_json(sort=[SortKey("name")]))
    assert [run["name"] for run in listed] == ["alpha", "beta", "gamma"]
    slim = json.loads(workspace.runs_json(fields=("uid", "name")))
    assert all(set(run) == {"uid", "name"} for run in slim)
    shown = workspace.run("alpha")
    assert shown["uid"] == listed[0]["uid"] and shown["metrics"]["loss"]["n"] == STEPS
    assert workspace.run(shown["rid"]) == shown
    assert "secret" not in workspace.run_json("alpha").decode()
    assert "abc-secret" in workspace.run_json("alpha", show_secrets=True).decode()


def test_resolve(workspace: Workspace) -> None:
    rid, uid, name = workspace.resolve("alpha")
    assert workspace.resolve(uid) == (rid, uid, name) == (rid, uid, "alpha")
    with pytest.raises(NotFound):
        workspace.resolve("delta")


def test_an_ambiguous_run_names_its_candidates(workspace: Workspace, tmp_path: Path) -> None:
    for group in ("a", "b"):
        (tmp_path / group / "same").mkdir(parents=True)
        (tmp_path / group / "same" / "metrics.jsonl").write_text('{"step": 0, "loss": 1}\n{"step": 1, "loss": 1}\n')
    both = Workspace.open([tmp_path / "a", tmp_path / "b"])
    both.sync()
    with pytest.raises(AmbiguousRun) as caught:
        both.resolve("same")
    assert len(caught.value.candidates) == 2
    both.close()


def test_series_are_raw_and_curves_thinned(workspace: Workspace) -> None:
    rid = workspace.resolve("alpha")[0]
    series = workspace.series("alpha", "loss")
    assert series["step"] == list(range(STEPS)) and len(series["value"]) == len(series["segment"]) == STEPS
    whole, *_ = workspace.curves([rid], ["loss"], width=1000)
    assert whole.x.tolist() == series["step"] and whole.y.tolist() == series["value"]
    both = workspace.curves([rid, workspace.resolve("beta")[0]], ["acc", "loss", "none"], width=10)
    assert [(curve.rid, curve.metric) for curve in both] == [
        (rid, "acc"), (rid, "loss"), (both[2].rid, "acc"), (both[2].rid, "loss"),
    ]  # fmt: skip
    assert all(0 < len(curve.x) == len(curve.y) <= 40 for curve in both)
    (part,) = workspace.curves([rid], ["loss"], span=(100, 120))
    assert part.x.min() >= 99 and part.x.max() <= 121
    assert workspace.curves([], []) == ()
    with pytest.raises(UsageError, match="step, time or relative"):
        workspace.curves([rid], ["loss"], x="epoch")


def test_choices_and_completion(workspace: Workspace) -> None:
    choices = workspace.choices()
    assert ("lr", 3, 3) in choices.params and ("loss", 3) in choices.metrics
    assert workspace.choices("name = alpha").metrics == (("acc", 1), ("loss", 1))
    completions = workspace.complete("na", 2)
    assert completions.start == 0 and any("name" in text for text, _ in completions.items)


def test_the_tail_of_a_console_log(workspace: Workspace) -> None:
    page = workspace.tail(workspace.resolve("alpha")[0])
    assert page.path == "train.log" and page.files == ("train.log",)
    assert page.lines[:2] == ("begin", " 20%") and "hush" not in page.lines[2]
    assert workspace.tail(workspace.resolve("beta")[0]).path == ""
    with pytest.raises(NotFound, match="no console log"):
        workspace.tail(workspace.resolve("alpha")[0], file="other.log")


def test_sql_reads_and_only_reads(workspace: Workspace) -> None:
    answer = workspace.sql("SELECT name FROM runs_now ORDER BY 1", limit=2)
    assert answer.columns == ("name",) and answer.rows == (("alpha",), ("beta",)) and answer.truncated
    with pytest.raises(UsageError):
        workspace.sql("DROP TABLE runs")


def test_roots_and_health(workspace: Workspace, runs: Path) -> None:
    assert (str(runs), 3) in [(root["root"], root["runs"]) for root in workspace.roots()]
    assert workspace.health() == json.loads(workspace.health_json())


def test_annotations_are_undone_by_who_made_them(workspace: Workspace, runs: Path) -> None:
    uid = workspace.resolve("alpha")[1]
    assert workspace.annotate([Op(f"run:{uid}", "tag:good", True), Op(f"run:{uid}", "note", "fine")]) == 2
    assert workspace.run("alpha")["tags"] == ["good"]
    other = Workspace.open([runs])
    assert other.undo() == ""
    assert workspace.undo() == "undid tag good, note"
    assert other.run("alpha")["tags"] == []
    assert workspace.redo() == "redid tag good, note"
    assert other.run("alpha")["note"] == "fine"
    other.close()


def test_clients_of_one_name_share_their_undo(workspace: Workspace, runs: Path) -> None:
    uid = workspace.resolve("beta")[1]
    first = Workspace.open([runs], client="cli")
    first.annotate([Op(f"run:{uid}", "star", True)])
    first.close()
    second = Workspace.open([runs], client="cli")
    assert second.undo() == "undid star"
    second.close()


def test_an_annotated_run_leaves_a_snapshot_without_secrets(workspace: Workspace, shared_home: Path) -> None:
    uid = workspace.resolve("gamma")[1]
    workspace.annotate([Op(f"run:{uid}", "note", "keep")])

    def written() -> str:
        return "".join(path.read_text() for path in (shared_home / "journal").glob("*.jsonl"))

    until(lambda: '"key":"snapshot"' in written() and '"lr":0.01' in written(), "the snapshot")
    assert "abc-secret" not in written()


def test_a_change_is_pushed_to_other_screens_at_once(workspace: Workspace, runs: Path) -> None:
    pushed = threading.Event()
    rid, uid, _ = workspace.resolve("alpha")

    def look(push: Push) -> None:
        if rid in push.rids and push.generation:
            pushed.set()

    screen = Workspace.open([runs], on_push=look)
    screen.watch()
    workspace.annotate([Op(f"run:{uid}", "tag:seen", True)])
    assert pushed.wait(1.0), "not within a second"
    screen.close()


def test_an_appended_point_is_pushed(workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "live" / "metrics.jsonl"
    log.parent.mkdir()
    log.write_text('{"step": 0, "loss": 1}\n{"step": 1, "loss": 1}\n')
    pushes: list[Push] = []
    screen = Workspace.open([tmp_path], on_push=pushes.append)
    screen.watch()
    screen.sync()
    (rid,) = screen.order().rids
    until(lambda: any(root["root"] == str(tmp_path) and root["mode"] for root in screen.roots()), "watching")
    pushes.clear()
    with log.open("a") as file:
        file.write('{"step": 2, "loss": 0.5}\n')
    until(lambda: any(rid in push.rids or push.everything for push in pushes), "the push", 15)
    until(lambda: bool(screen.run(rid)["metrics"]["loss"]["n"] == 3), "the point")
    screen.close()


def test_a_closed_workspace_refuses(workspace: Workspace) -> None:
    workspace.close()
    with pytest.raises(EngineError, match="closed"):
        workspace.roots()


def test_importing_the_workspace_loads_no_library() -> None:
    script = (
        "import sys, runspect.workspace\n"
        "heavy = {'numpy', 'duckdb', 'pyarrow', 'textual', 'pandas', 'orjson', 'yaml', 'watchdog', 'subprocess'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_engines_door_opens_without_libraries() -> None:
    script = (
        "import sys, runspect.engine.__main__\n"
        "print(sorted({'numpy', 'duckdb', 'pyarrow', 'watchdog', 'orjson'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_reach_of_metric_columns_is_that_of_all_runs_that_match(workspace: Workspace) -> None:
    specs = ("name", "loss", "loss:min", "~loss", "acc:max", "loss:n", "loss:min.step", "acc@min(loss)", "lr", "nosuch")
    found = workspace.bests(specs)
    assert set(found) == {"loss", "loss:min", "acc:max", "acc@min(loss)"}
    # the last loss of gamma is NaN
    assert (found["loss"].runs, found["loss"].low, found["loss"].best) == (2, 1 / STEPS, 1 / STEPS)
    assert (found["loss:min"].runs, found["loss:min"].high) == (3, 3 / STEPS)
    assert found["acc:max"].best == found["acc:max"].high == (STEPS - 1) / STEPS
    assert found["acc@min(loss)"].best == (STEPS - 1) / STEPS
    narrowed = workspace.bests(specs, "-name:alpha")
    assert (narrowed["loss"].runs, narrowed["loss"].best) == (1, 2 / STEPS)
    assert narrowed["acc@min(loss)"].runs == 2
    assert workspace.bests(("lr", "name")) == {}
    with pytest.raises(QueryError):
        workspace.bests(specs, "lr <")


def test_columns_are_counted_with_their_values(workspace: Workspace) -> None:
    found = workspace.distinct()
    assert found["field", "name"] == (3, 3)
    assert found["field", "project"] == (0, 0)
    assert found["metric", "acc"] == (3, 2)
    assert found["metric", "loss"][0] == 3


def test_what_there_is_to_choose_from_in_some_runs(workspace: Workspace) -> None:
    rids = workspace.order(sort=(SortKey("name", False),)).rids
    assert {name: (runs, values) for name, runs, values in workspace.choices(rids=rids[:2]).params} == {
        "lr": (2, 2),
        "opt": (2, 1),
        "api_key": (2, 1),
    }
