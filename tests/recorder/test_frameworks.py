"""The callbacks in trainings of the real frameworks, where they are installed.

A framework is looked for in this Python and in that of `RUNSPECT_FRAMEWORKS`, an environment that has them: none of them
is needed to work on runspect.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.recorder.programs import head, only, rows, run, surroundings

QUIET = {
    "CUDA_VISIBLE_DEVICES": "",
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_OFFLINE": "1",
    "KERAS_BACKEND": "torch",
}
LIGHTNING = """
import torch, lightning.pytorch as pl
from torch.utils.data import DataLoader, TensorDataset
from runspect.recorder.lightning import RunspectLogger

class Model(pl.LightningModule):
    def __init__(self, lr=0.1, width=3, fail=False):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)
    def training_step(self, batch, index):
        loss = self.layer(batch[0]).pow(2).mean()
        self.log("train/loss", loss)
        if self.hparams.fail and index == 5: raise eval(self.hparams.fail)
        return loss
    def validation_step(self, batch, index): self.log("val/loss", self.layer(batch[0]).pow(2).mean())
    def test_step(self, batch, index): self.log("test/loss", self.layer(batch[0]).pow(2).mean())
    def configure_optimizers(self): return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

data = DataLoader(TensorDataset(torch.randn(64, 4)), batch_size=8)
def trainer(name):
    return pl.Trainer(max_epochs=2, logger=RunspectLogger(name=name, tags=["lit"]), enable_progress_bar=False,
                      enable_model_summary=False, log_every_n_steps=2, accelerator="cpu")
"""
TRANSFORMERS = """
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
from runspect.recorder.transformers import RunspectCallback

model = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=16, n_embd=16, n_layer=1, n_head=2))
data = [{"input_ids": torch.randint(0, 64, (8,)), "labels": torch.randint(0, 64, (8,))} for _ in range(32)]
arguments = TrainingArguments("out", run_name="tiny", max_steps=6, logging_steps=2, per_device_train_batch_size=4,
                              report_to=[], disable_tqdm=True, use_cpu=True, seed=7, learning_rate=0.01)
trainer = Trainer(model=model, args=arguments, train_dataset=data, eval_dataset=data[:8],
                  callbacks=[RunspectCallback(hypothesis="it learns")])
"""
KERAS = """
import numpy, keras
from runspect.recorder.keras import RunspectCallback

model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
x, y = numpy.ones((32, 4), "float32"), numpy.ones((32, 1), "float32")
"""


@cache
def python_with(module: str) -> str:
    """A Python that can import a module; skips the test where there is none."""
    for python in (sys.executable, os.environ.get("RUNSPECT_FRAMEWORKS", "")):
        if (
            python
            and subprocess.run(
                [python, "-c", f"import {module}"], capture_output=True, env=surroundings(**QUIET)
            ).returncode
            == 0
        ):
            return python
    pytest.skip(f"{module} is not installed")


def trained(place: Path, module: str, code: str) -> int:
    """Run a training; its exit code."""
    exit_code, _, err = run(place, code, env=QUIET, python=python_with(module))
    assert exit_code == 0 or "Error" in err or "Interrupt" in err, err
    return exit_code


def test_lightning_is_recorded_with_its_hyperparameters_and_checkpoints(tmp_path: Path) -> None:
    code = f"{LIGHTNING}\nmodel = Model()\nt = trainer('first')\nt.fit(model, data, data)\nt.test(model, data)"
    assert trained(tmp_path, "lightning.pytorch", code) == 0
    record = only(tmp_path)
    told = head(record)
    assert (told["name"], told["status"], told["reason"], told["tags"]) == ("first", "finished", "", ["lit"])
    assert told["config"] == {"lr": 0.1, "width": 3, "fail": False}
    found = rows(record)
    assert [row["step"] for row in found if "train/loss" in row] == [1, 3, 5, 7, 9, 11, 13, 15]
    assert [row["step"] for row in found if "val/loss" in row] == [7, 15] and "test/loss" in found[-1]
    assert all("epoch" in row for row in found) and list(record.glob("checkpoints/*.ckpt"))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ValueError('bad')", ("failed", "ValueError: bad")),
        ("KeyboardInterrupt()", ("killed", "interrupted from the keyboard")),
    ],
)
def test_a_training_of_lightning_that_breaks_says_why(tmp_path: Path, error: str, expected: tuple[str, str]) -> None:
    trained(tmp_path, "lightning.pytorch", f'{LIGHTNING}\ntrainer("x").fit(Model(fail="{error}"), data)')
    assert (head(only(tmp_path))["status"], head(only(tmp_path))["reason"]) == expected


def test_each_training_of_lightning_is_a_run(tmp_path: Path) -> None:
    code = f"{LIGHTNING}\nfor lr in (0.1, 0.2): trainer(f'lr{{lr}}').fit(Model(lr), data)\nprint(open('runs/lr0.1/run.json').read())"
    assert trained(tmp_path, "lightning.pytorch", code) == 0
    for lr in (0.1, 0.2):
        told = head(tmp_path / "runs" / f"lr{lr}")
        assert (told["config"]["lr"], told["status"]) == (lr, "finished")


def test_two_processes_of_lightning_are_one_record(tmp_path: Path) -> None:
    code = LIGHTNING.replace('accelerator="cpu"', 'accelerator="cpu", devices=2, strategy="ddp"')
    (tmp_path / "train.py").write_text(f"{code}\nif __name__ == '__main__': trainer('ddp').fit(Model(), data)")
    program = "import runpy; sys.argv = ['train.py']; runpy.run_path('train.py', run_name='__main__')"
    assert trained(tmp_path, "lightning.pytorch", program) == 0
    assert len(rows(only(tmp_path))) == 4 and head(only(tmp_path))["status"] == "finished"


def test_the_hugging_face_trainer_is_recorded(tmp_path: Path) -> None:
    assert (
        trained(tmp_path, "transformers, torch, accelerate", f"{TRANSFORMERS}\ntrainer.train()\ntrainer.evaluate()")
        == 0
    )
    record = only(tmp_path)
    told = head(record)
    assert (told["name"], told["status"], told["hypothesis"], told["seed"], told["max_steps"]) == (
        "tiny", "finished", "it learns", 7, 6,
    )  # fmt: skip
    assert told["config"]["learning_rate"] == 0.01 and told["config"]["model"]["n_embd"] == 16
    found = rows(record)
    assert [row["step"] for row in found if "loss" in row] == [2, 4, 6]
    assert found[-1]["step"] == 6 and "eval_loss" in found[-1]


def test_a_hugging_face_training_that_breaks_has_failed(tmp_path: Path) -> None:
    broken = TRANSFORMERS.replace("for _ in range(32)]", "for _ in range(8)] + [{}] * 24")
    assert trained(tmp_path, "transformers, torch, accelerate", f"{broken}\ntrainer.train()") == 1
    assert head(only(tmp_path))["status"] == "failed" and "Error" in head(only(tmp_path))["reason"]


def test_keras_is_recorded(tmp_path: Path) -> None:
    code = f"""{KERAS}
callback = RunspectCallback(batches=2, name="k", config={{"data": "ones"}})
model.fit(x, y, epochs=3, batch_size=8, validation_split=0.25, callbacks=[callback], verbose=0)
model.evaluate(x, y, callbacks=[callback], verbose=0)
"""
    assert trained(tmp_path, "keras, torch", code) == 0
    record = only(tmp_path)
    told = head(record)
    assert (told["name"], told["status"], told["max_steps"]) == ("k", "finished", 3)
    assert told["config"]["data"] == "ones" and told["config"]["optimizer"]["learning_rate"] == pytest.approx(0.01)
    found = rows(record)
    epochs = [row for row in found if "val_loss" in row]
    assert [row["step"] for row in epochs] == [1, 2, 3] and {"loss", "mae", "learning_rate"} <= epochs[0].keys()
    assert [row["step"] for row in found if "batch/loss" in row] == [2, 4, 6, 8] and "evaluate/loss" in found[-1]


def test_tensors_of_torch_are_numbers(tmp_path: Path) -> None:
    code = """
import torch
run = runspect.start(name="x", capture=False)
loss = torch.ones(1, requires_grad=True).sum() * 0.5
run.log({"loss": loss, "half": torch.tensor(0.25, dtype=torch.bfloat16), "count": torch.tensor(3), "vector": torch.zeros(2)})
loss.detach().fill_(9)
run.finish()
"""
    exit_code, _, err = run(tmp_path, code, python=python_with("torch"))
    assert exit_code == 0 and err == "runspect: 'vector' is no number (Tensor) and is not recorded\n"
    (row,) = rows(only(tmp_path))
    assert (row["loss"], row["half"], row["count"]) == (0.5, 0.25, 3)
