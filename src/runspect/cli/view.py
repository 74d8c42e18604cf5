"""Saved views: a query with its columns, order, groups and charts, under a name.

runspect view                                              those that there are
runspect view save ablation 'tag:ablation' --cols lr,val/loss:min --sort val/loss:min
runspect view save ablation --shared -C ~/exp ...          in ~/exp/.runspect/views/, to be committed
runspect view show ablation | delete ablation
runspect ls @ablation                                      and in any query: 'lr > 0.1 @ablation'
"""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path

from runspect.cli import output, scope
from runspect.columns import listed, parse_column
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.query.parse import parse
from runspect.views import (
    SUFFIX,
    SavedView,
    View,
    Views,
    checked_name,
    delete_view,
    find_views,
    folder_for,
    render_view,
    save_view,
)
from runspect.workspace.viewing import check_saved


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("action", nargs="?", default="list", choices=("list", "save", "show", "delete"))
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("query", nargs="*", metavar="QUERY", help="of `save`: the runs that the view lists")
    parser.add_argument("--cols", metavar="A,B", default="", help="of `save`: columns")
    parser.add_argument(
        "-s", "--sort", action="append", default=[], metavar="COLUMN", help="of `save`: sort by; -COLUMN for descending"
    )
    parser.add_argument("--group", metavar="A,B", default="", help="of `save`: group by")
    parser.add_argument("--charts", metavar="A,B", default="", help="of `save`: metrics of the charts")
    parser.add_argument("-a", "--archived", action="store_true", help="of `save`: archived runs too")
    parser.add_argument("--default", action="store_true", help="of `save`: the directory opens with this view")
    parser.add_argument(
        "--shared", action="store_true", help="of `save`: write it beside the runs, in .runspect/views/"
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """List, write, print or remove.

    Raises:
        NotFound: No view has the name.
        UsageError: The view makes no sense or cannot be written.
    """
    directories = [str(path) for path in scope.chosen(args.directories)]
    if args.action == "save":
        path, replaced = _save(args, directories)
        output.narrate(
            f"{'replaced' if replaced else 'saved as'} {path}; `runspect ls @{checked_name(args.name)}` shows it"
        )
        return 0
    views = find_views(directories, os.environ)
    if args.action == "list":
        _list(views, as_json=args.json)
        return 0
    saved = views.named(checked_name(args.name or ""))
    if args.action == "delete":
        delete_view(saved)
        output.narrate(f"deleted {saved.path}")
    elif args.json:
        output.write_json(_json(saved))
    else:
        output.write_line(render_view(saved.view).rstrip())
    return 0


def _save(args: argparse.Namespace, directories: list[str]) -> tuple[Path, bool]:
    """The file, and whether there was one of that name."""
    name = checked_name(args.name or "")
    if len(directories) != 1 and (args.shared or args.default):
        raise UsageError("name one directory with -C DIR for --shared or --default")
    folder, base = folder_for(directories, os.environ, shared=args.shared)
    opens: tuple[str, ...] = tuple(directories) if args.default else ()
    if args.shared and args.default:
        opens = (os.path.relpath(directories[0], base),)
    view = View(
        query=" ".join(args.query).strip(),
        columns=listed(args.cols),
        sort=tuple(spec for each in args.sort for spec in listed(each)),
        group=listed(args.group),
        charts=listed(args.charts),
        archived=args.archived,
        default_for=opens,
    )
    parse(view.query)
    check_saved(name, view.query, find_views(directories, os.environ))
    for spec in (*view.columns, *(key.removeprefix("-") for key in view.sort)):
        parse_column(spec)
    replaced = (folder / f"{name}{SUFFIX}").exists()
    return save_view(name, view, folder), replaced


def _list(views: Views, *, as_json: bool) -> None:
    if as_json:
        output.write_json([_json(saved) for saved in views.saved])
    else:
        width = max((len(saved.name) for saved in views.saved), default=0)
        for saved in views.saved:
            where = "shared" if saved.shared else "own"
            output.write_line(printable(f"@{saved.name:<{width}}  {where:<6}  {saved.view.query or 'every run'}"))
        if not views.saved:
            output.narrate("no views are saved; `runspect view save NAME QUERY` makes one")
    for fault in views.faults:
        output.narrate(printable(fault))


def _json(saved: SavedView) -> dict[str, object]:
    told = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(saved.view).items()}
    return {"name": saved.name, "path": str(saved.path), "shared": saved.shared, **told}
