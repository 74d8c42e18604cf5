"""The query language: text → tree → parameterised SQL, and completion."""

from runspect.columns.names import Names
from runspect.query.compile import Compiled, compile_query, compile_tree
from runspect.query.parse import parse
from runspect.query.tree import render

__all__ = ["Compiled", "Names", "compile_query", "compile_tree", "parse", "render"]
