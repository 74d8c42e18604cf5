"""Commands that ask for words first, in the prompt line: tags, notes, names, projects, a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runspect.counted import counted
from runspect.errors import UsageError
from runspect.practice.renaming import renamed
from runspect.tui.desk import Desk
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList

Items = Sequence[tuple[str, str]]

_PREVIEWED = 3
"""Names that a preview shows."""


class Asking:
    """`do_x` asks and then carries out; `take_x` carries out what was typed behind the command."""

    def __init__(
        self, desk: Desk, runs: RunList, opening: Opening, annotating: Annotating, prompting: Prompting
    ) -> None:
        self.desk = desk
        self.runs = runs
        self.opening = opening
        self.annotating = annotating
        self.prompting = prompting
        self.unfinished: tuple[str, str] = ("", "")
        """Id of the run and text of a note that was left unfinished."""
        self._offered: tuple[str, ...] | None = None
        """Tags that the policies of the directories name; None until they were looked for."""
        self.projects: Items = ()

    # tags

    def do_tag(self) -> None:
        def ask(rids: Sequence[int]) -> None:
            self.prompting.ask(
                Question(
                    f"tags of {self._about(rids)}",
                    lambda text: self.annotating.tag(text, rids),
                    "+good -bad, or names to toggle",
                    self.known_tags,
                )
            )
            self.look_for_allowed()

        self._for_targets(ask)

    def take_tag(self, text: str) -> None:
        """`!` in front gives tags that the policy does not allow, too."""
        force, wishes = text.startswith("! "), text.removeprefix("! ")
        self._for_targets(lambda rids: self.annotating.tag(wishes, rids, force=force))

    def known_tags(self, text: str) -> Items:
        """What the last word may become: the tags that a policy names, then those in use."""
        word = text.rsplit(" ", 1)[-1]
        sign = word[:1] if word[:1] in ("+", "-") else ""
        counts = {entry[0]: counted(entry[1]) for entry in self.runs.choices.tags} if self.runs.choices else {}
        listed = dict.fromkeys((*(self._offered or ()), *counts))
        return [
            (sign + tag, counts.get(tag, "allowed"))
            for tag in listed
            if tag.startswith(word[len(sign) :]) and sign + tag != word
        ]

    def look_for_allowed(self) -> None:
        """Find the tags that the policies name."""
        if self._offered is not None:
            return
        scope = self.desk.workspace.scope

        def look() -> tuple[str, ...]:
            from runspect.workspace.tag_rules import offered  # reading TOML takes a while to import

            return offered(scope)

        def found(tags: tuple[str, ...]) -> None:
            self._offered = tags
            self.prompting.offer_again()

        self.desk.errands.send("allowed", look, found)

    # notes

    def do_note(self) -> None:
        if self.runs.meant.are_many:
            self._ask_note_of_many(self.runs.meant.targets())
        else:
            self.do_card_note()

    def do_card_note(self) -> None:
        """The card is of one run, whatever is marked."""
        rid = self.runs.meant.current
        name = self.runs.meant.name_of(rid) if rid is not None else None
        if rid is None or name is None:
            self.desk.say(self.runs.meant.nobody if rid is None else "the run is not known yet; try again", "dim")
            return
        uid = self.runs.meant.uid_of(rid)

        def ask(text: str) -> None:
            kept = self.unfinished[1] if self.unfinished[0] == uid else text

            def keep(typed: str) -> None:
                self.unfinished = (uid, typed) if typed != text else ("", "")

            def take(typed: str) -> None:
                self.unfinished = ("", "")
                self.annotating.note(typed, uid, (rid,))

            self.prompting.ask(
                Question(
                    f"note on {_short(name, self.desk.glyphs.cut)}",
                    take,
                    "what did you expect, what did you see?",
                    left=keep,
                    changed=keep,
                ),
                kept,
            )

        self._look_up("note", lambda: str(self.desk.run(rid)["note"] or ""), ask)

    def take_note(self, text: str) -> None:
        if self.runs.meant.are_many:
            self._take_note_of_many(text, self.runs.meant.targets())
            return
        rid = self.runs.meant.current
        if rid is not None:
            self.annotating.note(text, self.runs.meant.uid_of(rid), (rid,))

    def _ask_note_of_many(self, rids: Sequence[int]) -> None:
        self.prompting.ask(
            Question(
                f"note on {self._about(rids)}",
                lambda text: self._take_note_of_many(text, rids),
                "the same text for all of them",
            )
        )

    def _take_note_of_many(self, text: str, rids: Sequence[int]) -> None:
        """Ask what becomes of the notes that are there, where there are any."""
        workspace = self.desk.workspace
        if not text:
            self.desk.say("nothing was typed: the notes stay as they are", "dim")
            return

        def decide(noted: int) -> None:
            if not noted:
                self.annotating.notes(text, rids, append=False)
                return
            answers = (("append", f"behind the {_notes(noted)} there"), ("replace", f"instead of the {_notes(noted)}"))

            def take(answer: str) -> None:
                fitting = [word for word, _ in answers if answer and word.startswith(answer.lower())]
                if fitting:
                    self.annotating.notes(text, rids, append=fitting[0] == "append")
                else:
                    self.desk.say("neither append nor replace: the notes stay as they are", "dim")

            self.prompting.ask(
                Question(
                    f"{_notes(noted)} of {self._about(rids)} already: append or replace?",
                    take,
                    "a or r",
                    lambda typed: [(word, what) for word, what in answers if word.startswith(typed.lower())],
                    whole_line=True,
                )
            )

        self._look_up("note", lambda: sum(bool(row.values[0]) for row in workspace.window(rids, ("note",))), decide)

    # names and projects

    def do_name(self) -> None:
        if self.runs.meant.are_many:
            self._ask_names(self.runs.meant.targets())
            return
        rid = self.runs.meant.current
        name = self.runs.meant.name_of(rid) if rid is not None else None
        if rid is None:
            self.desk.say(self.runs.meant.nobody, "dim")
        elif name is not None:
            uid = self.runs.meant.uid_of(rid)
            self.prompting.ask(
                Question("name", lambda text: self.annotating.name(text, uid, (rid,)), "empty: the run's own name"),
                name,
            )

    def take_name(self, text: str) -> None:
        if self.runs.meant.are_many:
            self.annotating.names(text, self.runs.meant.targets())
            return
        rid = self.runs.meant.current
        if rid is not None:
            self.annotating.name(text, self.runs.meant.uid_of(rid), (rid,))

    def _ask_names(self, rids: Sequence[int]) -> None:
        workspace = self.desk.workspace

        def ask(names: Sequence[str]) -> None:
            self.prompting.ask(
                Question(
                    f"names of {self._about(rids)}",
                    lambda text: self.annotating.names(text, rids),
                    "{name}-v2 or exp-{n:03}; empty: their own names",
                    preview=lambda text: names_preview(text, names, self.desk.glyphs),
                ),
                "{name}",
            )

        self._look_up("names", lambda: [row.name for row in workspace.window(rids, ())], ask)

    def do_project(self) -> None:
        def ask(rids: Sequence[int]) -> None:
            self.prompting.ask(
                Question(
                    f"project of {self._about(rids)}",
                    lambda text: self.annotating.project(text, rids),
                    "empty: what the tool recorded",
                    self.known_projects,
                    whole_line=True,
                )
            )
            self.look_for_projects()

        self._for_targets(ask)

    def take_project(self, text: str) -> None:
        self._for_targets(lambda rids: self.annotating.project(text, rids))

    def known_projects(self, text: str) -> Items:
        """The projects that begin so."""
        return [item for item in self.projects if item[0].startswith(text) and item[0] != text]

    def look_for_projects(self) -> None:
        """Find the projects that there are."""
        workspace, asked = self.desk.workspace, "project:"

        def found(items: Items) -> None:
            self.projects = [(text.strip('"'), what) for text, what in items]
            self.prompting.offer_again()

        self.desk.errands.send("projects", lambda: workspace.complete(asked, len(asked)).items, found)

    # stars, archive, taking back

    def do_star(self) -> None:
        self._for_targets(lambda rids: self.annotating.toggle("star", rids))

    def do_archive(self) -> None:
        self._for_targets(lambda rids: self.annotating.toggle("archive", rids))

    def do_undo(self) -> None:
        self.annotating.undo()

    def do_redo(self) -> None:
        self.annotating.redo()

    def take_filter(self, text: str) -> None:
        self.runs.set_query(text, keep=True)

    def do_search(self) -> None:
        logs = self.opening.logs

        def take(text: str) -> None:
            if text and not logs.search(text):
                self.desk.say(f"{text} is not in this log", "dim")

        self.prompting.ask(Question("search", take, "text in the log, without regard to case"), logs.pattern)

    def _look_up(self, group: str, call: Callable[[], Any], ask: Callable[[Any], None]) -> None:
        """Ask for words once `call` is back; keys that were typed meanwhile are part of them."""
        self.desk.errands.send(group, call, ask)
        self.desk.expect(group)

    def _for_targets(self, act: Callable[[Sequence[int]], None]) -> None:
        rids = self.runs.meant.targets()
        if rids:
            act(rids)
        else:
            self.desk.say(self.runs.meant.nobody, "dim")

    def _about(self, rids: Sequence[int]) -> str:
        if len(rids) > 1:
            return counted(len(rids))
        name = self.runs.meant.name_of(rids[0])
        return _short(name, self.desk.glyphs.cut) if name is not None else "this run"


def names_preview(pattern: str, names: Sequence[str], glyphs: Glyphs = UNICODE) -> str:
    """What a pattern makes of the first names, or what is wrong with it."""
    if not pattern.strip():
        return "their own names"
    try:
        made = renamed(pattern, names)
    except UsageError as error:
        return str(error)
    arrow, cut = plain("→", glyphs), glyphs.cut
    pairs = [f"{_short(old, cut)} {arrow} {_short(new, cut)}" for old, new in zip(names, made, strict=True)][
        :_PREVIEWED
    ]
    more = len(names) - len(pairs)
    return "   ".join(pairs) + (f"   and {more:,} more" if more else "")


def _notes(count: int) -> str:
    return counted(count, "note")


def _short(name: str, cut: str) -> str:
    return name if len(name) <= 28 else name[:16] + cut + name[-11:]
