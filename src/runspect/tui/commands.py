"""Every action of the user, one row each: bindings, footer, palette, `:` commands and the help are made from these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textual.binding import Binding, BindingType

from runspect.dataclass import dataclass

Where = Literal[
    "everywhere", "runs", "charts", "diff", "logs", "card", "health", "board", "pivot", "importance", "sql", "lines"
]
"""The view in which a command works; `lines` are the views that scroll text (diff, logs, card, health, sql)."""

LINE_VIEWS: tuple[Where, ...] = ("diff", "logs", "card", "health", "sql")
TITLES: dict[Where, str] = {
    "runs": "Runs",
    "charts": "Charts",
    "diff": "Diff",
    "logs": "Logs",
    "card": "Run card",
    "board": "Board",
    "health": "Health",
    "pivot": "Pivot",
    "importance": "Importance",
    "sql": "SQL",
}
"""The views, as people read them."""


@dataclass(frozen=True, slots=True)
class Command:
    """One action. `id` is its `:command` and its name in the keymap; `key` is Textual's, with commas between several.

    A key of two strokes is written "g g": the first one waits for the second.
    """

    id: str
    key: str
    title: str
    help: str
    where: Where = "everywhere"
    footer: int = 0
    """Place in the footer, 1 first; 0 is not shown there."""

    @property
    def action(self) -> str:
        """The action string of its binding."""
        return f"screen.perform('{self.id}')"

    @property
    def views(self) -> frozenset[str]:
        """The views in which it works."""
        return frozenset(view for view in TITLES if works_in(self, view))

    @property
    def handler(self) -> str:
        """The name of the method that carries it out."""
        return "do_" + self.id.replace("-", "_")


def _c(id: str, key: str, title: str, help: str, where: Where = "everywhere", footer: int = 0) -> Command:
    return Command(id, key, title, help, where, footer)


# fmt: off
COMMANDS: tuple[Command, ...] = (
    # views
    _c("runs", "1", "Runs", "Show the table of runs."),
    _c("charts", "2", "Charts", "Show the curves of the marked runs, or of the run under the cursor."),
    _c("diff", "d,3", "Diff", "Compare the marked runs; with none marked, the run under the cursor and the one before it.", footer=3),
    _c("logs", "4", "Logs", "Show the console output of the run under the cursor."),
    _c("card", "5", "Run card", "Show all that is known of the run under the cursor."),
    _c("board", "6", "Board", "Show the best run ever on each data set, over the listed runs, its records over time, and whether the cycle gets shorter. Keys for a run are for the best one at the cursor there."),
    _c("graveyard", "g x", "Graveyard", "List why runs ended badly, by cause: how many of the listed runs, what they took; enter lists the runs of one."),
    _c("health", "7", "Health", "List what could not be read, and what that means."),
    _c("importance", "I", "Importance", "Which params move the metric over the listed runs, strongest first, and a picture of each."),
    _c("effects", "g e", "Effects", "What one change alone did to the result, over the listed runs that differ in it: `:effects warmup` for one param. Enter marks its runs."),
    _c("tried", "g t", "Tried", "Runs with the config of the one under the cursor, then the nearest ones, and what came of them."),
    _c("pivot", "", "Pivot", "A metric over the values of two params, as a matrix: `:pivot lr batch val/loss:min`."),
    _c("sql", "semicolon", "SQL", "Ask the index with one read-only SQL statement; the answer is a table."),
    _c("explain", "", "Explain", "Show what the filter means: in words, and as the SQL that it is made into. `:explain QUERY` shows it of another one."),
    # everywhere
    _c("filter", "slash", "Filter", "Show only the runs that match a query, as you type. Typing replaces the query before; left or end edits it.", footer=5),
    _c("command", "colon", "Command", "Type the name of any command, or the number of a row. Up and down bring back earlier lines.", footer=9),
    _c("help", "question_mark,f1", "Help", "List the keys that work here.", footer=10),
    _c("palette", "ctrl+p", "Palette", "Find a command by a word of its title."),
    _c("tag", "t", "Tag", "Change tags of the marked runs, or of the one under the cursor: +good -bad, or names to toggle.", footer=4),
    _c("tags", "T", "Tags", "List the tags with their runs: filter by one, rename it, merge it, take it away everywhere."),
    _c("verdict", "V", "Verdict", "Say whether a run showed what it was to show: supported, refuted or inconclusive, and why."),
    _c("hypothesis", "W", "Hypothesis", "Say what a run is to show, in words or by the id of a hypothesis."),
    _c("hypotheses", "g w", "Hypotheses", "List the hypotheses, overdue ones first: their runs, their verdicts."),
    _c("baseline", "B", "Baseline", "Make the run under the cursor the one that the others of its project are compared with; again: take the mark away."),
    _c("lint", "g l", "Lint", "What the listed runs break of the policy's rules, what is to be put in order, and trainings here that nothing is read of. `:lint seed`, `:lint stale` list the runs of one."),
    _c("promote", "g p", "Promote", "Bring the run under the cursor to the next stage: asks why, and shows what its gate says. `:promote ! WHY` does so even if the gate is not passed, `--report FILE` hands a report in."),
    _c("demote", "g d", "Demote", "Bring the run under the cursor back to the stage before: asks why."),
    _c("star", "asterisk", "Star", "Star a run, or take the star away."),
    _c("name", "N", "Name", "Give the run under the cursor another name, or marked runs by a pattern: {name}-v2, exp-{n:03}. Empty: their own."),
    _c("project", "", "Project", "Set the project of the marked runs, or of the one under the cursor."),
    _c("archive", "X", "Archive", "Take a run out of the list, or put it back. Nothing on disk changes."),
    _c("undo", "u", "Undo", "Take back the last change that you made since this screen was opened: tags, notes, stars, names, projects, archive, hypotheses, verdicts, stages, baselines; of many runs as a whole."),
    _c("redo", "ctrl+r", "Redo", "Make the change again that was taken back."),
    _c("rescan", "R", "Rescan", "Look through the directories again, right now."),
    _c("follow", "F", "Follow", "Pause the live updates of this screen, or go on."),
    _c("view", "at", "Views", "Open a saved view. `:view save NAME [shared] [default]` keeps what is shown, `:view delete NAME` removes one."),
    _c("metric", "m", "Metric", "Choose the metric of the table, or the metrics of the charts."),
    _c("yank-id", "y i", "Yank id", "Copy the id of the run."),
    _c("yank-name", "y n", "Yank name", "Copy the name of the run."),
    _c("yank-path", "y p", "Yank path", "Copy the directory of the run."),
    _c("yank-config", "y c", "Yank params", "Copy the params of the run as YAML."),
    _c("yank-table", "y t", "Yank table", "Copy the visible part of the table as Markdown."),
    _c("write", "", "Write the table", "Write the listed runs to a file: `:w FILE.csv`, `.json` or `.md`; `:w!` replaces a file."),
    _c("report", "", "Write a report", "Write a model review of the listed runs, or of the board's data set: `:report FILE.html` or `.md`. A run that is marked alone is the recommended one."),
    _c("purge", "", "Plan a purge", "Write a script that would delete the marked runs, to be read first: `:purge FILE`. Nothing is deleted."),
    _c("pane-next", "tab", "Next pane", "Go to the next pane."),
    _c("pane-previous", "shift+tab", "Previous pane", "Go to the previous pane."),
    _c("zoom", "z", "Zoom", "Give the whole height to one pane, or share it again."),
    _c("theme", "", "Theme", "Change between dark, light and the terminal's own colours."),
    _c("back", "escape", "Step out", "Leave exactly one layer: prompt, filter, marks, view."),
    _c("close", "q", "Close", "Close this view; in the table of runs, quit."),
    _c("quit", "Q,ctrl+c", "Quit", "Leave runspect at once."),
    _c("suspend", "ctrl+z", "Suspend", "Go back to the shell; `fg` returns here."),
    _c("redraw", "ctrl+l", "Redraw", "Draw the whole screen again."),
    # the table of runs
    _c("down", "j,down", "Down", "Next run.", "runs"),
    _c("up", "k,up", "Up", "Previous run.", "runs"),
    _c("top", "g g,home", "First", "First run.", "runs"),
    _c("bottom", "G,end", "Last", "Last run.", "runs"),
    _c("half-down", "ctrl+d", "Half a page down", "Half a page down.", "runs"),
    _c("half-up", "ctrl+u", "Half a page up", "Half a page up.", "runs"),
    _c("page-down", "pagedown,ctrl+f", "Page down", "One page down.", "runs"),
    _c("page-up", "pageup,ctrl+b", "Page up", "One page up.", "runs"),
    _c("column-right", "l,right", "Next column", "Move the column cursor to the right; hidden columns come into view.", "runs"),
    _c("column-left", "h,left", "Previous column", "Move the column cursor to the left.", "runs"),
    _c("open", "enter", "Open", "Open the card of this run.", "runs", footer=6),
    _c("mark", "space", "Mark", "Mark this run, or unmark it, and go to the next. `:mark QUERY` marks those that match.", "runs", footer=2),
    _c("range", "v", "Mark a range", "Mark runs while moving; the same key again keeps them, escape gives them up.", "runs"),
    _c("unmark", "", "Unmark", "Mark nothing; `:unmark QUERY` only unmarks those that match.", "runs"),
    _c("mark-all", "a", "Mark all", "Mark every listed run; again: unmark them. Marks outside the filter stay.", "runs"),
    _c("invert", "exclamation_mark", "Invert marks", "Mark what is not marked, and the other way round.", "runs"),
    _c("sort-up", "left_square_bracket", "Sort ascending", "Sort by the column of the column cursor, smallest first.", "runs"),
    _c("sort-down", "right_square_bracket", "Sort descending", "Sort by the column of the column cursor, largest first.", "runs"),
    _c("sort", "s", "Sort", "Choose the column to sort by; choosing it again turns the order round.", "runs", footer=7),
    _c("columns", "c", "Columns", "Choose which columns are shown.", "runs", footer=8),
    _c("sort-then-up", "left_curly_bracket", "Then ascending", "Sort what is equal so far by the column of the column cursor, smallest first.", "runs"),
    _c("sort-then-down", "right_curly_bracket", "Then descending", "Sort what is equal so far by the column of the column cursor, largest first.", "runs"),
    _c("aggregate", "plus", "Next aggregate", "Show another aggregate of the metric under the column cursor: best, last, min, max, mean, first, n, nan, the step.", "runs"),
    _c("move-left", "less_than_sign", "Move column left", "Move the column of the column cursor to the left.", "runs"),
    _c("move-right", "greater_than_sign", "Move column right", "Move the column of the column cursor to the right.", "runs"),
    _c("widen", "underscore", "Widen column", "Show all of the column of the column cursor, or cut it again.", "runs"),
    _c("hide", "backslash", "Hide column", "Hide the column of the column cursor.", "runs"),
    _c("varying", "x", "Only what varies", "Show the params that differ among the marked runs, or the listed ones; again: the columns before.", "runs"),
    _c("usual-columns", "C", "Usual columns", "Show the usual columns again.", "runs"),
    _c("bars", "percent_sign", "Bars", "Show where each value of a metric stands in its column as a bar, or not.", "runs"),
    _c("keep-equal", "f", "Keep equal", "Show only the runs that have the value of this cell: adds to the filter.", "runs"),
    _c("drop-equal", "g f", "Drop equal", "Leave out the runs that have the value of this cell: adds to the filter.", "runs"),
    _c("yank-value", "y v", "Yank value", "Copy the value of this cell, with all its digits.", "runs"),
    _c("note", "e", "Note", "Write a note on this run, or on all marked ones.", "runs"),
    _c("group", "b", "Group", "Group runs: by `seeds` (configs that differ only in the seed), by columns such as opt,lr, or below their `parent`. Empty: no groups.", "runs"),
    _c("ungroup", "", "No groups", "Show single runs again.", "runs"),
    _c("fold", "left_parenthesis", "Fold", "Open or fold the group under the cursor, or the one around the run; enter does so on its header.", "runs"),
    _c("fold-all", "right_parenthesis", "Fold all", "Fold all groups, or open all.", "runs"),
    _c("archived", "A", "Show archived", "List archived runs too, or leave them out.", "runs"),
    # charts
    _c("chart-right", "l,right", "Next chart", "Go to the chart on the right.", "charts"),
    _c("chart-left", "h,left", "Previous chart", "Go to the chart on the left.", "charts"),
    _c("chart-down", "j,down", "Chart below", "Go to the chart below.", "charts"),
    _c("chart-up", "k,up", "Chart above", "Go to the chart above.", "charts"),
    _c("chart-zoom", "enter", "Zoom chart", "Give one chart the whole view, or show all again.", "charts", footer=1),
    _c("axis", "x", "Axis", "Change the x axis: step, time since the start, time.", "charts", footer=2),
    _c("smooth-more", "s", "Smooth", "Smooth the curves more.", "charts", footer=3),
    _c("smooth-less", "S", "Smooth less", "Smooth the curves less.", "charts"),
    _c("log-scale", "y", "Log scale", "Change the y axis between linear and logarithmic.", "charts", footer=4),
    _c("bands", "b", "Mean or runs", "Draw groups as mean and standard deviation, or each of their runs in the colour of its group. The mean is dashed where fewer of the runs have values.", "charts"),
    _c("cursor", "c", "Data cursor", "Show the values of all charts at one x, as logged, or take the cursor away.", "charts", footer=6),
    _c("cursor-right", "greater_than_sign", "Cursor right", "Move the data cursor to the right.", "charts"),
    _c("cursor-left", "less_than_sign", "Cursor left", "Move the data cursor to the left.", "charts"),
    _c("cursor-far-right", "right_curly_bracket", "Cursor far right", "Move the data cursor ten cells to the right.", "charts"),
    _c("cursor-far-left", "left_curly_bracket", "Cursor far left", "Move the data cursor ten cells to the left.", "charts"),
    _c("x-closer", "plus,equals_sign", "Closer", "Show half as much of the x axis, around its middle, in all charts.", "charts", footer=5),
    _c("x-wider", "minus", "Wider", "Show twice as much of the x axis.", "charts"),
    _c("x-whole", "0", "Whole axis", "Show all of the x axis again, and follow what is added to it.", "charts"),
    _c("x-left", "H", "Pan left", "Show what is to the left on the x axis.", "charts"),
    _c("x-right", "L", "Pan right", "Show what is to the right on the x axis.", "charts"),
    # the pivot
    _c("cell-down", "j,down", "Down", "Next row.", "pivot"),
    _c("cell-up", "k,up", "Up", "Row before.", "pivot"),
    _c("cell-right", "l,right", "Right", "Next column.", "pivot"),
    _c("cell-left", "h,left", "Left", "Column before.", "pivot"),
    _c("cell-open", "enter", "List runs", "List the runs of this cell.", "pivot", footer=1),
    # the board
    _c("board-down", "j,down", "Down", "Next data set.", "board"),
    _c("board-up", "k,up", "Up", "Data set before.", "board"),
    _c("board-first", "g g,home", "First", "The first data set.", "board"),
    _c("board-last", "G,end", "Last", "The last data set.", "board"),
    _c("board-open", "enter", "Go to the run", "Go to the best run of this data set in the table.", "board", footer=1),
    _c("board-records", "l,right", "Records", "List the records of this data set over time, what changed at each; enter goes to the run.", "board", footer=2),
    # importance
    _c("param-down", "j,down", "Down", "Next param.", "importance"),
    _c("param-up", "k,up", "Up", "Param before.", "importance"),
    _c("param-first", "g g,home", "First", "The strongest param.", "importance"),
    _c("param-last", "G,end", "Last", "The weakest param.", "importance"),
    _c("param-zoom", "enter", "Zoom", "Give the picture the whole view, or take it back.", "importance", footer=1),
    _c("param-metric", "m", "Metric", "Choose the metric that the params may move.", "importance", footer=2),
    # views of lines
    _c("line-down", "j,down", "Down", "One line down.", "lines"),
    _c("line-up", "k,up", "Up", "One line up.", "lines"),
    _c("line-top", "g g,home", "Top", "To the first line.", "lines"),
    _c("line-bottom", "G,end", "Bottom", "To the last line.", "lines"),
    _c("line-half-down", "ctrl+d", "Half a page down", "Half a page down.", "lines"),
    _c("line-half-up", "ctrl+u", "Half a page up", "Half a page up.", "lines"),
    _c("line-page-down", "pagedown,space,ctrl+f", "Page down", "One page down.", "lines"),
    _c("line-page-up", "pageup,b,ctrl+b", "Page up", "One page up.", "lines"),
    _c("line-right", "l,right", "Right", "Scroll to the right; in a diff, to the next run.", "lines"),
    _c("line-left", "h,left", "Left", "Scroll to the left; in a diff, to the run before.", "lines"),
    _c("differences", "x", "Only differences", "Show only what differs, or everything.", "diff", footer=1),
    _c("next-difference", "n", "Next section", "Go to the next section.", "diff", footer=2),
    _c("search", "slash", "Search", "Find text in the log.", "logs", footer=1),
    _c("search-next", "n", "Next match", "Go to the next match.", "logs", footer=2),
    _c("search-previous", "N", "Previous match", "Go to the match before.", "logs"),
    _c("error-next", "e", "Next error", "Go to the next line that looks like an error.", "logs", footer=3),
    _c("error-previous", "E", "Previous error", "Go to the error before.", "logs"),
    _c("log-file", "f", "Next file", "Show the next console log of this run.", "logs"),
    _c("next-run", "J,n", "Next run", "The card of the next run in the list.", "card", footer=1),
    _c("previous-run", "K,p", "Previous run", "The card of the run before in the list.", "card", footer=2),
    _c("card-note", "e", "Note", "Write a note on this run.", "card", footer=4),
)
# fmt: on

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

PREFIXES: tuple[str, ...] = tuple(
    dict.fromkeys(key.split()[0] for command in COMMANDS for key in command.key.split(",") if " " in key)
)
"""First strokes that wait for a second one."""


def works_in(command: Command, view: Where) -> bool:
    """Whether a command works in a view."""
    return command.where in ("everywhere", view) or (command.where == "lines" and view in LINE_VIEWS)


def commands_of(view: Where) -> tuple[Command, ...]:
    """The commands that work in a view, its own first."""
    own = tuple(command for command in COMMANDS if works_in(command, view) and command.where != "everywhere")
    taken = {key for command in own for key in keys_of(command)}
    rest = (command for command in COMMANDS if command.where == "everywhere")
    return own + tuple(command for command in rest if not command.key or set(keys_of(command)) - taken)


def footer_of(view: Where) -> tuple[Command, ...]:
    """The commands that the footer shows in a view, in their order."""
    shown = [command for command in commands_of(view) if command.footer]
    return tuple(sorted(shown, key=lambda command: (command.where == "everywhere" and view != "runs", command.footer)))


def keys_of(command: Command) -> tuple[str, ...]:
    """The keys of a command as bound, two-stroke keys included."""
    return tuple(key for key in command.key.split(",") if key)


def bindings_of(where: Iterable[Where]) -> list[BindingType]:
    """The bindings for the widget that shows these views; two-stroke keys bind their first stroke only."""
    places = tuple(where)
    bindings: list[BindingType] = []
    for command in COMMANDS:
        # a command without a key of one stroke is bound to none that exists, so that the keymap can give it one
        single = [key for key in keys_of(command) if " " not in key] or [f"no-key-{command.id}"]
        if command.where in places:
            bindings.append(Binding(",".join(single), command.action, command.title, show=False, id=command.id))
    prefixes = {key.split()[0] for c in COMMANDS if c.where in places for key in keys_of(c) if " " in key}
    bindings += [Binding(key, f"screen.prefix('{key}')", show=False, id=f"prefix-{key}") for key in sorted(prefixes)]
    return bindings


_NAMES = {
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "colon": ":",
    "semicolon": ";",
    "question_mark": "?",
    "asterisk": "*",
    "at": "@",
    "exclamation_mark": "!",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "underscore": "_",
    "backslash": "\\",
    "percent_sign": "%",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "space": "space",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "escape": "esc",
    "enter": "enter",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "f1": "F1",
}


def shown_key(key: str) -> str:
    """A key as people write it: `slash` is `/`, `g g` is `gg`."""
    return "".join(_NAMES.get(stroke, stroke) for stroke in key.split())
