"""How the program left its main module: by its last line, or by `SystemExit`, which no hook of Python tells of."""

from __future__ import annotations

import builtins
import sys
import threading

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

_UNTOLD = object()


class Leaving:
    """One a process; mutable. It looks at the main module's frame, which keeps where its execution ended."""

    def __init__(self) -> None:
        self._frame = _main_frame()
        self._code: Any = _UNTOLD
        """What `sys.exit` was called with last, in the main thread; somebody may have caught it."""
        if self._frame is not None:
            self._listen(sys, "exit")
            if (quitter := getattr(builtins, "exit", None)) is not None and type(quitter).__name__ == "Quitter":
                self._listen(type(quitter), "__call__")

    def by_exit(self) -> bool:
        """Whether an exception ended the main module; ask when the program ends, where no other is known."""
        frame = self._frame
        if frame is None or frame.f_lasti < 0:
            return False
        from opcode import opname  # imported where it is used: importing the recorder is to cost nothing

        return not opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")

    def told(self) -> SystemExit | None:
        """That `SystemExit` with its code; None where it was raised by other means than `sys.exit` or `exit`."""
        return None if self._code is _UNTOLD else SystemExit(self._code)

    def _listen(self, owner: Any, name: str) -> None:
        before: Callable[..., Any] = getattr(owner, name)

        def leave(*words: Any, **named: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                self._code = named["code"] if "code" in named else words[-1] if words and words[-1] is not None else 0
                if isinstance(self._code, type(getattr(builtins, "exit", None))):
                    self._code = 0  # exit() has no word but itself
            return before(*words, **named)

        leave.__name__, leave.__doc__ = name, before.__doc__
        setattr(owner, name, leave)


def _main_frame() -> FrameType | None:
    """The frame of the main module, where nothing but Python itself runs it: no notebook, debugger or test runner."""
    main = sys.modules.get("__main__")
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and main is not None:
        above = frame.f_back
        if frame.f_code.co_name == "<module>" and frame.f_globals is main.__dict__:
            return frame if above is None or above.f_globals.get("__name__") == "runpy" else None
        frame = above
    return None
