"""Event files in another tree than Sacred's directory: of one run when times and names say so."""

from __future__ import annotations

from runspect.model import Claim
from runspect.resolve import resolve
from tests.resolve.claims import events

START = 1_700_000_000


def sacred(number: int, begun: float, metrics: str = "loss\nreturn_mean") -> list[Claim]:
    root = f"results/sacred/{number}"
    return [
        Claim("sacred", f"{root}/run.json", root, "container", "status", 3, "sacred", (("begun", f"{begun}"),)),
        Claim("sacred", f"{root}/info.json", root, "container", "series", 3, "sacred", (("columns", metrics),)),
    ]


def board(name: str, start: int, tags: str = "return_mean") -> Claim:
    made = events(f"results/tb_logs/{name}", tags=tags)
    return Claim(
        made.reader, made.path, made.root, "weak", "series", 2, "tensorboard", (*made.hints, ("start", str(start)))
    )


def test_event_files_join_the_run_that_began_with_them() -> None:
    claims = [*sacred(1, START), *sacred(2, START + 5000), board("a", START + 3), board("b", START + 5004)]
    first, second = resolve(claims).runs
    assert [run.root for run in (first, second)] == ["results/sacred/1", "results/sacred/2"]
    assert "results/tb_logs/a" in {part.claim.root for part in first.parts}
    assert "results/tb_logs/b" in {part.claim.root for part in second.parts}


def test_other_times_or_names_or_two_candidates_join_nothing() -> None:
    for claims in (
        [*sacred(1, START), board("a", START + 4000)],
        [*sacred(1, START), board("a", START + 3, tags="val_acc")],
        [*sacred(1, START), *sacred(2, START + 1), board("a", START + 3)],
        [*sacred(1, START), board("a", START + 3), board("b", START + 4)],
    ):
        assert any(run.root.startswith("results/tb_logs/") for run in resolve(claims).runs)
