"""The layers of the design are import contracts; `pyproject.toml` states them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent

HEAVY = {"numpy", "pyarrow", "duckdb", "textual", "rich", "plotext", "watchdog", "yaml", "orjson"}


def test_layers_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "import runspect",
        "import runspect.workspace",
        "import sys; sys.argv = ['runspect', '--version']; from runspect.__main__ import main; main()",
        "import sys; sys.argv = ['runspect', '--help']; from runspect.__main__ import main; main()",
        "import runspect.cli.ls, runspect.cli.show, runspect.cli.health, runspect.cli.tag",
    ],
)
def test_loads_nothing_heavy(statement: str) -> None:
    code = f"{statement}\nimport sys\nprint('loaded:', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"
