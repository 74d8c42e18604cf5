"""The user's config file."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect import settings
from runspect.errors import UsageError
from runspect.settings import Settings, load_settings, origins, parse_settings, settings_path
from runspect.tui.commands import BY_ID


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings({"RUNSPECT_HOME": str(tmp_path)}) == Settings()


def test_the_place(tmp_path: Path) -> None:
    assert settings_path({"RUNSPECT_HOME": "/r"}) == Path("/r/config.toml")
    assert settings_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/runspect/config.toml")
    assert settings_path({"HOME": "/h"}) == Path("/h/.config/runspect/config.toml")


def test_the_example_in_the_documentation() -> None:
    assert settings.__doc__
    example = "\n".join(line.removeprefix("    ") for line in settings.__doc__.splitlines()[1:])
    assert parse_settings(example) == Settings(
        keys=(("star", ("*",)), ("filter", ("/", "alt+f")), ("drop-equal", ("gf",))),
        columns=("state", "name", "lr", "val/loss:best"),
        ignore=("output_dir", "wandb.*"),
        mouse=False,
        ascii=False,
        theme="dark",
        bars=False,
        low_bandwidth=False,
        line_diff=True,
        colours=(("good", "#9ece6a"), ("curve-1", "#7aa2f7")),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mouse = 1", "'mouse' must be true or false"),
        ("mose = true", "did you mean 'mouse'"),
        ("zzzz = 1", "known are ascii, bars, colours, columns"),
        ("columns = [1]", "'columns' must be a list of words"),
        ("theme = ''", "'theme' must be 'dark' or"),
        ("keys = 'x'", "must be a table"),
        ("[keys]\nstar = 1", "'keys.star' must be a list"),
        ("[keys]\nstar = 'ctrl-f'", "line 2: 'keys.star': 'ctrl-f' is no key"),
        ("[keys]\nstar = ['*', 'g g g']", "'g g g' is no key"),
        ("a = \n", "line 1"),
        ("theme = 'drak'", "did you mean 'dark'"),
        ("[colours]\nmouse = '#fff'", "line 2: unknown key 'colours.mouse'"),
        ("mouse = true\n\n[colours]\ngood = 'red'", "line 4: 'colours.good' must be a colour"),
    ],
)
def test_faults_are_named_with_their_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"config\.toml") as caught:
        load_settings({"RUNSPECT_HOME": str(tmp_path)})
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings({"RUNSPECT_HOME": str(tmp_path)})
    (tmp_path / "config.toml").unlink()
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings({"RUNSPECT_HOME": str(tmp_path)})


def test_a_key_of_no_command_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[keys]\nstar = '*'\nquitt = 'x'\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"config\.toml: line 3: unknown key 'keys\.quitt'; did you mean 'quit'"):
        load_settings({"RUNSPECT_HOME": str(tmp_path)}, commands=BY_ID)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[keys]\n\nmark = 't'", "line 3: 'keys.mark': 't' is also the key of 'tag', and both work in runs"),
        ("[keys]\nstar = 'Z'\nhide = ['-', 'Z']", "line 2: 'keys.star': 'Z' is also the key of 'hide' (line 3)"),
        ("[keys]\nstar = 'y'", "line 2: 'keys.star': 'y' does not go with the key y i of 'yank-id'"),
        ("[keys]\nstar = 'jj'", "line 2: 'keys.star': 'jj' does not go with the key j of"),
        (
            "[keys]\nstar = 'x'",
            "'x' is also the key of 'varying', and both work in runs; give that another one, or none",
        ),
    ],
)
def test_a_key_that_would_mean_two_things_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_settings({"RUNSPECT_HOME": str(tmp_path)}, BY_ID)
    assert said in str(caught.value)


def test_the_example_and_the_usual_keys_go_together(tmp_path: Path) -> None:
    usual = "".join(f"{id} = {command.key.split(',')}\n" for id, command in BY_ID.items() if command.key)
    example = (settings.__doc__ or "").partition("\n")[2]
    for text in (f"[keys]\n{usual}", example):
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        assert load_settings({"RUNSPECT_HOME": str(tmp_path)}, BY_ID).keys


def test_each_setting_tells_where_it_comes_from(tmp_path: Path) -> None:
    text = "mouse = true\n[colours]\ngood = '#00FF00'\n[keys]\nstar = ['*', 'S']\n"
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    found = {origin.key: (origin.value, origin.where) for origin in origins({"RUNSPECT_HOME": str(tmp_path)})}
    assert found["mouse"] == (True, f"{tmp_path}/config.toml:1")
    assert found["colours.good"] == ("#00ff00", f"{tmp_path}/config.toml:3")
    assert found["keys.star"] == (["*", "S"], f"{tmp_path}/config.toml:5")
    assert found["theme"] == (None, "default")
