"""What ClearML keeps beside the scalars of an offline session: `task.json`, and the console in `log.jsonl`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import console, json_plain
from runspect.readers.clearml_paths import is_events, is_session, session_claim
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.lines import text_of
from runspect.readers.literals import literal
from runspect.readers.whole import read_whole

TAIL = 256 << 10
"""Bytes of the console in which its end is looked for."""
_PLAIN_SECTIONS = frozenset(("General", "Args"))
"""Sections that ClearML makes by itself; the names of others go before their params."""
_MARKS = (b'"execution"', b'"artifacts"')


class ClearmlTaskReader:
    """Both files are read whole, of a long console its end."""

    name = "clearml-task"
    mode: Mode = "replace"
    precision = 3
    names = ("task.json", "log.jsonl")

    def claim(self, entry: Entry) -> Claim | None:
        """By name, and by the directory or the first bytes."""
        session = is_session(entry.folder)
        if entry.name == "task.json" and (session or all(mark in entry.head() for mark in _MARKS)):
            return session_claim(self.name, entry, entry.directory, "config")
        if entry.name == "log.jsonl" and (session or is_events(entry.head())):
            return session_claim(self.name, entry, entry.directory, "status")
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params and facts."""
        if path.name == "log.jsonl":
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - TAIL))
                yield Batch(with_offset(cursor, size), facts=console_facts(file.read(TAIL)))
        else:
            yield from read_whole(path, cursor, self.name, lambda _, text: task(text))


READER = ClearmlTaskReader()


def task(text: str) -> Batch:
    """Params and facts of a task.json.

    Raises:
        ReaderFault: It is none.
    """
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no JSON object", 0)
    script = found.get("script")
    script = script if isinstance(script, Mapping) else {}
    told = {
        "name": found.get("name"),
        "project": found.get("project_name"),
        "run_id": found.get("id"),
        "notes": found.get("comment"),
        "job_type": found.get("type"),
        "git_remote": script.get("repository"),
        "git_commit": script.get("version_num"),
        "git_branch": script.get("branch"),
        "program": script.get("entry_point"),
        "tags": found.get("tags"),
    }
    facts: dict[str, Json] = {name: value for name, value in told.items() if value and isinstance(value, str | list)}
    if facts.get("git_commit") and script.get("diff"):
        facts["git_dirty"] = True
    ids = (f"clearml:{facts['run_id']}",) if isinstance(facts.get("run_id"), str) else ()
    return Batch(Cursor(), params=_params(found.get("hyperparams")), facts=facts, ids=ids)


def console_facts(data: bytes) -> dict[str, Json]:
    """How the console ends, and where it was written; the first line of `data` may be torn."""
    facts: dict[str, Json] = {}
    said: list[str] = []
    for event in _events(text_of(data).splitlines()):
        if isinstance(event.get("msg"), str):
            said.append(event["msg"])
        if isinstance(event.get("worker"), str):
            facts["host"] = event["worker"].partition(":")[0]
    if verdict := console.verdict("\n".join(said)):
        facts["console_verdict"] = verdict
    return facts


def _events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            events = json_plain.load(line) if line.startswith("[") else []
        except ReaderFault:
            continue
        yield from (event for event in events if isinstance(event, dict))


def _params(sections: object) -> dict[str, Json]:
    params: dict[str, Json] = {}
    for section, entries in sections.items() if isinstance(sections, Mapping) else ():
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            value = entry.get("value") if isinstance(entry, Mapping) else entry
            key = str(name) if section in _PLAIN_SECTIONS else f"{section}.{name}"
            text = isinstance(entry, Mapping) and entry.get("type") == "str"
            params[key.replace("/", ".")] = value if text or not isinstance(value, str) else literal(value)
    return params
