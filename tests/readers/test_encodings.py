"""Text files in the encodings that editors, shells and spreadsheets leave: each reads as it does in UTF-8."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.model import Claim
from runspect.readers import claim_file, reader_named
from tests.readers.entries import Found, entry_of, found_in

ROWS = "".join(f'{{"step": {step}, "loss": {1 / (step + 1)!r}}}\n' for step in range(300))
TABLE = "step,loss\n" + "".join(f"{step},{1 / (step + 1)!r}\n" for step in range(300))
STATE = '{"log_history": [{"step": 10, "loss": 0.5}], "global_step": 10, "max_steps": 20}'
RECORD = '{"format": "runspect-record", "version": 1, "name": "größe", "config": {"lr": 0.1}}'
CONSOLE = "line\n" * 5000 + "Traceback (most recent call last):\n  File x\nValueError: größe\n"
TEXTS = {
    "metrics.jsonl": ROWS,
    "log.json": ROWS,
    "metrics.csv": TABLE,
    "progress.tsv": TABLE.replace(",", "\t"),
    "version_0/metrics.csv": TABLE,
    "history.json": '{"loss": [0.5, 0.25], "val_loss": [1.0, 2.0]}',
    "trainer_state.json": STATE,
    "run.json": RECORD,
    "config.yaml": "lr: 0.1\nname: größe\n",
    "config.json": '{"lr": 0.1, "name": "größe"}',
    "config.toml": 'lr = 0.1\nname = "größe"\n',
    "config.py": "lr = 0.1\n",
    "args.txt": "lr: 0.1\nname: größe\n",
    ".hydra/config.yaml": "lr: 0.1\n",
    "train.log": CONSOLE,
}
ENCODINGS = ("utf-8-sig", "utf-16-le", "utf-16-be")


def _read(root: Path, name: str, content: bytes) -> tuple[Claim | None, Found]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    claim = claim_file(entry_of(root, path))
    return claim, found_in(reader_named(claim.reader), path) if claim else Found()


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", TEXTS)
def test_every_text_reads_as_in_utf8(tmp_path: Path, name: str, encoding: str, ends: str) -> None:
    text = TEXTS[name]
    claim, plain = _read(tmp_path / "plain", name, text.encode())
    assert claim is not None and (plain.values or plain.params or plain.facts) and not plain.problems
    mark = "" if encoding.endswith("sig") else "\ufeff"
    other, found = _read(tmp_path / "other", name, (mark + text.replace("\n", ends)).encode(encoding))
    assert other is not None and (other.reader, other.kind, other.tool) == (claim.reader, claim.kind, claim.tool)
    assert (found.series(), found.params, found.facts) == (plain.series(), plain.params, plain.facts)
    assert not found.problems


@pytest.mark.parametrize("name", ["metrics.jsonl", "metrics.csv"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_text_in_utf16_is_read_on(tmp_path: Path, name: str, encoding: str) -> None:
    content = ("\ufeff" + TEXTS[name]).encode(encoding)
    path = tmp_path / name
    claim, whole = _read(tmp_path, name, content)
    assert claim is not None
    reader, pieces = reader_named(claim.reader), Found()
    for end in (1, 2, 3, 101, 1002, 3333, len(content)):
        path.write_bytes(content[:end])
        pieces.add(reader.read(path, pieces.cursor))
    assert pieces.series() == whole.series() and len(whole.values["loss"]) == 300
