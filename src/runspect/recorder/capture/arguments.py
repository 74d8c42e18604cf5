"""What a command line plainly says: the program, `--key value` and `key=value` as params, and seeds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from runspect.masking import MASK, mask_text
from runspect.recorder.capture.secrets import secret_argument

Value = str | int | float | bool

_LONG = re.compile(r"--([A-Za-z][\w.-]*)(?:=(.*))?\Z", re.DOTALL)
_ASSIGNED = re.compile(r"\+{0,2}([A-Za-z_][\w./@-]*)=(.*)\Z", re.DOTALL)
_SHORT = re.compile(r"-[A-Za-z]\Z")
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_REAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_SEED = re.compile(
    r"(?:.*[._/-])?(?:(?:random|rng|global|manual|np|numpy|torch|data|train|init|model|base)[_-]?)*seed(?:[_-]everything|s)?\Z"
    r"|(?:.*[._/-])?random[_-]state\Z",
    re.IGNORECASE,
)
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:t|d)?(?:\.exe)?\Z")
_SHELLS = ("sh", "bash", "zsh", "dash", "ksh", "fish", "Rscript", "julia", "node", "perl", "ruby", "lua", "octave")
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs", "--cpu", "--ip")
_SCRIPT = re.compile(r".+\.(?:py|pyw|sh|bash|jl|R|r|lua|pl|rb|js|m)\Z")


def program(argv: Sequence[str]) -> str:
    """The name of what is run: the script's or module's where an interpreter or launcher is called."""
    return _program(argv)[1]


def own_arguments(argv: Sequence[str]) -> list[str]:
    """The arguments of the program itself: those behind the script or module where an interpreter is called."""
    return list(argv[_program(argv)[0] + 1 :])


def params(argv: Sequence[str]) -> dict[str, Value | list[Value]]:
    """What the arguments plainly set, by name without dashes; secrets are masked.

    `--key value`, `--key=value` and `key=value` count; a key that comes again, and one with several numbers behind it,
    has a list. A flag without a value and words that stand alone say nothing.
    """
    found: dict[str, Value | list[Value]] = {}
    for key, value in _assignments(own_arguments(argv)):
        read: Value | list[Value] = MASK if secret_argument(key) else _read(value)
        found[key] = read if key not in found else [*_listed(found[key]), *_listed(read)]
    return found


def seeds(argv: Sequence[str]) -> dict[str, Value | list[Value]]:
    """The arguments that are seeds, by name."""
    return {key: value for key, value in params(argv).items() if _SEED.match(key) and not isinstance(value, str | bool)}


def the_seed(found: dict[str, Value | list[Value]]) -> int | None:
    """The one seed of a run: that called `seed`, else the only one; None where there is none or it is unclear which."""
    whole = {key: value for key, value in found.items() if isinstance(value, int) and not isinstance(value, bool)}
    named = [value for key, value in whole.items() if key.lower() == "seed"]
    values = named or list(dict.fromkeys(whole.values()))
    return values[0] if len(values) == 1 else None


def is_python(path: str) -> bool:
    """Whether a program is a Python interpreter by its name."""
    return _PYTHON.match(os.path.basename(path)) is not None  # noqa: PTH119 - names, no paths


def _program(argv: Sequence[str]) -> tuple[int, str]:
    """(where in `argv` the program stands, its name)."""
    if not argv:
        return -1, ""
    names = [os.path.basename(word) for word in argv]  # noqa: PTH119
    if is_python(argv[0]):
        return _of_python(argv, names)
    if names[0] in _SHELLS:
        at = next((i for i in range(1, len(argv)) if not argv[i].startswith("-")), 0)
        return (0, names[0]) if "-c" in argv[1 : at + 1] else (at, names[at])
    # a launcher: torchrun, accelerate launch, srun python, uv run, env X=1 nice ...
    for i in range(1, len(argv)):
        if is_python(argv[i]) and i + 1 < len(argv):
            at, name = _of_python(argv[i:], names[i:])
            return i + at, name
        if _SCRIPT.match(argv[i]) and "=" not in argv[i] and not argv[i].startswith("-"):
            before = argv[i - 1]
            if i == 1 or not before.startswith("--") or "=" in before or before in ("--standalone", "--no-python"):
                return (i, names[i]) if names[0] in LAUNCHERS else (0, names[0])
    return 0, names[0]


LAUNCHERS = (
    "torchrun", "accelerate", "deepspeed", "srun", "mpirun", "mpiexec", "horovodrun", "composer", "colossalai", "uv",
    "poetry", "pdm", "pipenv", "hatch", "pixi", "conda", "mamba", "micromamba", "rye", "env", "nice", "ionice", "taskset",
    "numactl", "time", "stdbuf", "timeout", "nohup", "setsid", "chrt", "ray", "sudo", "xvfb-run", "coverage", "kernprof",
)  # fmt: skip


def _of_python(argv: Sequence[str], names: Sequence[str]) -> tuple[int, str]:
    i = 1
    while i < len(argv):
        word = argv[i]
        if word == "-m" and i + 1 < len(argv):
            return _of_module(argv, i + 1)
        if word.startswith("-m") and len(word) > 2:
            return i, word[2:]
        if word.startswith("-c") or word == "-":
            return i + (word == "-c"), names[0]
        if not word.startswith("-"):
            return i, names[i]
        i += 2 if word in _WITH_VALUE else 1
    return 0, names[0]


_MODULE_LAUNCHERS = ("torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch", "deepspeed.launcher.runner")  # fmt: skip


def _of_module(argv: Sequence[str], at: int) -> tuple[int, str]:
    if argv[at] in _MODULE_LAUNCHERS:
        script = next((i for i in range(at + 1, len(argv)) if _SCRIPT.match(argv[i])), at)
        return script, os.path.basename(argv[script])  # noqa: PTH119
    return at, argv[at]


def _assignments(words: Sequence[str]) -> Iterator[tuple[str, str | list[str]]]:
    i = 0
    while i < len(words):
        word, i = words[i], i + 1
        if word == "--":
            return
        if found := _LONG.match(word):
            key, value = found[1], found[2]
            if value is not None:
                yield key, value
                continue
            values = list[str]()
            while i < len(words) and not _is_option(words[i]) and (not values or _are_numbers(*values, words[i])):
                if not values and _ASSIGNED.match(words[i]):
                    break  # `--cfg-options key=value`, `--multirun lr=1`
                values.append(words[i])
                i += 1
            if values:
                yield key, values[0] if len(values) == 1 else values
        elif found := _ASSIGNED.match(word):
            yield found[1], found[2]
        elif _SHORT.match(word) and i < len(words) and not _is_option(words[i]):
            i += 1  # its value is no word of its own; what the letter means only the program knows


def _is_option(word: str) -> bool:
    return word.startswith("-") and len(word) > 1 and not _REAL.match(word)


def _are_numbers(*words: str) -> bool:
    return all(_REAL.match(word) for word in words)


def _listed(value: Value | list[Value]) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _read(value: str | list[str]) -> Value | list[Value]:
    if isinstance(value, list):
        return [_scalar(each) for each in value]
    return _scalar(value)


def _scalar(text: str) -> Value:
    digits = text.lstrip("+-")
    padded = digits[:1] == "0" and digits[1:2].isdigit()  # an id, not a number
    if _INTEGER.match(text) and not padded:
        return int(text)
    if _REAL.match(text) and not padded:
        return float(text)
    return {"true": True, "false": False}.get(text.lower(), mask_text(text))
