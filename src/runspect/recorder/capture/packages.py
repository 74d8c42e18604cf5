"""The packages that a run uses: those of the command's own Python, else what a lock file says."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from runspect.masking import mask_text
from runspect.recorder.capture.bounded import output
from runspect.recorder.capture.interpreter import Interpreter, interpreter

SECONDS = 30.0
LARGEST = 8 << 20
LOCKS = (
    "uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "Pipfile.lock", "pylock.toml", "conda-lock.yml", "requirements.lock",
    "requirements.txt", "environment.yml", "environment.yaml", "Cargo.lock", "go.sum", "Manifest.toml", "renv.lock",
    "package-lock.json",
)  # fmt: skip
"""The best first; looked for in the working directory and above it, up to the repository's root."""
CONDA = "conda.txt"

ASK = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import json, os, platform
from importlib import metadata
rows, seen = [], set()
for each in metadata.distributions():
    try:
        name = each.metadata["Name"]
        if not name or name.lower().replace("_", "-") in seen:
            continue
        seen.add(name.lower().replace("_", "-"))
        rows.append([name, each.version, each.read_text("direct_url.json") or ""])
    except Exception:
        continue
json.dump({"python": platform.python_version(), "implementation": platform.python_implementation(),
           "executable": sys.executable, "prefix": sys.prefix, "packages": rows}, sys.stdout)
"""
"""Asked of the other Python, which imports none of its packages for it."""


def packages(
    argv: Sequence[str], cwd: str, environ: Mapping[str, str], directory: Path, root: str = ""
) -> dict[str, object]:
    """`python`, `executable` and `packages`: file, sha256, source, how, count; {} where nothing is known.

    Writes `requirements.txt`, or copies the lock file, into `directory`.

    Args:
        root: The repository's root: lock files are looked for up to there.
    """
    found = interpreter(argv, cwd, environ)
    if found is not None and (told := _asked(found, cwd, environ, directory)):
        return told
    lock = find_lock(Path(cwd), Path(root) if root else Path(cwd))
    if lock is None:
        return {}
    try:
        content = lock.read_bytes()
        if len(content) > LARGEST:
            return {"packages": {"source": "lock", "path": str(lock), "skipped": f"larger than {LARGEST >> 20} MiB"}}
        (directory / lock.name).write_bytes(content)
    except OSError:
        return {}
    digest = hashlib.sha256(content).hexdigest()
    return {"packages": {"file": lock.name, "sha256": digest, "source": "lock", "path": str(lock)}}


def find_lock(cwd: Path, root: Path) -> Path | None:
    """The best lock file of the nearest directory that has one, from `cwd` up to `root`."""
    for directory in (cwd, *cwd.parents):
        for name in LOCKS:
            if (directory / name).is_file():
                return directory / name
        if directory == root or not directory.is_relative_to(root):
            return None
    return None


def requirement(name: str, version: str, direct_url: str) -> str:
    """The line of requirements.txt for a package; what pip cannot get again is told in a comment (PEP 610)."""
    try:
        origin = json.loads(direct_url) if direct_url else {}
    except ValueError:
        origin = {}
    url = origin.get("url") if isinstance(origin, dict) else None
    if not isinstance(url, str):
        return f"{name}=={version}"
    url = mask_text(url)
    vcs = origin.get("vcs_info")
    if isinstance(vcs, dict) and vcs.get("commit_id"):
        return f"{name} @ {vcs.get('vcs', 'git')}+{url}@{vcs['commit_id']}"
    editable = isinstance(origin.get("dir_info"), dict) and origin["dir_info"].get("editable")
    if url.startswith("file:"):
        return f"# {name}=={version} from {url}{' (editable)' if editable else ''}"
    return f"{name} @ {url}"


def _asked(found: Interpreter, cwd: str, environ: Mapping[str, str], directory: Path) -> dict[str, object]:
    quiet = {name: value for name, value in environ.items() if name not in ("PYTHONINSPECT", "PYTHONVERBOSE", "PYTHONPROFILEIMPORTTIME", "PYTHONSTARTUP")}  # fmt: skip
    said = output([found.path, "-c", ASK], cwd=cwd, environ=quiet, seconds=SECONDS, largest=LARGEST)
    try:
        told = json.loads(said.data) if said.fine else {}
    except ValueError:
        return {}
    if not told:
        return {}
    rows = sorted(told["packages"], key=lambda row: str(row[0]).lower())
    text = f"# Python {told['python']}\n" + "".join(f"{requirement(*map(str, row))}\n" for row in rows)
    _write(directory / "requirements.txt", text)
    facts: dict[str, object] = {
        "file": "requirements.txt", "sha256": hashlib.sha256(text.encode()).hexdigest(), "source": "pip",
        "how": found.how, "count": len(rows),
    }  # fmt: skip
    if conda := _conda(told["prefix"]):
        _write(directory / CONDA, conda)
        facts["conda"] = CONDA
    return {
        "python": told["python"], "python_implementation": told["implementation"],
        "executable": told["executable"] or found.path, "packages": facts,
    }  # fmt: skip


def _conda(prefix: str) -> str:
    """The packages of a conda environment, `name=version=build` a line; "" where it is none."""
    try:
        names = sorted(name.removesuffix(".json") for name in os.listdir(f"{prefix}/conda-meta") if name.endswith(".json"))  # noqa: PTH208 # fmt: skip
    except OSError:
        return ""
    return "".join("=".join(name.rsplit("-", 2)) + "\n" for name in names if name.count("-") >= 2)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
