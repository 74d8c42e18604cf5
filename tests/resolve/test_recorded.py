"""Files outside a record that its run wrote."""

from __future__ import annotations

import random

from runspect.model import Claim, RunPlan
from runspect.resolve import resolve
from tests.resolve.claims import claim, config, console, wandb


def record(
    root: str,
    *wrote: tuple[str, float, float],
    span: tuple[float, float] = (100, 200),
    process: str = "vm:7",
    below: str = "",
) -> list[Claim]:
    """A record with points of its own; `wrote` are (path below the walked root, from, to), `below` that to its cwd."""
    lines = [
        f"{begun}\t{ended}\t{path if not below else ''}\t{path if below else ''}\t" for path, begun, ended in wrote
    ]
    hints = {"span": f"{span[0]} {span[1]}", "process": process, "wrote": "\n".join(lines)}
    return [
        claim(f"{root}/run.json", reader="runspect", rank="container", kind="status", hints=hints),
        claim(f"{root}/metrics.jsonl", reader="runspect-points"),
    ]


def board(directory: str, start: int, writer: str) -> Claim:
    """An event file with all that its name tells."""
    hints = {"writer": writer, "start": str(start), "tags": "loss", "scalars": "yes"}
    return claim(f"{directory}/events.out.tfevents.{start}.vm.1.0", reader="tfevents", hints=hints)


def runs(claims: list[Claim]) -> dict[str, RunPlan]:
    """By root; the order of the claims says nothing."""
    found = resolve(claims)
    shuffled = list(claims)
    random.Random(len(claims)).shuffle(shuffled)
    assert resolve(shuffled) == found
    return {plan.root: plan for plan in found.runs}


def files(plan: RunPlan) -> set[str]:
    return {part.claim.path for part in plan.parts}


def test_weak_files_elsewhere_fold_with_what_lies_beside_them() -> None:
    csv = claim("logs/version_0/metrics.csv", columns="loss")
    claims = [*record("runs/a", (csv.path, 110, 190)), csv, config("logs/version_0/hparams.yaml")]
    ((root, plan),) = runs(claims).items()
    assert root == "runs/a"
    assert files(plan) == {"runs/a/run.json", "runs/a/metrics.jsonl", csv.path, "logs/version_0/hparams.yaml"}


def test_a_run_of_a_tool_folds_and_several_are_children() -> None:
    one, two = wandb("wandb/run-1-abc", "abc"), wandb("wandb/run-2-def", "def")
    plan = runs([*record("runs/a", (one[0].path, 110, 190)), *one])["runs/a"]
    assert files(plan) >= {one[0].path, one[1].path} and plan.ids == ("wandb-id:abc",)
    both = runs([*record("runs/a", (one[0].path, 110, 150), (two[0].path, 150, 190)), *one, *two])
    assert both["wandb/run-1-abc"].parent == both["wandb/run-2-def"].parent == "runs/a"


def test_a_console_that_the_run_wrote_is_its_own() -> None:
    log = console("out/train.log")
    assert files(runs([*record("runs/a", (log.path, 110, 190)), log])["runs/a"]) >= {log.path}


def test_what_two_records_wrote_belongs_to_the_first_and_stays_apart() -> None:
    csv = claim("shared/metrics.csv", columns="loss")
    claims = [
        *record("runs/a", (csv.path, 110, 190)),
        *record("runs/b", (csv.path, 310, 390), span=(300, 400), process="vm:8"),
        csv,
    ]
    found = runs(claims)
    assert set(found) == {"runs/a", "runs/b", "shared"} and found["shared"].parent == "runs/a"


def test_a_file_belongs_to_the_record_that_had_it_open_or_in_whose_time_it_began() -> None:
    events = board("tb", start=320, writer="vm:9")
    claims = [
        *record("runs/a", (events.path, 110, 390), span=(100, 400)),
        *record("runs/b", (events.path, 315, 390), span=(300, 400), process="vm:8"),
        events,
    ]
    assert set(runs(claims)) == {
        "runs/a",
        "runs/b",
        "tb",
    }  # both had it open while it was there: whose it is nobody knows
    claims[0:2] = record("runs/a", (events.path, 190, 190))  # it only lay beside a file of a
    found = runs(claims)
    assert events.path in files(found["runs/b"]) and events.path not in files(found["runs/a"])


def test_event_files_name_their_process() -> None:
    events = board("tb/x", start=120, writer="vm:7")
    plan = runs([*record("runs/a"), events])["runs/a"]
    assert events.path in files(plan)
    later = board("tb/x", start=900, writer="vm:7")
    assert set(runs([*record("runs/a"), later])) == {"runs/a", "tb/x"}
    # a number of a process that was given anew: the newer record in whose time it began
    killed = record("runs/a", span=(100, float("nan")))
    found = runs([*killed, *record("runs/b", span=(800, 1000)), later])
    assert later.path in files(found["runs/b"])


def test_a_board_that_another_run_wrote_to_as_well_stays_apart() -> None:
    own, other = board("tb", start=120, writer="vm:7"), board("tb", start=20, writer="vm:3")
    found = runs([*record("runs/a", (own.path, 120, 190)), own, other])
    assert set(found) == {"runs/a", "tb"} and found["tb"].parent == "runs/a"


def test_a_moved_tree_is_told_by_what_lies_where_in_it() -> None:
    csv = claim("moved/proj/logs/metrics.csv", columns="loss")
    claims = [*record("moved/proj/runs/a", ("logs/metrics.csv", 110, 190), below="cwd"), csv]
    assert csv.path in files(runs(claims)["moved/proj/runs/a"])
    stranger = claim("elsewhere/logs/metrics.csv", columns="loss")
    assert set(runs([*claims[:2], stranger])) == {"moved/proj/runs/a", "elsewhere/logs"}


def test_a_record_that_wrote_nothing_elsewhere_is_as_before() -> None:
    csv = claim("logs/metrics.csv", columns="loss")
    assert set(runs([*record("runs/a"), csv])) == {"runs/a", "logs"}
