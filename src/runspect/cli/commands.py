"""Every command of the command line: one row each; the module is imported only when the command is called."""

from __future__ import annotations


class CliCommand:
    """A row of `runspect --help`; `runspect.cli.<module>` has `configure(parser)` and `run(args) -> int`.

    No dataclass: importing what makes them takes longer than the help and the first frame of the screen may.
    """

    __slots__ = ("help", "module", "name", "section")

    def __init__(self, name: str, help: str, section: str, module: str = "") -> None:
        self.name = name
        self.help = help
        self.section = section
        self.module = module

    @property
    def path(self) -> str:
        """The module to import."""
        return f"runspect.cli.{self.module or self.name}"


RECORD, LOOK, MARK, CARE = "record", "look", "annotate", "look after"

COMMANDS: dict[str, CliCommand] = {
    command.name: command
    for command in (
        CliCommand("record", "run a command and record it", RECORD),
        CliCommand("ls", "list runs, filtered and sorted", LOOK),
        CliCommand("show", "everything known about one run", LOOK),
        CliCommand("series", "every point of one metric", LOOK),
        CliCommand("diff", "compare two or more runs", LOOK),
        CliCommand("plot", "draw metrics in the terminal", LOOK),
        CliCommand("groups", "runs in groups, with mean and spread: over seeds, or by any column", LOOK),
        CliCommand("pivot", "a metric over the values of two params, as a matrix", LOOK),
        CliCommand("importance", "which params move a metric, over the runs of a query", LOOK),
        CliCommand(
            "best", "the best runs ever on each data set; --history: every record over time, and dead ends", LOOK
        ),
        CliCommand(
            "graveyard", "runs that ended badly, by cause: how many, what they took, whether it gets more", LOOK
        ),
        CliCommand("cycle", "whether the cycle from idea to answer gets shorter, week by week", LOOK),
        CliCommand("tried", "whether a config was tried before, and what came of it", LOOK),
        CliCommand(
            "versus", "why one run is better: against champion, baseline, the best before it, or another run", LOOK
        ),
        CliCommand("gate", "whether a run may come to the next stage, by the policy's criteria", LOOK),
        CliCommand("stage", "how far a run has come, and every step on the way", LOOK),
        CliCommand("registry", "models and their versions: what came beyond the first stage", LOOK),
        CliCommand("effects", "what one change alone did to the result, over all runs that differ in it", LOOK),
        CliCommand("report", "a model review, or what happened since a day, as one Markdown or HTML file", LOOK),
        CliCommand("check", "whether runs regress against production, the best or any run; for pipelines", LOOK),
        CliCommand("scatter", "a metric against a param, a point a run", LOOK),
        CliCommand("tail", "the end of a run's console log", LOOK),
        CliCommand("export", "take runs with you: as records of the open format and as Parquet", LOOK),
        CliCommand("repro", "the script that rebuilds a run, its gaps; with --run: rebuild it and compare", LOOK),
        CliCommand("lint", "what runs lack by the rules of the policy; what to put in order; weekly coverage", LOOK),
        CliCommand("health", "what could not be read, and its effect", LOOK),
        CliCommand("query", "what a query means: in words, and as SQL", LOOK),
        CliCommand("sql", "one read-only SQL statement on the index", LOOK),
        CliCommand("tag", "add or remove tags", MARK),
        CliCommand("tags", "the tags in use; rename, merge or delete one everywhere", MARK),
        CliCommand("hypothesis", "say before a run what it is to show; which are open, overdue, answered", MARK),
        CliCommand("verdict", "say whether it did: supported, refuted or inconclusive, and why", MARK),
        CliCommand("retro", "ask of past runs, one by one, what they were to show and whether they did", MARK),
        CliCommand("note", "write, show or clear the note of a run", MARK),
        CliCommand("star", "star runs", MARK),
        CliCommand("baseline", "say which run the others are compared with", MARK),
        CliCommand("promote", "bring a run to the next stage, with the reason and what its gates said", MARK),
        CliCommand("demote", "bring a run back to an earlier stage, with the reason", MARK),
        CliCommand("archive", "put runs out of sight, reversibly", MARK),
        CliCommand("name", "give runs another name; their files stay untouched", MARK),
        CliCommand("project", "set the project of runs", MARK),
        CliCommand("import", "take in results that have no logs, a row a run", MARK, "import_table"),
        CliCommand("purge", "write a script that would delete runs; nothing is deleted", MARK),
        CliCommand("undo", "take back the last annotation", MARK),
        CliCommand("view", "list, save, show or delete saved views", MARK),
        CliCommand("init", "begin as a team: a policy from what is there, and a folder that shares annotations", CARE),
        CliCommand("patterns", "list the formats of console logs, or try one on a file", CARE),
        CliCommand("demo", "open the screen on a bundled history and a training that really runs", CARE),
        CliCommand("config", "the settings in effect, and where each comes from", CARE),
        CliCommand("doctor", "check terminal, disk, watching and engine", CARE),
        CliCommand("engine", "status, stop or log of the background engine", CARE),
        CliCommand("cache", "size and place of the index; --clear empties it", CARE),
    )
}
