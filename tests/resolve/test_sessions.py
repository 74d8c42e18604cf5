"""Starts in one work directory: what goes on with a run, and what begins one."""

from __future__ import annotations

from runspect.identity import places
from runspect.model import Claim
from runspect.resolve import resolve
from tests.resolve.claims import wandb


def row_file(session: str, begins: str | None, name: str = "scalars.json") -> Claim:
    """A claim on the rows of a session of MMEngine in `work`."""
    hints = (("session", session), *((("begins", begins),) if begins is not None else ()))
    if name != "scalars.json":
        hints = (("copy", f"work/{session}/vis_data/scalars.json"), *hints)
    return Claim("mmengine", f"work/{session}/vis_data/{name}", "work", "container", "series", 3, "mmengine", hints)


def config() -> Claim:
    return Claim("mmengine-files", "work/cfg.py", "work", "container", "config", 3, "mmengine")


def events(session: str) -> Claim:
    path = f"work/{session}/vis_data/events.out.tfevents.1.vm"
    return Claim("tfevents", path, f"work/{session}/vis_data", "weak", "series", 2, "tensorboard")


def test_a_session_that_trained_on_is_the_same_run() -> None:
    [run] = resolve([row_file("20240101_000000", "0"), row_file("20240102_000000", "60"), config()]).runs
    assert run.root == "work"
    assert len(run.parts) == 3


def test_a_session_from_the_beginning_is_another_run_with_what_the_work_directory_holds_now() -> None:
    claims = [row_file("20240101_000000", "0"), row_file("20240102_000000", "0"), row_file("20240103_000000", "9")]
    first, second = resolve([*claims, events("20240101_000000"), events("20240103_000000"), config()]).runs
    assert (first.root, second.root) == ("work", "work/20240102_000000")
    assert [part.claim.path.split("/")[1] for part in first.parts] == ["20240101_000000"] * 2
    assert {part.claim.path.split("/")[1] for part in second.parts} == {"20240102_000000", "20240103_000000", "cfg.py"}


def test_runs_of_one_work_directory_have_ids_of_their_own() -> None:
    runs = resolve([row_file("20240101_000000", "0"), row_file("20240102_000000", "0")]).runs
    assert [places(run) for run in runs] == [(("work", ""),), (("work/20240102_000000", ""),)]


def test_an_attempt_without_rows_belongs_to_the_run_that_got_further() -> None:
    [run] = resolve([row_file("20240101_000000", None), row_file("20240102_000000", "0")]).runs
    assert run.root == "work"


def test_sessions_add_nothing_to_the_names_of_metrics_and_twins_are_not_read() -> None:
    session = ("20240101_000000", "20240102_000000")
    twin = row_file(session[0], "0", f"{session[0]}.json")
    [run] = resolve([row_file(session[0], "0"), twin, *map(events, session), row_file(session[1], "60")]).runs
    assert {part.prefix for part in run.parts} == {""}
    assert [part.claim.path for part in run.parts if part.use == "also_in"] == [twin.path]


def test_a_wandb_run_in_each_session_is_the_same_run() -> None:
    names = ("20240101_000000", "20240102_000000")
    boards = [claim for name in names for claim in wandb(f"work/{name}/vis_data/wandb/run-1-{name}", name)]
    [run] = resolve([row_file(names[0], "0"), row_file(names[1], "60"), *boards]).runs
    assert (run.root, {part.prefix for part in run.parts}) == ("work", {""})


def test_the_code_that_guild_copied_holds_no_runs() -> None:
    made = Claim("guild", "runs/a/.guild/opref", "runs/a", "container", "status", 3, "guild")
    copy = Claim("csv", "runs/a/.guild/sourcecode/old/metrics.csv", "runs/a/.guild/sourcecode/old", "weak", "series")
    result = resolve([made, copy])
    assert [part.claim for run in result.runs for part in run.parts] == [made]
    assert result.loose == (copy,)
