"""`runspect query explain`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import runspect


def test_a_query_is_told_in_words_and_as_sql(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "metrics.jsonl").write_text('{"step": 1, "train/loss": 1, "val/loss": 3}\n')
    query = "train/loss < val/loss * 0.5 -tag:x (resnet | has:note)"
    found = runspect("query", "explain", "-C", tmp_path, query, "--json").json()
    assert found["words"] == [
        "all of:",
        "  train/loss is less than val/loss * 0.5",
        "  not:",
        "    tag is or holds x",
        "  any of:",
        "    its name, path, a tag or a note holds resnet",
        "    it has note",
    ]
    assert found["query"] == "train/loss < val/loss * 0.5 not tag:x (resnet or has:note)"
    assert found["sql"].startswith("SELECT r.rid FROM runs_now r WHERE ")
    assert found["sql"].count("?") == len(found["params"]) and 0.5 in found["params"]
    text = runspect("query", "explain", "-C", tmp_path, query).out
    assert "  1  train/loss" in text and "SELECT" in text
    wrong = runspect("query", "explain", "-C", tmp_path, "val/losss < 1")
    assert wrong.code == 2 and "did you mean val/loss" in wrong.err
