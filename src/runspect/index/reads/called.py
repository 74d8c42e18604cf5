"""What runs are called by who asks for a directory: names are unique among what is shown, and no longer than that takes.

A run without a name of its own is called by the end of its path, and the index keeps names that are unique in the whole
tree that it watches. Once a directory above was opened, `run0039` would thus be `l40/run0039` in every answer, also to
who asks for `l40` alone, and by what else was ever opened. So names are derived anew for the directories asked for, as if
nothing else were there: an answer depends on the disk and on what was asked, and `--json` says the same whatever was
opened before. `path` is relative to the same directory, and a uid never changes.

A RUN argument is read in the same scope: the name that was shown there fits, the longer one of the index does too, and so
does each end of the path that only one run has. A query's `name` is the name that the index keeps or an end of it behind a
`/`, so that `name = run0039` and `name:run*` find `l40/run0039`, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runspect.index.reads.scope import Cursor, Scope, fetch, inside, split
from runspect.resolve.names import distinct, plain_name

Called = Callable[[Cursor, Scope], Mapping[int, str]]
"""Says what runs are called in a scope, where that is not the name that the index keeps."""


def called(cursor: Cursor, scope: Scope) -> dict[int, str]:
    """Per rid, the name in this scope, where it is another than the index keeps.

    Nothing for the roots themselves, in which the names of the index are unique.
    """
    watched = [watch for (watch,) in fetch(cursor, "SELECT DISTINCT watch FROM runs")]
    if not any(_is_below(directory, watch) for directory in scope for watch in watched):
        return {}
    place = inside(scope)
    rows = fetch(
        cursor,
        "SELECT r.rid, r.name, r.own_name, r.path, r.key, r.watch, r.abspath FROM runs_now r "
        f"WHERE {place.sql} ORDER BY r.abspath, r.key, r.rid",
        place.params,
    )
    told = [(rid, name, _label(scope, name, *rest)) for rid, name, *rest in rows]
    names = distinct([("", label or name, plain_name(label) if label else name) for _, name, label in told])
    return {rid: name for (rid, kept, _), name in zip(told, names, strict=True) if name != kept}


def _label(scope: Scope, name: str, own_name: str, path: str, key: str, watch: str, abspath: str) -> str:
    """The path that a run is named by, seen from the asked directory; "" where a person or a tool named it."""
    if name != own_name or not _is_end(own_name, f"{watch}/{path}" if path != "." else watch):
        head, _, last = own_name.rpartition("/")
        by_file = name == own_name and key and head and _is_end(head, path) and key.startswith(last)
        return own_name if by_file else ""
    root, below = split(scope, watch, abspath)
    return root.rstrip("/").rpartition("/")[2] if below == "." else below


def _is_end(text: str, path: str) -> bool:
    return path == text or path.endswith(f"/{text}")


def _is_below(directory: str, watch: str) -> bool:
    return directory.startswith(f"{watch.rstrip('/')}/")
