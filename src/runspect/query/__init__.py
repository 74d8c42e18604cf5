"""The query language: text → tree → parameterised SQL; what may follow in a text is in `complete`."""

from runspect.columns.names import Names
from runspect.query.compile import Compiled, compile_query, compile_tree
from runspect.query.parse import parse
from runspect.query.tree import literal, render

__all__ = ["Compiled", "Names", "compile_query", "compile_tree", "literal", "parse", "render"]
