"""Sources that git does not know yet, copied into the record up to a limit."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from runspect.recorder.capture.no_sources import NoSources

LARGEST_FILE = 1 << 20
LARGEST_SUM = 10 << 20
MOST = 500
"""Files that are copied."""
MOST_TOLD = 100
"""Skipped files that are listed; of more only the number."""

_SOURCES = frozenset(
    [
        "py",
        "pyx",
        "pxd",
        "pyi",
        "ipynb",
        "sh",
        "bash",
        "zsh",
        "fish",
        "yaml",
        "yml",
        "toml",
        "json",
        "jsonnet",
        "cfg",
        "ini",
        "conf",
        "txt",
        "md",
        "rst",
        "c",
        "cc",
        "cpp",
        "cxx",
        "cu",
        "cuh",
        "h",
        "hpp",
        "hh",
        "rs",
        "go",
        "jl",
        "r",
        "rmd",
        "m",
        "lua",
        "js",
        "ts",
        "mjs",
        "java",
        "kt",
        "scala",
        "swift",
        "f",
        "f90",
        "proto",
        "sql",
        "pl",
        "rb",
        "cmake",
        "mk",
        "gin",
        "hydra",
        "slurm",
        "sbatch",
        "pbs",
        "lock",
        "patch",
        "diff",
        "jinja",
        "j2",
        "tpl",
        "template",
        "tcl",
        "vim",
        "el",
        "nix",
        "dockerfile",
    ]
)
_NAMES = frozenset(
    [
        "makefile",
        "dockerfile",
        "containerfile",
        "justfile",
        "rakefile",
        "snakefile",
        "procfile",
        "cmakelists.txt",
        "pipfile",
        "jenkinsfile",
        "requirements",
        ".gitignore",
        ".dockerignore",
        ".gitmodules",
        ".python-version",
    ]
)
_CODE = frozenset(
    [
        "py",
        "pyx",
        "pxd",
        "pyi",
        "ipynb",
        "sh",
        "c",
        "cc",
        "cpp",
        "cu",
        "cuh",
        "h",
        "hpp",
        "rs",
        "go",
        "jl",
        "r",
        "js",
        "ts",
        "java",
    ]
)
_SECRET = re.compile(
    r"^\.env|\.env$|\.(?:pem|key|p12|pfx|jks|kdbx|keystore|asc|gpg)$|^\.?(?:netrc|npmrc|pypirc|pgpass|htpasswd)$|"
    r"id_(?:rsa|dsa|ecdsa|ed25519)|secret|credential|password|(?:^|[._-])tokens?\.(?:txt|json|ya?ml|toml)$|"
    r"service[._-]?account|kaggle\.json$",
    re.IGNORECASE,
)


def copy_untracked(root: Path, paths: Sequence[str], into: Path) -> dict[str, object]:
    """Copy the sources among `paths` (relative to `root`) to the same paths below `into`.

    Returns:
        `untracked`: what was copied; `untracked_skipped`: path, size, why of what was not, and path, files, why of
        directories without sources; `untracked_skipped_more`.
    """
    paths, skipped = _without_others(root, paths)
    copied, total = list[str](), 0
    for path, size, why in _judged(root, paths):
        if not why and len(copied) >= MOST:
            why = f"after the first {MOST} files"
        if not why and total + size > LARGEST_SUM:
            why = f"the others came to {LARGEST_SUM >> 20} MiB"
        if not why:
            why = _copy(root / path, into / path)
        if why:
            skipped.append({"path": _text(path), "size": size, "why": why})
        else:
            copied.append(_text(path))
            total += size
    found: dict[str, object] = {}
    if copied:
        found["untracked"] = copied
        _hide(into)
    if skipped:
        found["untracked_skipped"] = skipped[:MOST_TOLD]
    if len(skipped) > MOST_TOLD:
        found["untracked_skipped_more"] = len(skipped) - MOST_TOLD
    return found


def _without_others(root: Path, paths: Sequence[str]) -> tuple[list[str], list[dict[str, object]]]:
    """The paths outside of directories without sources, those of code and near the root first; and these directories."""
    others, kept, held = NoSources(root, paths), list[str](), dict[tuple[str, str], int]()
    for path in paths:
        if (found := others.holding(path)) is None:
            kept.append(path)
        else:
            held[found] = held.get(found, 0) + 1
    kept.sort(key=lambda path: (path.rpartition(".")[2].lower() not in _CODE, path.count("/")))
    return kept, [{"path": f"{_text(where)}/", "files": files, "why": why} for (where, why), files in held.items()]


def _hide(copies: Path) -> None:
    """Keep copies of configs and logs from being read as parts of the run."""
    try:
        (copies.parent / ".runspectignore").write_text(f"{copies.name}/\n", encoding="utf-8")
    except OSError:
        return


def _judged(root: Path, paths: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """(path, size, why it is not copied or "")."""
    for path in paths:
        if path.endswith("/"):
            yield path, 0, "a repository of its own"
            continue
        name = path.rpartition("/")[2]
        if _SECRET.search(name) and name.rpartition(".")[2] not in _CODE:
            yield path, _size(root / path), "may hold secrets, by its name"
        elif not _is_source(name):
            yield path, _size(root / path), "no source, by its name"
        else:
            yield _looked_at(root, path)


def _is_source(name: str) -> bool:
    lower = name.lower()
    stem, dot, suffix = lower.rpartition(".")
    return lower in _NAMES or (suffix in _SOURCES if dot and stem else not lower.startswith("."))


def _looked_at(root: Path, path: str) -> tuple[str, int, str]:
    try:
        found = (root / path).lstat()
    except OSError as error:
        return path, 0, error.strerror or str(error)
    if not stat.S_ISREG(found.st_mode):
        return path, found.st_size, "no regular file"
    if found.st_size > LARGEST_FILE:
        return path, found.st_size, f"larger than {LARGEST_FILE >> 20} MiB"
    return path, found.st_size, ""


def _copy(source: Path, target: Path) -> str:
    """Copy a file; why it was not copied, or ""."""
    try:
        with source.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
            mode = os.fstat(file.fileno()).st_mode
        if b"\0" in content[:8192] and not source.name.endswith(".ipynb"):
            return "binary"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(stat.S_IMODE(mode) | stat.S_IWUSR | stat.S_IRUSR)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _text(path: str) -> str:
    """A path as JSON can hold it; bytes that are no UTF-8 become escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
