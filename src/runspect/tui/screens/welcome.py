"""What the table says when it lists nothing: why, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from runspect.counted import counted
from runspect.model import RunOrder
from runspect.tui.fit import shorten_path
from runspect.tui.widgets.painted import Line

LOOKED_FOR = (
    "TensorBoard event files",
    "W&B run directories (wandb/run-*, offline-run-*)",
    "Lightning (metrics.csv, hparams.yaml)",
    "Hugging Face Trainer (trainer_state.json)",
    "Hydra (.hydra/config.yaml)",
    "metrics in JSONL, CSV, TSV or JSON",
)


def nothing_listed(
    scope: Sequence[str],
    query: str,
    order: RunOrder | None,
    seen: Mapping[str, int],
    *,
    synced: bool,
    missing: Sequence[str] = (),
    why: Sequence[str] = (),
) -> list[Line]:
    """The lines of an empty table.

    Args:
        why: What `workspace.hints` says of the query.
    """
    home = os.path.expanduser("~")  # noqa: PTH111 - never raises
    where = ", ".join(shorten_path(directory, home, 60) for directory in scope) or "the known directories"
    if order is not None and order.total:
        if query:
            lines = _said(
                "No run matches this filter.",
                f"It hides {counted(order.total)}. esc takes it back, / changes it.",
            )
            return [*lines, *([[("   " + text, "plain")] for text in why])]
        return _said("Every run here is archived.", "A lists archived runs too.")
    if not synced:
        return _said("Looking for runs…", where)
    if missing:
        return _said(told_missing(missing) + ".", "Nothing is known of runs there. R looks again.")
    lines = _said("No runs here yet.", where)
    lines.append([("   Nothing was recognised as a training run. New ones appear by themselves.", "dim")])
    lines += [[], [("   Looked for", "dim")], *([("     " + text, "plain")] for text in LOOKED_FOR)]
    if seen:
        kinds = [f"{count:,} {kind}" for kind, count in list(seen.items())[:6]]
        lines += [[], [("   Saw instead", "dim")], *([("     " + text, "plain")] for text in kinds)]
    return lines


def told_missing(missing: Sequence[str]) -> str:
    """That directories of the scope are not there (any more)."""
    home = os.path.expanduser("~")  # noqa: PTH111 - never raises
    named = shorten_path(missing[0], home, 60)
    return f"{named} does not exist" if len(missing) == 1 else f"{len(missing)} directories do not exist, {named} first"


def _said(title: str, text: str) -> list[Line]:
    return [[], [], [("   " + title, "title")], [("   " + text, "dim")]]
