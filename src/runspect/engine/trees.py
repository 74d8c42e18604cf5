"""The roots that are or were watched, and their trees. Roots that hold each other are one: the outermost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from runspect.engine.claim_text import claim_from
from runspect.engine.run_rows import Home
from runspect.engine.tree import Tree
from runspect.engine.walked import Known
from runspect.index.ingest import Ingest
from runspect.index.reads.scope import fetch
from runspect.index.records import STORE
from runspect.index.store import Store
from runspect.model import HIDDEN_BY_RULE


class Trees:
    """Mutable, of the syncing thread."""

    def __init__(self, store: Store, ingest: Ingest, homes: dict[int, Home]) -> None:
        self._store = store
        self._ingest = ingest
        self._homes = homes
        self.by_root: dict[str, Tree] = {}
        """Those that were looked at since the engine started."""
        with store.cursor() as cursor:
            self.roots = {watch for (watch,) in fetch(cursor, "SELECT watch FROM watches_now")}
            """All that the index knows."""

    def place(self, directory: str, *, only_known: bool = False) -> tuple[str, str]:
        """(root, path below it) of a directory; if it is wider than known roots, they become part of it."""
        holding = [root for root in (*self.roots, *self.by_root) if inside(directory, root)]
        if holding:
            root = min(holding, key=len)
            return root, os.path.relpath(directory, root)
        if not only_known:
            for inner in [root for root in self.roots if inside(root, directory)]:
                self._take_in(inner, directory)
        return directory, "."

    def tree(self, root: str) -> tuple[Tree, bool]:
        """The tree of a root, and whether it was not looked at before."""
        tree = self.by_root.get(root)
        if tree is not None:
            return tree, False
        tree = self.by_root[root] = Tree(root, (str(self._store.path.parent),))
        tree.files = self._known_files(root)
        return tree, True

    def begin(self, root: str) -> None:
        """A root was seen to be there."""
        if root not in self.roots:
            self.roots.add(root)
            self._ingest.put_watch(root, True)

    def parted(self, paths: Iterable[str]) -> dict[str, set[str]]:
        """Absolute paths by the root that they are in, relative to it."""
        found: dict[str, set[str]] = {}
        for path in paths:
            for root in self.by_root:
                if inside(path, root):
                    found.setdefault(root, set()).add(os.path.relpath(path, root))
        return found

    def followed(self, directory: str) -> list[str] | None:
        """The directories at or below a directory that are to be watched, absolute; None when it was not looked at."""
        root, subtree = self.place(directory, only_known=True)
        tree = self.by_root.get(root)
        if tree is None:
            return None
        prefix = f"{subtree}/"
        return [
            absolute(root, each)
            for each in tree.directories
            if subtree == "." or each == subtree or each.startswith(prefix)
        ]

    def seen(self, directories: Sequence[str]) -> dict[str, int]:
        """What the last walk saw in these directories besides logs: what is hidden, then the most frequent first.

        Safe to call from any thread.
        """
        total: Counter[str] = Counter()
        for tree in tuple(self.by_root.values()):
            if any(inside(tree.root, directory) for directory in directories) or not directories:
                total.update(tree.seen())
            else:
                below = [
                    os.path.relpath(directory, tree.root) for directory in directories if inside(directory, tree.root)
                ]
                total.update(kind for place in below for kind in tree.kinds_below(place))
        return {kind: count for kind in (HIDDEN_BY_RULE,) if (count := total[kind])} | dict(total.most_common())

    def _take_in(self, inner: str, outer: str) -> None:
        """A wider directory is asked for: the rows of the inner root become rows of the outer one."""
        prefix = os.path.relpath(inner, outer)
        tree = self.by_root.pop(inner, None)
        files = tree.files if tree is not None else self._known_files(inner)
        gone = [(path, known.size, known.mtime, known.inode, None, False) for path, known in files.items()]
        self._ingest.put_claims(inner, gone)
        for rid, record in list(self._ingest.runs.items()):
            if record.watch == inner:
                for source in self._ingest.files_of(rid):
                    self._ingest.move(source, outer, f"{prefix}/{source.path}")
                path = prefix if record.path == "." else f"{prefix}/{record.path}"
                self._ingest.put_run(replace(record, watch=outer, path=path))
                self._homes.pop(rid, None)
        for store in [store for store in self._ingest.files_of(STORE) if store.watch == inner]:
            self._ingest.drop_store(store)
        self._ingest.drop_problems(inner)
        self._ingest.put_watch(inner, False)
        self.roots.discard(inner)

    def _known_files(self, root: str) -> dict[str, Known]:
        with self._store.cursor() as cursor:
            rows = fetch(cursor, "SELECT path, size, mtime, inode, claim FROM claims_now WHERE watch = ?", (root,))
        return {path: Known(size, mtime, inode, claim_from(claim)) for path, size, mtime, inode, claim in rows}


def absolute(root: str, path: str) -> str:
    """A path relative to a root, as an absolute one."""
    return root if path == "." else f"{root.rstrip('/')}/{path}"


def inside(path: str, directory: str) -> bool:
    """Whether a path is a directory or below it."""
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
