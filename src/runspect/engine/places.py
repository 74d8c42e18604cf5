"""Which directories can hold runs: not those of environments, caches, repositories and data sets."""

from __future__ import annotations

import re
from collections.abc import Set

SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "dist-packages", "venv", "conda-meta", "lost+found", "__MACOSX"}
)
"""Directories that are never entered; every hidden one but `HIDDEN` is left out as well (.git, .venv, .cache, …)."""
TRASH = ".trash"
"""Where MLflow's file store keeps deleted experiments; other programs have trash of that name."""
HIDDEN = frozenset({".hydra", ".guild", ".aim", ".neptune", ".cometml-runs", TRASH})
"""Hidden directories that hold runs."""
SYSTEM = frozenset({"/proc", "/sys", "/dev", "/run"})
"""Directories without files of people, by their absolute path."""
_HUB_CACHE = re.compile(r"(?:models|datasets|spaces)--.+")
"""Directories of the Hugging Face hub's download cache."""
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
_ENVIRONMENT_PARTS = frozenset(
    {"bin", "lib", "lib64", "include", "share", "etc", "pkgs", "condabin", "ssl", "man", "Lib", "Scripts", "Include"}
)
"""A project may itself be an environment, with its runs beside these."""
_STORED = re.compile(r"[0-9]+|models")
"""What else lies in the root of MLflow's file store: experiments by their ids, registered models."""
_REPOSITORY = frozenset({"HEAD", "objects", "refs"})
"""What a git repository without a working tree consists of."""
_DATA_MARKS = frozenset({"dataset_info.json", "dataset_dict.json"})
"""Files of `datasets` (its cache, `save_to_disk`) and of TensorFlow Datasets."""
_DATA_FILES = _DATA_MARKS | {"state.json", "features.json", "dataset_infos.json", "metadata.json", "LICENSE"}
_DATA = re.compile(r".*\.(?:arrow|parquet|lock|md|incomplete)|.*\.tfrecord\b.*")


def may_hold_runs(name: str, absolute: str) -> bool:
    """Whether to enter a directory, by its name."""
    hidden = name.startswith(".") and name not in HIDDEN
    return not (hidden or name in SKIPPED or _HUB_CACHE.fullmatch(name) or absolute in SYSTEM)


def passed_over(files: Set[str], directories: Set[str]) -> Set[str]:
    """Of the directories in a directory, those that cannot hold runs by what lies beside them."""
    if _is_repository(files, directories):
        return directories
    marked = not _ENVIRONMENT_MARKS.isdisjoint(files) or not _ENVIRONMENT_MARKS.isdisjoint(directories)
    left = directories & _ENVIRONMENT_PARTS if marked else frozenset()
    return left if TRASH not in directories or _is_file_store(directories) else left | {TRASH}


def is_data_set(files: Set[str]) -> bool:
    """Whether a directory with these files holds a data set and nothing else."""
    return not _DATA_MARKS.isdisjoint(files) and all(name in _DATA_FILES or _DATA.fullmatch(name) for name in files)


def _is_file_store(directories: Set[str]) -> bool:
    others = directories - {TRASH}
    return not others or any(map(_STORED.fullmatch, others))


def _is_repository(files: Set[str], directories: Set[str]) -> bool:
    return "HEAD" in files and (files | directories) >= _REPOSITORY
