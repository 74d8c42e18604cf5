"""The job that a run is part of: Slurm, Kubernetes, PBS, LSF."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")

_SLURM = {
    "job": "SLURM_JOB_ID", "array_job": "SLURM_ARRAY_JOB_ID", "array_task": "SLURM_ARRAY_TASK_ID", "name": "SLURM_JOB_NAME",
    "partition": "SLURM_JOB_PARTITION", "cluster": "SLURM_CLUSTER_NAME", "account": "SLURM_JOB_ACCOUNT",
    "qos": "SLURM_JOB_QOS", "nodes": "SLURM_JOB_NODELIST", "node_count": "SLURM_JOB_NUM_NODES", "tasks": "SLURM_NTASKS",
    "task": "SLURM_PROCID", "step": "SLURM_STEP_ID", "gpus": "SLURM_JOB_GPUS", "restarts": "SLURM_RESTART_COUNT",
    "submitted_from": "SLURM_SUBMIT_DIR",
}  # fmt: skip
_KUBERNETES = {
    "pod": "POD_NAME", "node": "NODE_NAME", "job": "JOB_NAME", "index": "JOB_COMPLETION_INDEX", "namespace": "POD_NAMESPACE",
}  # fmt: skip
_PBS = {"job": "PBS_JOBID", "name": "PBS_JOBNAME", "queue": "PBS_QUEUE", "array_task": "PBS_ARRAY_INDEX"}
_LSF = {"job": "LSB_JOBID", "name": "LSB_JOBNAME", "queue": "LSB_QUEUE", "array_task": "LSB_JOBINDEX"}


def scheduler(environ: Mapping[str, str], namespace: Path = NAMESPACE) -> dict[str, str]:
    """What the scheduler says of itself in the environment: `kind`, `job` and others; {} without one."""
    for kind, telling, names in (
        ("slurm", "SLURM_JOB_ID", _SLURM),
        ("pbs", "PBS_JOBID", _PBS),
        ("lsf", "LSB_JOBID", _LSF),
    ):
        if environ.get(telling):
            return {"kind": kind, **_named(environ, names)}
    if environ.get("KUBERNETES_SERVICE_HOST"):
        found = {"kind": "kubernetes", "pod": os.uname().nodename, **_named(environ, _KUBERNETES)}
        try:
            found.setdefault("namespace", namespace.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            return found
        return found
    return {}


def _named(environ: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {key: environ[name] for key, name in names.items() if environ.get(name)}
