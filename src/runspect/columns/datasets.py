"""Which data set a run is about: the params and facts that name one, and the names that a policy gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from runspect.dataclass import dataclass
from runspect.model import Json

DATASET_KEYS = (
    "dataset", "dataset.name", "data.name", "data.dataset", "dataset_name", "data.dataset_name", "dataset.path",
    "task_name", "data", "data_name", "train_dataset", "data.path", "dataset_path", "data_dir",
)  # fmt: skip
"""Params and facts that name a data set where no policy says which do."""

_PLACE = r"^(?:/|~/|\.{1,2}/|[A-Za-z]:[\\/]|(?:s3|gs|gcs|az|abfss?|hdfs|dvc|file)://)"
"""A value that says where the data lies; `team/name` does not."""
_SPLIT = (
    r"(?i)(?:[/\\]+(?:train(?:ing)?|val(?:id|idation)?|test(?:ing)?|dev|eval(?:uation)?|images?|labels?|splits?)"
    r"(?:\.[a-z0-9]{1,8})*|[/\\]+data(?:sets?)?\.(?:ya?ml|json|toml))*[/\\]*$"
)
"""The end of a path that names a part of a data set, or what describes it: `/train`, `/val/images`, `/test.csv`, `/data.yaml`."""
_LAST = r"[^/\\:]+$"
_NO_NAMES = (
    "", ".", "..", "~", "data", "dataset", "datasets", "raw", "processed", "preprocessed", "input", "inputs", "files",
    "download", "downloads", "tmp", "scratch", "home", "root", "content", "workspace", "working", "mnt", "kaggle",
)  # fmt: skip
"""Last parts of paths, case aside, that name no data set: then the path is told as it is."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A data set and the globs of the values that mean it, case aside; its own name is always one."""

    name: str
    globs: tuple[str, ...] = ()
    versions: tuple[Spelling, ...] = ()
    """Of a data set: what its versions are called, and the globs of the digests and names that mean each."""

    def means(self, value: str) -> bool:
        """Whether a param's value names this data set."""
        return any(fnmatchcase(value.lower(), glob.lower()) for glob in (self.name, *self.globs))


def dataset_of(values: Mapping[str, Json], keys: Sequence[str], spellings: Sequence[Spelling]) -> str | None:
    """The data set of a run with these params and facts, or None when none of the keys is there."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, str) and value.strip():
            return canonical(value.strip(), spellings)
    return None


def canonical(value: str, spellings: Sequence[Spelling]) -> str:
    """The name of the data set that a value means: the policy's, whose globs see the whole value and its last part.

    Of a path that none of them knows it is the last part, parts of a data set aside: `/data/me/cifar10` and
    `/scratch/cifar10/train` are `cifar10`. Any other value that none knows stays as it is.
    """
    name = place_name(value)
    return next((known.name for known in spellings if known.means(value) or known.means(name)), name)


def version_of(dataset: str | None, version: str | None, spellings: Sequence[Spelling]) -> str | None:
    """The name that the policy gives a version of a data set; the version itself when none is known."""
    if dataset is None or not version:
        return version or None
    known = next((each.versions for each in spellings if each.name == dataset), ())
    return next((each.name for each in known if each.means(version)), version)


def place_name(value: str) -> str:
    """What a path is called by: its last part but for `train` and the like; the value itself where that is no name."""
    if not re.match(_PLACE, value):
        return value
    last = re.search(_LAST, re.sub(_SPLIT, "", value, count=1))
    return value if last is None or last[0].lower() in _NO_NAMES else last[0]


def dataset_rows(keys: Sequence[str], spellings: Sequence[Spelling]) -> tuple[str, tuple[Json, ...]]:
    """The same as `SELECT rid, v` over the index, with its parameters."""
    text = "trim(json_extract_string(c.val, '$'))"
    told = " UNION ALL ".join(
        f"SELECT c.rid, {text} AS v, list_position(?::VARCHAR[], c.{name}) * 2 + {place} AS place FROM {table} c"  # noqa: S608 - constants
        f" WHERE list_contains(?::VARCHAR[], c.{name}) AND starts_with(c.val, '\"') AND {text} <> ''"
        for place, (table, name) in enumerate((("cfg_now", "key"), ("facts_now", "name")))
    )
    params: list[Json] = []
    cases = ""
    for known in spellings:
        glob = "|".join(f"(?:{_pattern(glob.lower())})" for glob in (known.name, *known.globs))
        cases += " WHEN regexp_full_match(lower(n.v), ?, 's') OR regexp_full_match(lower(n.name), ?, 's') THEN ?"
        params += [glob, glob, known.name]
    named = f"CASE{cases} ELSE n.name END" if cases else "n.name"
    listed = list(keys)
    return (
        f"SELECT n.rid AS rid, {named} AS v FROM (SELECT p.rid, p.v, {_NAME} AS name FROM "  # noqa: S608 - constants
        f"(SELECT t.rid, arg_min(t.v, t.place) AS v FROM ({told}) t GROUP BY t.rid) p) n",
        (*params, listed, listed, listed, listed),
    )


_CUT = f"regexp_extract(regexp_replace(p.v, '{_SPLIT}', ''), '{_LAST}')"
_NAME = (
    f"CASE WHEN regexp_matches(p.v, '{_PLACE}') AND lower({_CUT}) NOT IN ({', '.join(map(repr, _NO_NAMES))})"
    f" THEN {_CUT} ELSE p.v END"
)
"""`place_name` of `p.v`."""


def _pattern(glob: str) -> str:
    """A glob of `fnmatch` for RE2: `*`, `?`, `[a-z]` and `[!a-z]`."""
    found, at = "", 0
    while at < len(glob):
        char, at = glob[at], at + 1
        end = glob.find("]", at + 1 + glob.startswith("!", at)) if char == "[" else -1
        if end > 0:
            inside = glob[at:end].replace("\\", "\\\\").replace("[", "\\[")
            found += f"[{'^' + inside[1:] if inside[0] == '!' else inside}]"
            at = end + 1
        else:
            found += {"*": ".*", "?": "."}.get(char) or re.escape(char)
    return found
