"""Names from a pattern."""

from __future__ import annotations

import pytest

from runspect.errors import UsageError
from runspect.practice.renaming import renamed


def test_a_pattern_has_the_name_and_the_number() -> None:
    assert renamed("{name}-v2", ("a", "b")) == ("a-v2", "b-v2")
    assert renamed("exp-{n}", ("a", "b")) == ("exp-1", "exp-2")
    assert renamed("{n:03} {name}", ("x",)) == ("001 x",)
    assert renamed("{name}!", ("same", "same")) == ("same!", "same!")
    assert renamed("{name}", ("{n}",)) == ("{n}",)


@pytest.mark.parametrize("pattern", ["all", "", "{name", "{lr}-{n}", "{n:x}"])
def test_what_makes_no_names_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError):
        renamed(pattern, ("a", "b"))
