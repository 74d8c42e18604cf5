"""What is peculiar to Guild's attributes."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from tests.readers.entries import Found, entry_of, found_in

RUN = "0123456789abcdef0123456789abcdef"


def attribute(root: Path, name: str, text: str, run: str = RUN) -> Path:
    path = root / run / ".guild" / ("" if name in ("opref", "output", "LOCK") else "attrs") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def read(path: Path) -> Found:
    return found_in(reader_named("guild"), path)


@pytest.mark.parametrize(
    ("name", "text", "facts"),
    [
        ("stopped", "1795442302670737\n", {"ended": 1795442302.670737}),
        ("exit_status", "2\n", {"exit_code": 2}),
        ("exit_status", "-15\n", {"exit_code": -15, "end_state": "killed", "end_reason": "signal 15"}),
        ("cmd", "- python\n- -m\n- a b\n", {"command": "python -m 'a b'"}),
        ("vcs_commit", "git:0a1b2c3d4e*\n", {"git_commit": "0a1b2c3d4e", "git_dirty": True}),
        ("comments", "- {body: second, time: 2}\n- {body: first, time: 1}\n", {"notes": "first\nsecond"}),
        ("user", "''\n", {}),
        ("opref", r"guildfile:/a\ b/guild.yml 9bff '' train", {"job_type": "train"}),
    ],
)
def test_an_attribute_is_a_fact(tmp_path: Path, name: str, text: str, facts: dict[str, object]) -> None:
    path = attribute(tmp_path, name, text)
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and (claim.reader, claim.root) == ("guild", RUN)
    assert read(path).facts == facts


def test_the_environment_is_never_claimed(tmp_path: Path) -> None:
    assert claim_file(entry_of(tmp_path, attribute(tmp_path, "env", "AWS_SECRET_ACCESS_KEY: x\n"))) is None


def test_the_pattern_of_a_batch_is_no_run(tmp_path: Path) -> None:
    assert claim_file(entry_of(tmp_path, attribute(tmp_path, "flags", "lr: 1\n", f"{RUN}/.guild/proto"))) is None


def test_only_the_directorys_own_id_is_one(tmp_path: Path) -> None:
    [own] = reader_named("guild").read(attribute(tmp_path, "id", RUN), Found().cursor)
    [copied] = reader_named("guild").read(attribute(tmp_path, "id", RUN, "copy"), Found().cursor)
    assert (own.ids, copied.ids) == ((f"guild:{RUN}",), ())


def test_a_lock_tells_the_process(tmp_path: Path) -> None:
    path = attribute(tmp_path, "LOCK", "4711")
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and claim.reader == "guild-lock"
    assert found_in(reader_named("guild-lock"), path).facts == {"pid": 4711}
