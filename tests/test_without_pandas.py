"""No process of ours imports pandas, though it is installed: the screen with its curves, the engine and its workers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.pty_terminal import PtyTerminal

SOURCE = Path(__file__).parents[1] / "src"
LONG = 40_000
"""Points of a series that is kept as an outline."""


def test_pandas_stays_out(tmp_path: Path, home: Path) -> None:
    installed, imported = tmp_path / "installed" / "pandas", tmp_path / "imported"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text(f"open({str(imported)!r}, 'a').close()\n")
    run = tmp_path / "runs" / "alpha"
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"lr": 0.1}))
    (run / "metrics.jsonl").write_text("".join(f'{{"step": {at}, "loss": {at % 97}}}\n' for at in range(LONG)))
    env = {"RUNSPECT_HOME": str(home), "PYTHONPATH": f"{SOURCE}:{installed.parent}"}
    command = [sys.executable, "-m", "runspect", str(run.parent)]
    with PtyTerminal(command, columns=160, lines=45, env=env) as terminal:
        terminal.wait_for("alpha")
        terminal.wait_for("20k")  # on the axis of the curves below the table
        terminal.press("Q")
        terminal.wait_exit()
    assert not imported.exists()
