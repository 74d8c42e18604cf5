"""The commit that is checked out, from the files in `.git` alone: no program is started, a large repository costs nothing."""

from __future__ import annotations

from pathlib import Path

_SMALL = 1 << 20


def git_head(directory: Path) -> dict[str, object]:
    """`{"root", "commit", "branch", "remote"}` of the repository around `directory`, as far as known; {} for none."""
    try:
        for above in (directory, *directory.parents):
            if (above / ".git").exists():
                return _head(above)
    except (OSError, ValueError):
        pass
    return {}


def _head(root: Path) -> dict[str, object]:
    own = root / ".git"
    if own.is_file():  # a worktree or a submodule: "gitdir: <path>"
        own = root / _read(own).partition(":")[2].strip()
    shared = own / _read(own / "commondir").strip() if (own / "commondir").exists() else own
    told: dict[str, object] = {"root": str(root)}
    head = _read(own / "HEAD").strip()
    name = head.removeprefix("ref: ")
    commit = head if name == head else _resolved(name, own, shared)
    if name != head:
        told["branch"] = name.removeprefix("refs/heads/")
    if commit:
        told["commit"] = commit
    if remote := _remote(shared / "config"):
        told["remote"] = remote
    return told


def _resolved(name: str, own: Path, shared: Path) -> str:
    for place in (own, shared):
        if (place / name).is_file():
            return _read(place / name).strip()
    for line in _read(shared / "packed-refs").splitlines() if (shared / "packed-refs").exists() else ():
        commit, _, told = line.partition(" ")
        if told == name:
            return commit
    return ""


def _remote(config: Path) -> str:
    """The first remote's URL, without a password in it."""
    inside = False
    for line in _read(config).splitlines() if config.exists() else ():
        text = line.strip()
        if text.startswith("["):
            inside = text.startswith("[remote ")
        elif inside and text.partition("=")[0].strip() == "url":
            url = text.partition("=")[2].strip()
            scheme, slashes, rest = url.partition("://")
            return f"{scheme}://{rest.rpartition('@')[2]}" if slashes and "@" in rest.partition("/")[0] else url
    return ""


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_SMALL).decode("utf-8", "replace")
