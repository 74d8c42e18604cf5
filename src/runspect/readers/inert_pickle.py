"""Pickles as plain data: every class is a stub that does nothing, so nothing in a file can be executed.

Before it is unpickled, the opcode stream is walked: it must end, stay small, and announce no size that the file could
not hold, so that a bomb is refused and not unpacked.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any

from runspect.errors import ReaderFault

LARGEST = 4 << 20
"""Bytes of a pickle that is looked at."""
MOST_OPCODES = 200_000
_SAFE_BUILTINS = {"set": set, "frozenset": frozenset, "list": list, "dict": dict, "tuple": tuple}


class Stub:
    """Stands for an object of any class: remembers how it was made, and does nothing else."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.made_with = args

    def __setstate__(self, state: object) -> None:
        self.state = state

    def __setitem__(self, key: object, value: object) -> None:
        return

    def append(self, item: object) -> None:
        """Items of an unknown container are not kept."""

    def extend(self, items: object) -> None:
        """Items of an unknown container are not kept."""

    def content(self) -> Any:
        """What the object held: its state, else its only argument (an enum's value), else all of them."""
        made: tuple[Any, ...] = getattr(self, "made_with", ())
        state = getattr(self, "state", None)
        if state is not None:
            return state
        return made[0] if len(made) == 1 else list(made)


def loads(data: bytes) -> Any:
    """The pickled value with stubs for all objects.

    Raises:
        ReaderFault: It is no pickle, or none that is safe to look into.
    """
    _inspect(data)
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except (
        pickle.UnpicklingError, ValueError, TypeError, AttributeError, IndexError, KeyError, EOFError, ImportError,
        OverflowError, RecursionError, MemoryError, UnicodeError,
    ) as error:  # fmt: skip  # what a damaged opcode stream makes the unpickler raise
        raise ReaderFault(f"not a readable pickle: {type(error).__name__}") from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A fresh inert class for any name; the plain containers are themselves."""
        if module in ("builtins", "__builtin__") and name in _SAFE_BUILTINS:
            return _SAFE_BUILTINS[name]
        return type(str(name).rpartition(".")[2] or "Stub", (Stub,), {"qualified": f"{module}.{name}"})

    def persistent_load(self, pid: object) -> Any:
        """Tensors' storages: not looked into."""
        return Stub()


def _inspect(data: bytes) -> None:
    """Refuse what is too large or announces sizes beyond its own."""
    if len(data) > LARGEST:
        raise ReaderFault("a pickle too large for settings")
    count = 0
    try:
        for opcode, argument, _ in pickletools.genops(data):
            count += 1
            if count > MOST_OPCODES:
                raise ReaderFault("a pickle too long for settings")
            if opcode.name in ("LONG_BINPUT", "PUT") and int(argument or 0) > MOST_OPCODES:
                raise ReaderFault("a pickle that asks for more memory than it holds")
            if opcode.name in ("EXT1", "EXT2", "EXT4", "INST", "OBJ"):
                raise ReaderFault(f"a pickle with {opcode.name}")
    except ReaderFault:
        raise
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError, UnicodeError) as error:
        raise ReaderFault("not a pickle, or one cut short") from error
