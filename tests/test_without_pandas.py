"""No process of ours imports pandas, though it is installed: the screen with its curves, the engine and its workers."""

from __future__ import annotations

import json
import os
import subprocess
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


def test_a_reader_of_another_package_gets_pandas(tmp_path: Path, home: Path) -> None:
    installed = tmp_path / "installed"
    (installed / "pandas").mkdir(parents=True)
    (installed / "pandas" / "__init__.py").write_text("__version__ = '2.3.0'\n")
    about = installed / "reader_with_pandas-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: reader-with-pandas\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[runspect.readers]\nframes = reader_with_pandas:READER\n")
    ledger = (Path(__file__).parent / "fixtures/plugin/runspect_ledger.py").read_text()
    (installed / "reader_with_pandas.py").write_text(ledger.replace("import json\n", "import json\nimport pandas\n", 1))
    asked = (
        "from runspect.without_pandas import leave_pandas_out; leave_pandas_out();"
        "from runspect.readers import plugin_faults, plugin_names; print(plugin_names(), plugin_faults())"
    )
    env = {**os.environ, "RUNSPECT_HOME": str(home), "PYTHONPATH": f"{SOURCE}:{installed}"}
    out = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True).stdout
    assert out == "('ledger',) ()\n"


def test_pyarrow_does_without(tmp_path: Path) -> None:
    installed = tmp_path / "pandas"
    installed.mkdir()
    (installed / "__init__.py").write_text("raise SystemExit('pandas was imported')\n")
    parquet = Path(__file__).parent / "fixtures/neptune_export/data/me_toy/RUN-1_part_0.parquet"
    asked = (
        "from runspect.without_pandas import leave_pandas_out; leave_pandas_out();"
        "from pathlib import Path; from runspect.readers import reader_named; from runspect.readers.contract import Cursor;"
        f"print(len(list(reader_named('neptune-export').read(Path({str(parquet)!r}), Cursor()))));"
        "import pyarrow; print(pyarrow.array([0.5, None]).to_pylist());"
        "import duckdb; print(duckdb.connect().execute('SELECT ?', ['a']).fetchall())"
    )
    env = {**os.environ, "PYTHONPATH": f"{SOURCE}:{tmp_path}"}
    out = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == ["1", "[0.5, None]", "[('a',)]"]
