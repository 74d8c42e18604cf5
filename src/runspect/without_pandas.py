"""A process of our own without pandas: pyarrow and DuckDB import it where it is installed, to ask whether a value is of it."""

from __future__ import annotations

import sys


def leave_pandas_out() -> None:
    """Say that there is no pandas, before anything asks; a training environment has it nearly always.

    It takes 0.2 s of CPU and 40 MB, in the screen before its first curve and in the engine at the first long series.
    Before anybody else's code runs, such as a reader of another package, `let_pandas_in` has to be called.
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # what the import system takes for "not there"


def let_pandas_in() -> None:
    """Whoever asks for pandas from now on gets it, where it is installed."""
    if sys.modules.get("pandas", sys) is None:
        del sys.modules["pandas"]
