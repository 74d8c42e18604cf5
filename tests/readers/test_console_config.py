"""The configuration that a program printed into a log whose metrics stand elsewhere."""

from __future__ import annotations

from pathlib import Path

from runspect.readers import claim_file, reader_named
from runspect.readers.console_config import READER
from tests.engine.syncing import bench
from tests.readers.entries import Found, entry_of, found_in
from tests.readers.make_tfevents import event, record, simple, summary, version

FAIRSEQ = (
    "[2023-11-14 22:13:20,123][fairseq_cli.train][INFO] - {'_name': None, 'common': {'_name': None, 'seed': 1, "
    "'user_dir': \"it's\"}, 'optimization': {'lr': [0.0005]}, 'model': Namespace(dropout=0.1, arch='wav2vec2')}\n"
)
ROW = '[2023-11-14 22:14:09,456][train_inner][INFO] - {"epoch": 1, "update": 0.2, "loss": "0.1", "num_updates": "%d"}\n'
PARAMS = {
    "_name": None, "common._name": None, "common.seed": 1, "common.user_dir": "it's", "optimization.lr": [0.0005],
    "model.dropout": 0.1, "model.arch": "wav2vec2",
}  # fmt: skip


def hints(root: Path, text: str) -> dict[str, str]:
    path = root / "train.log"
    path.write_text(text)
    claim = claim_file(entry_of(root, path))
    assert claim is not None and claim.reader == "console"
    return dict(claim.hints)


def test_says_whether_a_configuration_is_printed(tmp_path: Path) -> None:
    assert hints(tmp_path, FAIRSEQ + ROW % 10 + ROW % 20) == {"metrics": "fairseq", "config": "yes"}
    assert hints(tmp_path, "starting\nNamespace(lr=0.1, layers=2)\n") == {"young": "yes", "config": "yes"}
    assert hints(tmp_path, "[10:00:00.1] Namespace(lr=0.1,\nlayers=2)\nx\n") == {"young": "yes", "config": "yes"}
    assert hints(tmp_path, "{'loss': 0.5, 'epoch': 1}\nNamespace(\nargparse.Namespace(x\n") == {"young": "yes"}


def test_reads_it_and_how_the_log_ends_and_no_metrics(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("".join([FAIRSEQ, *(ROW % step for step in range(9)), "{'a': 1, 'b': 'x', 'c': 2}\nKilled\n"]))
    found = found_in(READER, path)
    assert found.params == PARAMS and not found.values
    assert found.facts["console_verdict"] == "killed"


def test_reads_on_and_stops_where_no_configuration_stands(tmp_path: Path) -> None:
    path, found = tmp_path / "train.log", Found()
    path.write_text(FAIRSEQ[:60])
    found.add(READER.read(path, found.cursor))
    assert found.params == {} and found.cursor.offset == 0
    path.write_text(FAIRSEQ + "x" * 99 + "\n")
    found.add(READER.read(path, found.cursor))
    assert found.params == PARAMS
    path.write_text(FAIRSEQ + "x" * 99 + "\n" + "line\n" * 100_000 + "Namespace(late=1)\n")
    found.add(READER.read(path, found.cursor))
    assert "late" not in found.params


def test_a_fairseq_run_has_its_event_files_curves_and_its_logs_params(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for split in ("train_inner", "valid"):
        events = [record(event(1700000000.0 + at, at, summary(simple("loss", 1 / at)))) for at in (10, 20, 30)]
        (run / "tb" / split).mkdir(parents=True)
        (run / f"tb/{split}/events.out.tfevents.1700000000.vm.7.0").write_bytes(
            record(version(1700000000.0)) + b"".join(events)
        )
    (run / "hydra_train.log").write_text(FAIRSEQ + "".join(ROW % step for step in (10, 20, 30)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([run])
        [found] = made.runs()
        assert {name: series["n"] for name, series in found["metrics"].items()} == {
            "train_inner/loss": 3,
            "valid/loss": 3,
        }
        assert found["params"] == PARAMS
        assert made.sql("SELECT DISTINCT source FROM cfg_now") == [("hydra_train.log",)]
    assert reader_named("console-config") is READER


def test_a_namespace_may_have_a_line_for_each_argument(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("[10:00:00.123456] Namespace(accum_iter=1,\nlr=None,\nname='a, b')\nNamespace(x=1,\nis no end\n")
    assert found_in(READER, path).params == {"accum_iter": 1, "lr": None, "name": "a, b"}
