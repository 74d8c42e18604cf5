"""The environment variables that a record keeps: those that change what a training does, never a secret."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.recorder.capture.secrets import denied, masked_value

ALLOWED_PREFIXES = (
    "CUDA_", "CUDNN_", "CUBLAS_", "NVIDIA_", "NCCL_", "GLOO_", "UCX_", "HIP_", "ROCR_", "HSA_", "MIOPEN_", "OMP_", "KMP_",
    "MKL_", "OPENBLAS_", "NUMEXPR_", "VECLIB_", "BLIS_", "TBB_", "OMPI_COMM_WORLD_", "PMI_", "TORCH_", "PYTORCH_",
    "TORCHINDUCTOR_", "TORCHELASTIC_", "ACCELERATE_", "DEEPSPEED_", "FSDP_", "XLA_", "JAX_", "TF_", "TPU_", "KERAS_",
    "TRITON_", "FLASH_ATTENTION_", "BITSANDBYTES_", "RAY_", "DATA_", "SLURM_", "PBS_", "LSB_", "SM_", "HYDRA_",
)  # fmt: skip
"""Variables whose names begin so are kept, unless they are denied."""
ALLOWED_NAMES = (
    "WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT",
    "PYTHONPATH", "PYTHONHASHSEED", "PYTHONUNBUFFERED", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONNOUSERSITE",
    "VIRTUAL_ENV", "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT", "LD_LIBRARY_PATH", "LD_PRELOAD",
    "HF_HOME", "HF_DATASETS_CACHE", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_ENDPOINT", "TRANSFORMERS_CACHE",
    "TRANSFORMERS_OFFLINE", "TOKENIZERS_PARALLELISM", "WANDB_PROJECT", "WANDB_ENTITY", "WANDB_MODE", "WANDB_NAME",
    "WANDB_RUN_GROUP", "WANDB_RUN_ID", "WANDB_SWEEP_ID", "WANDB_TAGS", "WANDB_DIR", "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_TRACKING_URI", "COMET_PROJECT_NAME", "COMET_WORKSPACE", "NEPTUNE_PROJECT", "SEED", "LANG", "LC_ALL", "TZ",
    "RUNSPECT_RUNS",
)  # fmt: skip
DENIED_PREFIXES = ("TF_VAR_", "TF_CLI_", "SLURM_CONF", "SLURM_SRUN_COMM", "SLURM_LAUNCH_NODE", "SLURM_STEPMGR")
"""Terraform's variables, which look like TensorFlow's, and the way into the cluster."""
LONGEST = 4096
"""Characters that are kept of a value."""
MOST = 500


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables to be kept, by name; a secret inside a value is masked."""
    kept = [name for name in sorted(environ) if kept_variable(name)]
    return {name: masked_value(name, environ[name])[:LONGEST] for name in kept[:MOST]}


def kept_variable(name: str) -> bool:
    """Whether a variable is allowed by name or prefix and not denied."""
    allowed = name in ALLOWED_NAMES or name.startswith(ALLOWED_PREFIXES)
    return allowed and not name.startswith(DENIED_PREFIXES) and not denied(name)
