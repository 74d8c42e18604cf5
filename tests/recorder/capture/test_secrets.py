"""No secret gets into a record: not by a variable, not by the command line, not inside a value."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.masking import MASK
from runspect.recorder import capture
from runspect.recorder.capture.secrets import denied, masked_argv, secret_argument
from runspect.recorder.capture.variables import ALLOWED_NAMES, ALLOWED_PREFIXES, kept_variable, variables


@pytest.mark.parametrize(
    "name",
    ["HF_TOKEN", "WANDB_API_KEY", "AWS_SECRET_ACCESS_KEY", "SLURM_JWT", "RAY_AUTH_TOKEN", "TORCH_HUB_PASSWORD", "DATABASE_URL",
     "NCCL_SECRET", "JAX_CREDENTIALS", "TF_VAR_db", "TF_CLI_CONFIG_FILE", "CUDA_privateKey", "GITHUB_TOKEN", "HTTPS_PROXY"],
)  # fmt: skip
def test_a_denied_variable_is_never_kept(name: str) -> None:
    assert not kept_variable(name)


@pytest.mark.parametrize(
    "name", ["CUDA_VISIBLE_DEVICES", "NCCL_DEBUG", "WORLD_SIZE", "PYTHONPATH", "SLURM_JOB_ID", "TF_CONFIG"]
)
def test_an_allowed_variable_is_kept(name: str) -> None:
    assert kept_variable(name)


@given(
    st.sampled_from([*ALLOWED_NAMES, *ALLOWED_PREFIXES]),
    st.sampled_from(["TOKEN", "KEY", "SECRET", "PASSWORD", "CREDENTIALS"]),
)
def test_the_deny_list_wins(allowed: str, word: str) -> None:
    assert denied(f"{allowed.rstrip('_')}_{word}") and not kept_variable(f"{allowed.rstrip('_')}_{word}")


def test_a_secret_inside_a_value_is_masked() -> None:
    found = variables({"MLFLOW_TRACKING_URI": "https://me:hunter2@host/", "TORCH_X": "hf_" + "a" * 30, "HOME": "/root"})
    assert found == {"MLFLOW_TRACKING_URI": f"https://me:{MASK}@host/", "TORCH_X": MASK}


@pytest.mark.parametrize(
    ("argv", "masked"),
    [
        (["t.py", "--api-key", "abc", "--lr", "1"], ["t.py", "--api-key", MASK, "--lr", "1"]),
        (["t.py", "--api_key=abc"], ["t.py", f"--api_key={MASK}"]),
        (["t.py", "wandb.api_key=abc", "lr=1"], ["t.py", f"wandb.api_key={MASK}", "lr=1"]),
        (["t.py", "--hf-token", "abc", "--password", "p"], ["t.py", "--hf-token", MASK, "--password", MASK]),
        (["env", "HF_TOKEN=abc", "python"], ["env", f"HF_TOKEN={MASK}", "python"]),
        (["sh", "-c", "WANDB_API_KEY=a b"], ["sh", "-c", f"WANDB_API_KEY={MASK}"]),
        (["sh", "-c", "cd x; HF_TOKEN=abc t.py"], ["sh", "-c", f"cd x; HF_TOKEN={MASK} t.py"]),
        (["t.py", "--url", "https://u:p4ss@host/x"], ["t.py", "--url", f"https://u:{MASK}@host/x"]),
        (["t.py", "--max-tokens", "5", "--pad-token", "x", "--sort-key", "a", "--num_tokens=3"],) * 2,
        (["t.py", "--no-password", "--lr", "1"],) * 2,
    ],
)
def test_a_secret_on_the_command_line_is_masked(argv: list[str], masked: list[str]) -> None:
    assert masked_argv(argv) == masked


@pytest.mark.parametrize(
    "name", ["token", "--token", "auth.token", "githubToken", "client_secret", "aws-access-key", "--pwd"]
)
def test_names_of_secrets(name: str) -> None:
    assert secret_argument(name)


def test_nothing_of_a_secret_is_anywhere_in_what_is_gathered(tmp_path: Path) -> None:
    words = ["python", "t.py", "--api-key", "s3cr3t-1", "token=s3cr3t-2", "--db.password=s3cr3t-3", "--seed", "3"]
    environ = {
        **os.environ,
        "HF_TOKEN": "s3cr3t-4",
        "NCCL_KEY": "s3cr3t-5",
        "SLURM_JOB_ID": "1",
        "SLURM_JWT": "s3cr3t-6",
    }
    assert "s3cr3t" not in json.dumps(capture.everything(words, str(tmp_path), environ, tmp_path))
    assert not any(b"s3cr3t" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
