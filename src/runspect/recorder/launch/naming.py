"""What a recorded run is called: as the user says, by the policy's pattern, or after its program."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from runspect.errors import UsageError
from runspect.recorder.capture.arguments import params, program, seeds, the_seed
from runspect.recorder.git import git_head
from runspect.recorder.layout import as_file_name
from runspect.recorder.place import POLICY
from runspect.recorder.process import host_name

FIELDS = (
    "program", "model", "hypothesis", "project", "date", "time", "branch", "commit", "host", "user", "seed", "number",
)  # fmt: skip
"""What a pattern may use beside the names of params; `{number:03}` has at least so many digits."""
MODEL_KEYS = (
    "model",
    "model_name",
    "model.name",
    "model_name_or_path",
    "arch",
    "architecture",
    "network",
    "net",
    "backbone",
)
FIELD = re.compile(r"\{([^{}:]+)(?::(0?\d+))?\}")
MOST = 100_000


def find_pattern(here: Path) -> tuple[str, str]:
    """(`[naming] pattern` of the nearest policy file, that file); ("", the file or "") where there is none."""
    for above in (here, *here.parents):
        path = above / POLICY
        if path.is_file():
            import tomllib  # only where there is such a file

            try:
                naming = tomllib.loads(path.read_text("utf-8-sig")).get("naming")
            except (OSError, ValueError) as error:
                raise UsageError(f"{path}: {error}") from error
            pattern = naming.get("pattern") if isinstance(naming, dict) else None
            return (pattern if isinstance(pattern, str) else "", str(path))
    return "", ""


def fault(pattern: str) -> str:
    """What is wrong with a pattern; "" for nothing."""
    if not pattern.strip():
        return "it is empty"
    if "{" in FIELD.sub("", pattern) or "}" in FIELD.sub("", pattern):
        return "a brace without its other one"
    if any(found[2] and found[1] != "number" for found in FIELD.finditer(pattern)):
        return "only {number} can have digits behind a colon"
    return ""


def default_name(argv: Sequence[str], now: float) -> str:
    """`<program>-<date>-{number}`, the number still open."""
    stem = Path(program(argv) or "run").name
    stem = re.sub(r"\.(?:py|pyw|sh|bash|jl|R|r|exe)$", "", stem)
    return f"{as_file_name(stem)}-{time.strftime('%Y-%m-%d', time.localtime(now))}-{{number}}"


def filled(
    pattern: str, argv: Sequence[str], *, hypothesis: str, project: str, user: str, here: Path, now: float
) -> tuple[str, list[str]]:
    """(the pattern with everything but `{number}` filled in, the fields that are not known)."""
    values = _values(argv, hypothesis, project, user, now)
    missing = list[str]()
    head: dict[str, object] | None = None

    def fill(found: re.Match[str]) -> str:
        nonlocal head
        key = found[1]
        if key == "number":
            return found[0]
        if key in ("branch", "commit"):
            head = git_head(here) if head is None else head
            text = str(head.get(key, ""))[: 8 if key == "commit" else 60]
        else:
            text = values.get(key, "")
        if not text:
            missing.append(key)
        return as_file_name(text) if text else ""

    return FIELD.sub(fill, pattern), missing


def numbered(name: str, number: int) -> str:
    """A name with `{number}` replaced."""
    return FIELD.sub(lambda found: f"{number:{found[2] or ''}d}" if found[1] == "number" else found[0], name)


def make_named(root: Path, name: str) -> tuple[Path, str]:
    """Make a directory of its own below `root`; (the directory, the run's name). `{number}` is the first that is free.

    Raises:
        OSError: It cannot be made.
    """
    from runspect.recorder.layout import make_directory

    if "{number" not in name:
        return make_directory(root, name), name
    root.mkdir(parents=True, exist_ok=True)
    for number in range(1, MOST):
        candidate = as_file_name(numbered(name, number))
        try:
            (root / candidate).mkdir()
        except FileExistsError:
            continue
        return root / candidate, candidate
    raise OSError(f"{root} holds {MOST} runs of this name")


def _values(argv: Sequence[str], hypothesis: str, project: str, user: str, now: float) -> dict[str, str]:
    told = {key: str(value) for key, value in params(argv).items() if not isinstance(value, list)}
    model = next((told[key] for key in MODEL_KEYS if key in told), "").rstrip("/").rpartition("/")[2]
    seed = the_seed(seeds(argv))
    moment = time.localtime(now)
    return {
        **told, "program": Path(program(argv)).stem, "model": model, "hypothesis": hypothesis[:60], "project": project,
        "date": time.strftime("%Y-%m-%d", moment), "time": time.strftime("%H%M%S", moment), "host": host_name().partition(".")[0],
        "user": user, "seed": "" if seed is None else str(seed),
    }  # fmt: skip
