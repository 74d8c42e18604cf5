"""Python source as data: literals, `dict(...)`, `Namespace(...)`; nothing is ever executed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Json

_MAKERS = frozenset(("dict", "Namespace", "argparse.Namespace", "SimpleNamespace", "EasyDict", "Config", "ConfigDict"))
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_LARGEST, _LARGEST_POWER = 2**63, 64
"""Of whole numbers in arithmetic: what is beyond is no setting, and could take all memory."""
_PATH = re.compile(r"(?:pathlib\.)?(?:Pure)?(?:Posix|Windows)?Path")
_SEQUENCES = frozenset(("list", "tuple", "set", "frozenset"))


def namespace(text: str) -> dict[str, Json]:
    """The arguments of `Namespace(a=1, b='x')`.

    Raises:
        ReaderFault: It is no such call.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ReaderFault("not a Namespace(...)") from error
    if not isinstance(tree.body, ast.Call):
        raise ReaderFault("not a Namespace(...)")
    return {word.arg: value(word.value, {}) for word in tree.body.keywords if word.arg}


def assignments(source: str) -> dict[str, Json]:
    """Top-level `name = literal` of a Python config; what is no literal is left out.

    Raises:
        ReaderFault: It is no Python.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ReaderFault(f"not Python: {str(error)[:80]}") from error
    known: dict[str, Json] = {}
    for statement in tree.body:
        target, content = _assigned(statement)
        if target and content is not None and not target.startswith("__"):
            try:
                known[target] = value(content, known)
            except ReaderFault:
                continue
    return known


def literal(text: str) -> Json:
    """A word of a text config: a Python literal, true/false/null, else the text itself."""
    word = text.strip()
    lower = word.lower()
    if lower in ("true", "false"):
        return lower == "true"
    if lower in ("none", "null", "~"):
        return None
    try:
        tree = ast.parse(word, mode="eval").body
        # "2024-11-25" is a date and "1/3" a text here, no arithmetic
        return word if any(isinstance(node, ast.BinOp) for node in ast.walk(tree)) else value(tree, {})
    except (ReaderFault, SyntaxError, ValueError, RecursionError, MemoryError):
        return word


def value(node: ast.expr, known: dict[str, Json], depth: int = 0) -> Json:
    """A literal expression as data.

    Raises:
        ReaderFault: It is more than a literal.
    """
    if depth > 64:
        raise ReaderFault("nested too deeply")
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, (str, int, float, bool, type(None))) else repr(node.value)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [value(item, known, depth + 1) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _mapping(node, known, depth)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return _signed(node, known, depth)
    if isinstance(node, ast.BinOp):
        return _computed(node, known, depth)
    if isinstance(node, ast.Call):
        return _call(node, known, depth)
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return float(node.id)
    raise ReaderFault("not a literal")


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, statement.value
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    return "", None


def _mapping(node: ast.Dict, known: dict[str, Json], depth: int) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, content in zip(node.keys, node.values, strict=True):
        if key is None:
            merged = value(content, known, depth + 1)
            found.update(merged if isinstance(merged, dict) else {})
        else:
            found[str(value(key, known, depth + 1))] = value(content, known, depth + 1)
    return found


def _signed(node: ast.UnaryOp, known: dict[str, Json], depth: int) -> Json:
    inner: Any = value(node.operand, known, depth + 1)
    if isinstance(inner, bool) or not isinstance(inner, (int, float)):
        raise ReaderFault("not a literal")
    return -inner if isinstance(node.op, ast.USub) else inner


def _computed(node: ast.BinOp, known: dict[str, Json], depth: int) -> Json:
    """Arithmetic with numbers, such as `2 * 16` and `1 / 255`."""
    left, right = (_operand(value(side, known, depth + 1)) for side in (node.left, node.right))
    work = _ARITHMETIC.get(type(node.op))
    if work is None or (isinstance(node.op, ast.Pow) and not 0 <= abs(right) <= _LARGEST_POWER):
        raise ReaderFault("not a literal")
    try:
        return _operand(work(left, right))
    except (ArithmeticError, ValueError) as error:
        raise ReaderFault("not a literal") from error


def _operand(found: Any) -> Any:
    number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if not number or (isinstance(found, int) and abs(found) > _LARGEST):
        raise ReaderFault("not a literal")
    return found


def _call(node: ast.Call, known: dict[str, Json], depth: int) -> Json:
    """`dict(a=1)` is a mapping; the call of anything else is its source text."""
    name = ast.unparse(node.func)
    if name in _SEQUENCES and len(node.args) == 1:
        return value(node.args[0], known, depth + 1)
    if _PATH.fullmatch(name) and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    if name in _MAKERS and not node.args:
        return {word.arg: value(word.value, known, depth + 1) for word in node.keywords if word.arg}
    return ast.unparse(node)[:200]
