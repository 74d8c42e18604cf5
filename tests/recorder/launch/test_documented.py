"""What the README says of the recorder is what it does."""

from __future__ import annotations

import re
from pathlib import Path

from runspect.recorder.capture.secrets import DENIED_NAMES, DENIED_WORDS
from runspect.recorder.capture.variables import ALLOWED_PREFIXES
from runspect.recorder.launch.naming import FIELDS

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def test_the_deny_list_and_the_prefixes_are_all_there() -> None:
    listed = re.search(r"<!-- denied -->(.*?)<!-- /denied -->", README, re.DOTALL)
    assert listed and re.findall(r"`(\w+)`", listed[1]) == list(DENIED_WORDS)
    named = re.search(r"<!-- names -->(.*?)<!-- /names -->", README, re.DOTALL)
    assert named and re.findall(r"`(\w+)`", named[1]) == list(DENIED_NAMES)
    part = README.partition("or begins with ")[2].partition(". Whatever")[0]
    assert re.findall(r"`(\w+)`", part) == list(ALLOWED_PREFIXES)


def test_the_fields_of_names_are_all_there() -> None:
    part = README.partition("A name's pattern may use")[2].partition("\n\n")[0]
    assert set(re.findall(r"`\{(\w+)\}`", part)) == {*FIELDS, "lr"}
