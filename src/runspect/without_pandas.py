"""A process of our own without pandas: pyarrow and DuckDB import it where it is installed, to ask whether a value is of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType


class _NoPandas:
    """Asked for pandas before anybody who could find it, it says that there is none.

    None in `sys.modules` is not enough: compiled code such as pyarrow's takes that for the module.
    """

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        """As of `importlib.abc.MetaPathFinder`.

        Raises:
            ModuleNotFoundError: It is pandas that is asked for.
        """
        if name == "pandas":
            raise ModuleNotFoundError("pandas is left out of this process", name=name)


_NO_PANDAS = _NoPandas()


def leave_pandas_out() -> None:
    """Say that there is no pandas, before anything asks; a training environment has it nearly always.

    It takes 0.2 s of CPU and 40 MB, in the screen before its first curve and in the engine at the first long series.
    Before anybody else's code runs, such as a reader of another package, `let_pandas_in` has to be called.
    """
    if _NO_PANDAS not in sys.meta_path:
        sys.meta_path.insert(0, _NO_PANDAS)


def let_pandas_in() -> None:
    """Whoever asks for pandas from now on gets it, where it is installed."""
    if _NO_PANDAS in sys.meta_path:
        sys.meta_path.remove(_NO_PANDAS)
