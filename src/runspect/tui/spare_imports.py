"""What Textual and asyncio import and the screen never uses: left out while they are imported, which is a tenth of the wait.

Textual's command palette brings eight widgets (14 ms), the directory for its screenshots a package of its own (4), TLS for
asyncio's sockets OpenSSL (5). Which names Textual takes from them is known because its release is pinned exactly.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

UNUSED: dict[str, tuple[str, ...]] = {
    "textual.command": (
        "CommandListItem",
        "CommandPalette",
        "DiscoveryHit",
        "Hit",
        "Hits",
        "Provider",
        "SimpleProvider",
    ),
    "platformdirs": ("user_downloads_path",),
}
"""Modules, and the names that are taken from them."""
OPTIONAL = ("ssl",)
"""Modules without which their importers do."""


@contextmanager
def left_out() -> Iterator[None]:
    """Within it these modules are stand-ins, or missing; afterwards whoever asks for one gets the real one."""
    put: dict[str, ModuleType | None] = {name: _stand_in(name, names) for name, names in UNUSED.items()}
    put |= dict.fromkeys(OPTIONAL)
    put = {name: module for name, module in put.items() if name not in sys.modules}
    sys.modules.update(put)  # type: ignore[arg-type]  # None is what the import system takes for "not there"
    try:
        yield
    finally:
        for name, module in put.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _stand_in(name: str, names: tuple[str, ...]) -> ModuleType:
    module = ModuleType(name)
    for each in names:
        setattr(module, each, type(each, (), {}))
    return module
