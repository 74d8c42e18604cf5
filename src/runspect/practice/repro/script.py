"""The POSIX shell script that rebuilds a run in a directory of its own.

Every recorded value in it is quoted; git is given nothing but a hexadecimal commit, and only protocols that start no
program. It changes nothing outside of the directory that it is given.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Sequence

from runspect.dataclass import dataclass
from runspect.practice.repro.found import Found, Gap
from runspect.practice.repro.origin import Origin
from runspect.practice.repro.quoting import NEWLINE, comment, placed, quoted
from runspect.recorder.capture.arguments import LAUNCHERS, is_python

INSTALLS = {
    "uv.lock": 'UV_PROJECT_ENVIRONMENT="$place/venv" uv sync --frozen --project "$code"',
    "poetry.lock": 'POETRY_VIRTUALENVS_CREATE=false VIRTUAL_ENV="$place/venv" poetry --directory "$code" install',
    "pylock.toml": '"$place/venv/bin/python" -m pip install -r {0}',
    "environment.yml": 'conda env create --quiet --prefix "$place/venv" --file {0}',
    "environment.yaml": 'conda env create --quiet --prefix "$place/venv" --file {0}',
    "conda-lock.yml": 'conda-lock install --prefix "$place/venv" {0}',
}
"""How an environment is made from a lock file that pip does not read, by its name."""
_WITHOUT_VENV = ("uv.lock", "environment.yml", "environment.yaml", "conda-lock.yml")

_HEAD = """\
#!/bin/sh
# Rebuilds the run {name} ({uid}){when}.
# Written by `runspect repro`. Read it, then run it: sh SCRIPT DIRECTORY
# It changes nothing outside of that directory, which should be new or empty.
{gaps}#
set -eu
if [ "$#" -ne 1 ]; then
    echo "usage: sh $0 DIRECTORY" >&2
    exit 2
fi
{newline}mkdir -p -- "$1"
place=$(CDPATH='' cd -P -- "$1" && pwd -P)
code=$place/code
"""
_CLONE = """
# The code: commit {commit}{branch}
GIT_ALLOW_PROTOCOL=file:git:http:https:ssh
GIT_TERMINAL_PROMPT=0
export GIT_ALLOW_PROTOCOL GIT_TERMINAL_PROMPT
{clone}
git -C "$code" checkout --quiet --detach {commit}
if [ -f "$code/.gitmodules" ]; then
    git -C "$code" submodule --quiet update --init --recursive
fi
"""
_SHARED = '# what the original\'s repository has is not copied, only read\ngit clone --quiet --no-checkout --shared -- {0} "$code"'
_REMOTE = 'git clone --quiet --no-checkout -- {0} "$code"'
_COPY = """
# Files that git did not know
keep() {{
    case $1 in */*) mkdir -p -- "$code/${{1%/*}}" ;; esac
    cp -p -- {0}/"$1" "$code/$1"
}}
"""
_PYTHON = """\
python={0}
command -v "$python" >/dev/null 2>&1 || python=python3
"$python" -m venv "$place/venv"
"""
_USE = """\
python=$place/venv/bin/python
VIRTUAL_ENV=$place/venv
PATH=$place/venv/bin:$PATH
export PATH VIRTUAL_ENV
"""


@dataclass(frozen=True, slots=True)
class Recording:
    """With what the rebuilt run is recorded."""

    words: tuple[str, ...]
    """`PYTHON -m runspect record` and its options, without the directory of records."""


def script(
    told: Origin, found: Found, gaps: Sequence[Gap], *, present: str = "", recording: Recording | None = None
) -> str:
    """The text of the script; bytes of file names that are no UTF-8 come out as octal numbers.

    Args:
        present: The Python to use instead of an environment of its own; "" to make one.
        recording: Record the run below `$place/runs`.
    """
    parts = [_code(told, found), _patch(found), _untracked(found)]
    parts += [_environment(told, found, present), _data(found), _run(told, recording)]
    body = "".join(parts)
    when = f", of {comment(told.started)[:19]}" if told.started else ""
    when += f", on {comment(told.host)}" if told.host else ""
    head = _HEAD.format(
        name=comment(told.name),
        uid=comment(told.uid),
        when=when,
        gaps=_gaps(gaps),
        newline=NEWLINE if '"$nl"' in body else "",
    )
    return head + body


def _gaps(gaps: Sequence[Gap]) -> str:
    if not gaps:
        return "# Everything that it needs is recorded and there.\n"
    said = {"stops": "STOPS", "differs": "gap", "note": "note"}
    lines = (f"#   {said[gap.level]:<6} {comment(gap.what)}\n#          ({comment(gap.closes)})\n" for gap in gaps)
    return "#\n# What is missing for a rebuild that is the same:\n" + "".join(lines)


def _code(told: Origin, found: Found) -> str:
    branch = f", of branch {comment(told.branch)}" if told.branch else ""
    if told.commit and (found.repository or told.remote):
        clone = _SHARED.format(quoted(found.repository)) if found.repository else _REMOTE.format(quoted(told.remote))
        if found.repository and told.remote:
            clone += f"\n# elsewhere: from {comment(told.remote)}"
        return _CLONE.format(commit=told.commit, branch=branch, clone=clone)
    was = f" (it was in {comment(told.root)})" if told.root else ""
    why = "no repository with the commit is known" if told.commit else "no commit is recorded"
    return f'\n# The code: {why}. Put it into "$code" yourself{was}.\nmkdir -p -- "$code"\n'


def _patch(found: Found) -> str:
    if not found.patch:
        return ""
    return f'\n# What was not committed\ngit -C "$code" apply --whitespace=nowarn -- {quoted(found.patch)}\n'


def _untracked(found: Found) -> str:
    if not found.untracked:
        return ""
    kept = "".join(f"keep {quoted(path)}\n" for path in found.untracked)
    return _COPY.format(quoted(found.untracked_from)) + kept


def _environment(told: Origin, found: Found, present: str) -> str:
    if present:
        path = f'PATH={quoted(os.path.dirname(present))}:"$PATH"\nexport PATH\n'  # noqa: PTH120
        return f"\n# The environment: --no-install, so the present Python, whatever packages it has\npython={quoted(present)}\n{path}"
    recorded = f"Python {comment(told.python)}" if told.python else "the version of Python is not recorded"
    version = ".".join(told.python.split()[0].split(".")[:2]) if told.python else ""
    python = f"python{version}" if version.replace(".", "").isdigit() else "python3"
    name = os.path.basename(found.packages)  # noqa: PTH119
    install = INSTALLS.get(name, '"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r {0}')
    made = "" if name in _WITHOUT_VENV else _PYTHON.format(python)
    what = install.format(quoted(found.packages)) + "\n" if found.packages else "# no packages are recorded\n"
    return f"\n# The environment: {recorded}\n{made}{what}{_USE}"


def _data(found: Found) -> str:
    if not found.data:
        return ""
    lines = ["", "# The data"]
    for data in found.data:
        lines.append(f"#   {comment(data.path)}: {_STATES[data.state]}")
        if data.inside:
            target = f'"$code"/{quoted(data.inside)}'
            lines.append(f'mkdir -p -- "$(dirname -- {target})"')
            lines.append(f"[ -e {target} ] || ln -s -- {quoted(data.path)} {target}")
    return "\n".join(lines) + "\n"


_STATES = {
    "same": "there, with the digest that was recorded", "differs": "there, but its digest is another one",
    "missing": "not there", "no digest": "there; no digest was recorded",
}  # fmt: skip


def _run(told: Origin, recording: Recording | None) -> str:
    if not told.argv:
        return "\n# The command: none is recorded. What begins the training goes here.\n"
    lines = ["", "# The run" + (f", with seed {comment(told.seed)}" if told.seed else "")]
    lines += [f"# not set again: {comment(name)}" for name in told.left_out]
    lines += [f"# was a secret, set it yourself: {comment(name)}" for name in told.masked]
    lines += _into(told)
    words = [f"{name}={placed(value, told.root)}" for name, value in told.environment.items()]
    command = list(_command(told))
    if words:
        # to `env` a program whose name holds "=" would be a variable
        words = ["env", *words, *(("sh", "-c", '\'exec "$0" "$@"\'') if "=" in told.argv[0] else ())]
    if recording is not None:
        words = [*map(quoted, recording.words), "--runs", '"$place/runs"', "--", *words]
    return "\n".join(lines) + "\n" + _joined([*words, *command]) + "\n"


def _into(told: Origin) -> list[str]:
    inside = bool(told.root) and bool(told.cwd) and os.path.commonpath((told.cwd, told.root)) == told.root
    if told.cwd and not inside:
        return ['mkdir -p -- "$place/work"', 'cd -- "$place/work"']
    below = os.path.relpath(told.cwd, told.root) if inside else "."
    if below == ".":
        return ['cd -- "$code"']
    return [f'mkdir -p -- "$code"/{quoted(below)}', f'cd -- "$code"/{quoted(below)}']


def _command(told: Origin) -> Iterator[str]:
    """The words of the command: its Python is that of the environment, the repository's directory is the new one."""
    programs = os.path.dirname(told.executable)  # noqa: PTH120
    before = True
    for at, word in enumerate(told.argv):
        name = os.path.basename(word)  # noqa: PTH119
        if before and (is_python(word) or (word and word == told.executable)):
            before = False
            yield '"$python"'
        elif at == 0 and programs and os.path.dirname(word) == programs:  # noqa: PTH120
            yield quoted(name)
        else:
            yield placed(word, told.root)
        if at == 0 and name not in LAUNCHERS:
            before = False


def _joined(words: Sequence[str]) -> str:
    """Words over as many lines as they need."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > 100:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return " \\\n".join(lines)
