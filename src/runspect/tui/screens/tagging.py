"""The tag manager: every tag with its runs; filter by one, rename it, merge it into another, take it away everywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from runspect.counted import counted
from runspect.errors import UsageError
from runspect.tui.desk import Desk
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.asking import Asking
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.picker import Choice


class Tagging:
    """Each change is one operation, which one undo takes back; a tag that a tool recorded stays as it is."""

    def __init__(
        self,
        desk: Desk,
        runs: RunList,
        trail: Trail,
        annotating: Annotating,
        asking: Asking,
        choosing: Choosing,
        prompting: Prompting,
    ) -> None:
        self.desk = desk
        self.runs = runs
        self.trail = trail
        self.annotating = annotating
        self.asking = asking
        self.choosing = choosing
        self.prompting = prompting
        self._tags: dict[str, dict[str, Any]] = {}

    def do_tags(self) -> None:
        self.desk.errands.send("tags", self.desk.workspace.tags, self._show)
        self.desk.expect("tags")

    def take_tags(self, tag: str) -> None:
        """List the runs with a tag."""
        self.trail.narrow(f"tag:{_quoted(tag)}")

    def _show(self, tags: Sequence[dict[str, Any]]) -> None:
        self._tags = {str(tag["name"]): tag for tag in tags}
        if not tags:
            self.desk.say("no run has a tag; t gives one", "dim")
            return
        self.choosing.pick_or_act(
            "Tags",
            [Choice(name, name, whose(tag)) for name, tag in self._tags.items()],
            lambda values: self.take_tags(values[0]),
            {
                "r": ("rename", lambda tag: self._ask(tag, f"rename tag {tag} to")),
                "m": ("merge", lambda tag: self._ask(tag, f"merge tag {tag} into")),
                "d": ("delete", self._delete),
            },
            enter="filter",
        )

    def _ask(self, old: str, prompt: str) -> None:
        if self._may_change(old):
            hint = "a tag; one that is in use takes these runs in, too"

            def others(text: str) -> list[tuple[str, str]]:
                known = {**dict(self.asking.known_tags(text)), **{name: whose(tag) for name, tag in self._tags.items()}}
                return [
                    (name, what) for name, what in known.items() if name.startswith(text) and name not in (old, text)
                ]

            self.prompting.ask(Question(prompt, lambda new: self._merge(old, new), hint, others))
            self.asking.look_for_allowed()

    def _delete(self, tag: str) -> None:
        if self._may_change(tag):
            self._merge(tag, "", takes_away=True)

    def _may_change(self, tag: str) -> bool:
        mine = bool(self._tags.get(tag, {}).get("yours"))
        if not mine:
            self.desk.say(f"{tag} was recorded by a tool: it stays as it is", "warn")
        return mine

    def _merge(self, old: str, new: str, *, takes_away: bool = False) -> None:
        new = new.strip().lstrip("+")
        if not takes_away and (not new or new == old):
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.workspace.tag_rules import check_tags  # reading TOML takes a while to import
            from runspect.workspace.tagging import merge_tags

            if any(char.isspace() or char == "," for char in new):
                raise UsageError(f"{new!r}: a tag is one word without spaces or commas")
            change = merge_tags(
                workspace, [old], new, (lambda rids: check_tags(workspace, rids, [new])) if new else None
            )
            left = f", {counted(change.left)} keep it from a tool" if change.left else ""
            return f"{old} {'is ' + new if new else 'taken away'} on {counted(change.runs)}{left}   u takes it back"

        self.annotating.write(write, ())


def whose(tag: dict[str, Any]) -> str:
    """How many runs have a tag and who gave it."""
    runs, yours, tools = tag["runs"], tag["yours"], tag["tools"]
    if not tools:
        return counted(runs)
    return f"{counted(runs)}, {f'{yours:,} yours, {tools:,} ' if yours else ''}a tool's"


def _quoted(tag: str) -> str:
    """The tag as a value of the query language."""
    plain = tag and all(char.isalnum() or char in "_-." for char in tag)
    return tag if plain else json.dumps(tag, ensure_ascii=False)
