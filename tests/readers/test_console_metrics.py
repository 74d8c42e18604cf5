"""Console logs as series: bars, encodings, what is guessed and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.readers.console_metrics import READER
from runspect.readers.console_text import line_of, quantity
from tests.readers.entries import Found, entry_of, found_in


def series(tmp_path: Path, text: str | bytes, name: str = "train.log") -> dict[str, list[tuple[int, float]]]:
    found = read(tmp_path, text, name)
    return {key: list(zip(found.steps[key], found.values[key], strict=True)) for key in found.steps}


def read(tmp_path: Path, text: str | bytes, name: str = "train.log") -> Found:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return found_in(READER, path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234.0), ("12k", 12_000.0), ("1e-3", 0.001), ("3.2GiB", 3.2), ("7.63%", 7.63), ("20.50ms", 20.5),
        ("'0.69'", 0.69), ("-inf", float("-inf")), ("1.2.3", None), ("12:30", None), ("3x", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_of_every_form(text: str, value: float | None) -> None:
    assert quantity(text) == value


@pytest.mark.parametrize(
    "prefix",
    [
        "[2026-11-23 13:51:10,123][__main__][INFO] - ", "2026-11-23 13:51:10,123 - root - INFO - ", "INFO:root:",
        "2026-11-23 13:51:10.123 | INFO     | __main__:main:10 - ", "[titan] 2026-11-23 13:51:10,123 - root - INFO - ",
        "I1123 13:51:10.123456 1234 train.py:12] ", "[NeMo I 2026-11-23 13:51:10 train:396] ", "0: ", "[rank0]: ",
        "2026-11-23 13:51:10.123 | INFO     | core.trainer:270 - ", "[2026-11-23 13:51:10,123 INFO] ",
        "[13:51:10.123456] ", "2026-11-23 13:51:10 ", "\x1b[32m2026-11-23 13:51:10,123\x1b[0m - INFO - ",
    ],
)  # fmt: skip
def test_prefixes_of_loggers_and_launchers_go(prefix: str, tmp_path: Path) -> None:
    assert line_of(prefix + "step 3 loss 0.2").body == "step 3 loss 0.2"
    text = "".join(f"{prefix}step {at} loss 0.{at}\n" for at in (1, 2, 3))
    assert series(tmp_path, text) == {"loss": [(1, 0.1), (2, 0.2), (3, 0.3)]}


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ("epoch={0} loss=0.69 acc=0.74", {"loss", "acc"}),
        ("Epoch {0}/10: train_loss: 0.5, val_loss: 0.4, time 3.2s, eta 0:10:00", {"train_loss", "val_loss"}),
        ("Epoch {0} | Train Loss: 0.1 | Val. Acc: 88.1% | lr 1e-3", {"Train Loss", "Val. Acc", "lr"}),
        ("Valid: Epoch[{0}/25] Iteration[2/2] Loss: 0.21 Acc:93.4%", {"val/Loss", "val/Acc"}),
        ("Episode {0} reward 20.5 epsilon 0.1", {"reward", "epsilon"}),
        ("Step {0}: Perceptual Loss=1.5, KL Loss=2.5, Got to Loss=3.5", {"Perceptual Loss", "KL Loss", "Loss"}),
        ("step {0} saved to /tmp/ckpt/step_5.pt in 3.2 s, 1.2 GB", set()),
        ("iteration {0} took 12:30:01, version 1.2.3 at 127.0.0.1:8080", set()),
        ("| step {0} | 3.5 | 4.5 |", set()),
        ("Epoch {0}: 37 files, 12 workers, batch_size 32, seed 1", set()),
        ("update {0} of package numpy 1.26.4 -> 2.0", set()),
        ("worker 5 moved 37 blocks, loss of {0} packets", set()),
    ],
)
def test_guesses_only_what_recurs_beside_a_step(line: str, metrics: set[str], tmp_path: Path) -> None:
    assert set(series(tmp_path, "".join(line.format(at) + "\n" for at in range(1, 6)))) == metrics


def test_a_line_that_stands_alone_is_no_metric(tmp_path: Path) -> None:
    assert series(tmp_path, "Epoch 3 done, loss: 0.5\n" + "nothing\n" * 50) == {}


def test_iterations_within_epochs_count_from_the_beginning(tmp_path: Path) -> None:
    text = "".join(f"Epoch [{e}/2], Step [{s}/200], Loss: 0.{e}\n" for e in (1, 2) for s in (100, 200))
    assert [step for step, _ in series(tmp_path, text)["Loss"]] == [100, 200, 300, 400]


def test_a_bar_of_many_megabytes_without_newline(tmp_path: Path) -> None:
    states = (
        f"\r{at // 2000:3}%|███       | {at}/200000 [01:00<02:00, 19.50it/s, loss={1 / (at + 1):.4f}]"
        for at in range(120_000)
    )
    found = series(tmp_path, "".join(states))
    assert [step for step, _ in found["loss"]] == [at * 2000 for at in range(60)]


def test_a_bar_that_begins_anew_goes_on_counting(tmp_path: Path) -> None:
    bar = "\r 50%|#####     | 5/10 [00:01<00:01, 5.0it/s, loss=0.5]\r100%|##########| 10/10 [00:02<00:00, 5.0it/s, loss=0.4]\n"
    assert [step for step, _ in series(tmp_path, bar * 2)["loss"]] == [5, 10, 15, 20]


def test_the_trainers_dicts_stand_at_the_steps_of_its_bar(tmp_path: Path) -> None:
    text = "".join(
        f"\r {at}%|█ | {at * 5}/500 [00:10<01:30, 5.0it/s]\n{{'loss': 0.{at}, 'learning_rate': 1e-4, 'epoch': 0.{at}}}\n"
        for at in (10, 20)
    )
    assert series(tmp_path, text)["loss"] == [(50, 0.1), (100, 0.2)]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    text = "# Modèle\r\n" + "".join(f"epoch={at} loss=0.{at}\r\n" for at in (1, 2, 3))
    assert series(tmp_path, text.encode(encoding)) == {"loss": [(1, 0.1), (2, 0.2), (3, 0.3)]}


def test_params_at_the_head(tmp_path: Path) -> None:
    text = (
        "Namespace(lr=0.1, name='a b', layers=[1, 2])\nmodel: resnet\nwidth: 64\ndropout = 0.1\n\n"
        "opened: 1 file\n" + "".join(f"step {at} loss 0.1\n" for at in (1, 2, 3))
    )
    wanted = {"lr": 0.1, "name": "a b", "layers": [1, 2], "model": "resnet", "width": 64, "dropout": 0.1}
    assert read(tmp_path, text).params == wanted


def test_ends_in_words(tmp_path: Path) -> None:
    text = "Epoch 0: 100%|###| 4/4 [00:01<00:00, 9.1it/s, v_num=0, loss=0.6]\n`Trainer.fit` stopped: `max_epochs=1` reached.\n"
    assert read(tmp_path, text).facts["end_state"] == "finished"
    assert "end_state" not in read(tmp_path, text + "Traceback (most recent call last):\n  x\nValueError: no\n").facts


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("iter 0: loss 0.69, time 20.50ms, mfu 3.21%\n", "nanogpt"),
        ("epoch=1 loss=0.5\nepoch=2 loss=0.4\nepoch=3 loss=0.4\nepoch=4 loss=0.3\n", "guess"),
        ("preamble " * 9000 + "\n" + "[0]\ttrain-auc:0.5\n", "xgboost"),
        ("GET /step/1 200 12ms\n" * 50, ""),
        ("100%|###| 5/5 [00:00<00:00, 9.1it/s]\n" * 5, ""),
    ],
)
def test_says_whether_metrics_stand_in_a_log(text: str, pattern: str, tmp_path: Path) -> None:
    from runspect.readers import claim_file

    (tmp_path / "train.log").write_text(text)
    claim = claim_file(entry_of(tmp_path, tmp_path / "train.log"))
    assert claim is not None
    assert claim.hint("metrics") == pattern


@pytest.mark.parametrize("metrics", [1, 2])
def test_lightgbm_repeats_the_best_iteration_which_is_no_new_point(metrics: int, tmp_path: Path) -> None:
    def said(step: int) -> str:
        return f"[{step}]" + "".join(f"\thold out's {name}: 0.{step}" for name in ("auc", "loss")[:metrics]) + "\n"

    text = said(1) + said(2) + said(3) + "Early stopping, best iteration is:\n" + said(2) + said(4)
    assert series(tmp_path, text.encode())["hold out/auc"] == [(1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4)]
    best = {"best_step": 2, "best_metric": 0.2} if metrics == 1 else {"best_step": 2}
    assert {name: value for name, value in read(tmp_path, text).facts.items() if "best" in name} == best


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ("epoch {0} D loss: 0.{0} G loss: 1.{0}", {"D loss": 0.1, "G loss": 1.1}),
        ("epoch {0} gen loss: 0.{0} disc loss: 1.{0}", {"gen loss": 0.1, "disc loss": 1.1}),
        ("epoch {0}: Train - loss: 0.{0}, acc: 2.{0} | Val - loss: 1.{0}, acc: 3.{0}",
         {"loss": 0.1, "acc": 2.1, "val/loss": 1.1, "val/acc": 3.1}),
        ("epoch {0} (loss 0.{0}) (loss 1.{0}) acc 2.{0}", {"acc": 2.1}),
    ],
)  # fmt: skip
def test_one_name_twice_on_a_line_is_told_apart_or_left_out(
    line: str, metrics: dict[str, float], tmp_path: Path
) -> None:
    found = series(tmp_path, "".join(line.format(at) + "\n" for at in (1, 2, 3)))
    assert {name: rows[0][1] for name, rows in found.items()} == metrics


def test_two_settings_at_the_head_are_params(tmp_path: Path) -> None:
    log = "".join(f"step {at} loss 0.1\n" for at in (1, 2, 3))
    assert read(tmp_path, "epochs: 9\nlr: 0.003\n" + log).params == {"epochs": 9, "lr": 0.003}
    assert read(tmp_path, "epochs: 9\nlr: 0.003\nbatch_size: 64\n" + log).params["batch_size"] == 64
    assert read(tmp_path, "opened: 9\nclosed: 0.003\n" + log).params == {}


def test_what_is_printed_below_a_bar_stands_behind_it(tmp_path: Path) -> None:
    """`print` within a loop of tqdm on a terminal: the bar has no newline, the text goes on in its line."""
    text = "".join(
        f"\r {at * 10:2}%|███   | {at}/10 [00:00<00:05,  6.65it/s]step {at} loss 0.{at}\r\n" for at in range(1, 8)
    )
    assert series(tmp_path, text) == {"loss": [(at, at / 10) for at in range(1, 8)]}
    counted = "".join(f"\r{at}it [00:0{at}, 1.50s/it, grad=2]step {at} loss 0.{at}\r\n" for at in range(1, 8))
    assert series(tmp_path, counted)["loss"] == [(at, at / 10) for at in range(1, 8)]


def test_of_the_epochs_that_share_one_line_each_has_its_last_state(tmp_path: Path) -> None:
    bar = "\rEpoch {0}: {1}%|███| {1}/100 [00:04<00:05, 20.1it/s{2}]"
    after = "v_num=3, train_loss=0.{0}, val_loss=0.2{0}"
    text = "".join(
        bar.format(epoch, 0, "")
        + bar.format(epoch, 50, f", v_num=3, train_loss=0.9{epoch}")
        + bar.format(epoch, 100, "")
        + bar.format(epoch, 100, ", " + after.format(epoch))
        for epoch in range(3)
    )
    again = bar.format(2, 100, ", " + after.format(2))
    found = series(tmp_path, f"{text}`Trainer.fit` stopped: `max_epochs=3` reached.\n{again}\n")
    assert found == {"train_loss": [(0, 0.0), (1, 0.1), (2, 0.2)], "val_loss": [(0, 0.2), (1, 0.21), (2, 0.22)]}
