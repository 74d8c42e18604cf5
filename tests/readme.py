"""The tables of the README are made from the program and from the kept figures: `python -m tests.readme` writes them."""

from __future__ import annotations

from pathlib import Path

from runspect import settings
from runspect.cli.commands import COMMANDS as CLI
from runspect.practice.export.columns import POINTS, RUNS
from runspect.practice.export.columns import table as columns_table
from runspect.tui.commands import COMMANDS as KEYS
from runspect.tui.commands import TITLES
from tests.benchmarks import kept
from tests.benchmarks.table import readme as figures_table

README = Path(__file__).parent.parent / "README.md"

_KEY_NAMES = {
    "slash": "/", "colon": ":", "question_mark": "?", "asterisk": "*", "exclamation_mark": "!", "comma": ",",
    "left_parenthesis": "(", "right_parenthesis": ")",
    "left_square_bracket": "[", "right_square_bracket": "]", "plus": "+", "minus": "-", "equals_sign": "=", "full_stop": ".",
    "circumflex_accent": "^", "at": "@", "vertical_line": "|", "less_than_sign": "<", "greater_than_sign": ">", "semicolon": ";",
    "left_curly_bracket": "{", "right_curly_bracket": "}", "underscore": "_", "backslash": "\\", "percent_sign": "%",
    "pagedown": "PgDn", "pageup": "PgUp", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


def commands_table() -> str:
    """The commands of the command line."""
    lines = ["| command | what it does |", "|---|---|"]
    return "\n".join([*lines, *(f"| `runspect {command.name}` | {command.help} |" for command in CLI.values())])


def keys_table() -> str:
    """The keys of the screen, by where they work."""
    titles = [("everywhere", "everywhere"), *TITLES.items(), ("lines", "text views")]
    lines = ["| where | key | `:command` | what it does |", "|---|---|---|---|"]
    for place, title in titles:
        lines += [f"| {title} | {_keys(c.key)} | `{c.id}` | {c.help} |" for c in KEYS if c.where == place]
    return "\n".join(lines)


def settings_block() -> str:
    """Every setting with what it does."""
    return "```toml\n" + (settings.__doc__ or "").partition("\n\n")[2].strip() + "\n```"


def written(text: str) -> str:
    """The README with its tables as the program has them."""
    for name, table in (
        ("commands", commands_table()),
        ("keys", keys_table()),
        ("settings", settings_block()),
        ("points.parquet", columns_table(POINTS)),
        ("runs.parquet", columns_table(RUNS)),
        ("figures", figures_table(kept.read())),
    ):
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        text = "".join((before, mark, table, "\n", end, after))
    return text


def _keys(keys: str) -> str:
    return " ".join(
        f"`{''.join(_KEY_NAMES.get(stroke, stroke) for stroke in key.split())}`".replace("|", "\\|")
        for key in keys.split(",")
    )


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
