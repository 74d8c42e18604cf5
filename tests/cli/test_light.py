"""What a command for scripts does not import: it copies bytes that the engine made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
RUN = (
    "import sys; from runspect.__main__ import main; code = main(); "
    "print(code, *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
)
NEVER = {"duckdb", "numpy", "orjson", "pandas", "pyarrow", "rich", "textual", "watchdog", "yaml"}
NOT_FOR_BYTES = {"getpass", "hashlib", "logging", "secrets", "shutil", "subprocess", "unicodedata"}


def loaded(home: Path, *words: str) -> set[str]:
    """What `runspect WORDS…` has imported at its end."""
    environ = {**os.environ, "RUNSPECT_HOME": str(home), "PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-S", "-c", RUN, *words], env=environ, capture_output=True, text=True, check=True)  # fmt: skip
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0"
    return set(names)


def test_json_is_copied_without_what_could_make_it(tmp_path: Path) -> None:
    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n')
    try:
        words = ("ls", "-C", str(tmp_path / "exp"), "--json")
        loaded(tmp_path / "home", *words)
        # what tells of progress is imported on a machine so busy that there is some
        found = loaded(tmp_path / "home", *words, "--no-sync")
        assert sorted((NEVER | NOT_FOR_BYTES) & found) == []
    finally:
        loaded(tmp_path / "home", "engine", "stop")


def test_the_help_and_the_version_need_next_to_nothing(tmp_path: Path) -> None:
    assert not (NEVER | {"argparse", "dataclasses", "json", "pathlib", "re", "typing"}) & loaded(tmp_path, "--help")
    assert "signal" not in loaded(tmp_path, "--version")
