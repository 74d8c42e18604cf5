"""The query language: text → tree → parameterised SQL, and completion."""

from runspect.columns.names import Names
from runspect.query.compile import Compiled, compile_query, compile_tree
from runspect.query.complete import Completion, complete
from runspect.query.parse import parse
from runspect.query.tree import literal, render

__all__ = ["Compiled", "Completion", "Names", "compile_query", "compile_tree", "complete", "literal", "parse", "render"]
