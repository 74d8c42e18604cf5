"""The screen starts without what it never uses of Textual and asyncio, and whoever asks later gets the real thing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import textual

from runspect.tui.app import RunspectApp
from runspect.tui.spare_imports import UNUSED

_LOADED = """
import sys
from runspect.tui.spare_imports import OPTIONAL, UNUSED, left_out
with left_out():
    import runspect.tui.app
spared = [name for name in (*UNUSED, *OPTIONAL) if name not in sys.modules]
from textual.command import CommandPalette
import platformdirs, ssl
assert CommandPalette.__init__ is not object.__init__ and ssl.SSLContext and platformdirs.user_data_path
print(*spared)
print(*(name for name in sys.modules if name.startswith("textual.")))
"""


def _taken(module: str, from_: str) -> set[str]:
    """What a module of Textual imports from another one as it is loaded."""
    file = Path(textual.__file__).parent.joinpath(*module.split(".")[1:])
    source = file.with_suffix(".py") if file.with_suffix(".py").is_file() else file / "__init__.py"
    if not source.is_file():
        return set()
    return {
        name.name
        for node in ast.parse(source.read_text()).body
        if isinstance(node, ast.ImportFrom) and node.module == from_
        for name in node.names
    }


def test_stand_ins_have_the_names_that_are_taken_and_go_afterwards() -> None:
    out = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True).stdout
    spared, loaded = (line.split() for line in out.splitlines())
    assert spared == [*UNUSED, "ssl"]
    for missing, names in UNUSED.items():
        taken = {name for module in loaded if module != missing for name in _taken(module, missing)}
        assert taken <= set(names)
    assert _taken("textual.app", "textual.command"), "Textual does not import it any more: leave it alone"


def test_what_is_left_out_is_switched_off() -> None:
    assert not RunspectApp.ENABLE_COMMAND_PALETTE
