"""Lists of columns that people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import Names, listed
from runspect.columns.listed import quoted

NAMES = Names(params=("my key", "a, b"), metrics=("metrics/mAP50(B)", "say (what"))


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("lr,batch", ("lr", "batch")),
        ("lr batch", ("lr", "batch")),
        (" lr , ,batch,", ("lr", "batch")),
        ("", ()),
        ('lr,"a, b":min,~"c d"', ("lr", "a, b:min", "~c d")),
        ("'a, b' lr", ("a, b", "lr")),
        ("my key,lr", ("my key", "lr")),
        ("-my key,-lr", ("-my key", "-lr")),
        ("train/loss - val/loss, lr", ("train/loss - val/loss", "lr")),
        ('-"a, b" / lr, lr', ('-"a, b" / lr', "lr")),
        ("test/acc@min(a,b),metrics/mAP50(B)", ("test/acc@min(a,b)", "metrics/mAP50(B)")),
        ('x@min("a, b") lr', ("x@min(a, b)", "lr")),
        ("Δ%val/loss Δ(a - b),lr", ("Δ%val/loss", "Δ(a - b)", "lr")),
        ("say(what,lr", ("say(what", "lr")),
        ("it's,lr's", ("it's", "lr's")),
        (r'"say \"hi\"",lr', ('say "hi"', "lr")),
        ('"open,lr', ('"open', "lr")),
    ],
)
def test_a_list_is_read_as_it_is_meant(text: str, specs: tuple[str, ...]) -> None:
    assert listed(text, NAMES) == specs


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip), max_size=4)
)
def test_quoted_names_come_back_as_they_are(names: list[str]) -> None:
    assert listed(", ".join(map(quoted, names))) == tuple(names)


@given(st.text(max_size=30))
def test_any_text_is_some_list(text: str) -> None:
    assert all(listed(text))
