"""What the stages are called."""

from __future__ import annotations

import pytest

from runspect.errors import UsageError
from runspect.policy import parse_policy


def test_the_stages_of_a_policy() -> None:
    assert parse_policy("").stages == ("exploration", "candidate", "production")
    assert parse_policy('[stages]\nnames = ["idea", "shipped"]').stages == ("idea", "shipped")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[stages]\nnames = ['a']", "line 2: 'stages.names' needs two stages at least"),
        ("[stages]\nnames = ['a', 'b', 'a']", "line 2: 'stages.names' has 'a' twice"),
        ("[stages]\nnames = ['a', 'b c']", "line 2: 'stages.names': 'b c' must be one word"),
        ("[stages]\nname = ['a', 'b']", "line 2: unknown key 'stages.name'; did you mean 'names'"),
    ],
)
def test_faults_are_named_with_their_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_policy(text)
    assert said in str(caught.value)
