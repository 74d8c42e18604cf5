"""Short ways to write claims in tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runspect.model import Claim, ClaimKind, Rank, RunPlan
from runspect.resolve import Resolution, resolve
from runspect.resolve.paths import parent


def claim(
    path: str,
    root: str | None = None,
    *,
    reader: str = "csv",
    rank: Rank = "weak",
    kind: ClaimKind = "series",
    columns: str = "",
    hints: Mapping[str, str] | None = None,
) -> Claim:
    """A claim whose root is the file's directory unless it is given."""
    told = {"columns": columns} if columns else dict(hints or {})
    return Claim(reader, path, parent(path) if root is None else root, rank, kind, 1, reader, tuple(told.items()))


def events(directory: str, *, tags: str = "loss", start: int = 1, writer: str = "vm:1", **hints: str) -> Claim:
    """An event file; without tags it is known to hold no scalar."""
    hints |= {"tags": tags, "scalars": "yes"} if tags else {"scalars": "no"}
    return claim(
        f"{directory}/events.out.tfevents.{start}.vm.1.0", reader="tfevents", hints={"writer": writer, **hints}
    )


def config(path: str, **hints: str) -> Claim:
    """A config file."""
    return claim(path, reader="config", kind="config", hints=hints)


def console(path: str) -> Claim:
    """A console log."""
    return claim(path, reader="console", kind="console")


def hydra(job: str) -> list[Claim]:
    """The three files of a Hydra job."""
    names = ("config.yaml", "overrides.yaml", "hydra.yaml")
    return [claim(f"{job}/.hydra/{name}", job, reader="hydra", rank="container", kind="config") for name in names]


def wandb(directory: str, run_id: str) -> list[Claim]:
    """The log and the files of a W&B run."""
    hints = {"id": f"wandb-id:{run_id}"}
    return [
        claim(f"{directory}/run-{run_id}.wandb", directory, reader="wandb", rank="tool", hints=hints),
        claim(
            f"{directory}/files/config.yaml", directory, reader="wandb-files", rank="tool", kind="config", hints=hints
        ),
    ]


def state(root: str, step: str, history: str, goal: str = "") -> Claim:
    """A Hugging Face trainer state, of a checkpoint or, with step "", of the root."""
    place = f"{root}/checkpoint-{step}" if step else root
    return claim(
        f"{place}/trainer_state.json", root, reader="hf-trainer", hints={"step": step, "history": history, "goal": goal}
    )


def roots(claims: Iterable[Claim]) -> list[tuple[str, str]]:
    """(root, key) of the runs of these claims."""
    return [(run.root, run.key) for run in resolve(claims).runs]


def only(claims: Iterable[Claim]) -> RunPlan:
    """The one run of these claims."""
    (run,) = resolve(claims).runs
    return run


def files(run: RunPlan) -> list[str]:
    """Paths of a run's files."""
    return [part.claim.path for part in run.parts]


def prefixes(run: RunPlan) -> dict[str, str]:
    """Directory of each file → the prefix of its metrics."""
    return {parent(part.claim.path): part.prefix for part in run.parts}


def named(resolution: Resolution) -> list[str]:
    """Names of all runs."""
    return [run.name for run in resolution.runs]
