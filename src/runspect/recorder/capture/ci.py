"""The pipeline that a run is part of: GitHub Actions, GitLab CI, Jenkins, and what other services say alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runspect.masking import mask_text

_PULL = re.compile(r"refs/pull/(\d+)/")


def ci(environ: Mapping[str, str]) -> dict[str, str]:
    """`kind`, `job_url`, `branch`, `pull_request`, `pipeline` and `commit` as far as they are told; {} outside CI."""
    for telling, read in (("GITHUB_ACTIONS", _github), ("GITLAB_CI", _gitlab), ("JENKINS_URL", _jenkins)):
        if environ.get(telling):
            found = read(environ)
            return {key: mask_text(value) for key, value in found.items() if value}
    return {"kind": "other"} if environ.get("CI", "").lower() in ("true", "1") else {}


def _github(environ: Mapping[str, str]) -> dict[str, str]:
    said = _Said(environ)
    server, repository, run = said("GITHUB_SERVER_URL"), said("GITHUB_REPOSITORY"), said("GITHUB_RUN_ID")
    attempt = said("GITHUB_RUN_ATTEMPT")
    url = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
    pull = _PULL.match(said("GITHUB_REF"))
    return {
        "kind": "github", "job_url": f"{url}/attempts/{attempt}" if url and attempt not in ("", "1") else url,
        "branch": said("GITHUB_HEAD_REF", "GITHUB_REF_NAME"), "pull_request": pull[1] if pull else "", "pipeline": run,
        "job": said("GITHUB_JOB"), "workflow": said("GITHUB_WORKFLOW"), "event": said("GITHUB_EVENT_NAME"),
        "commit": said("GITHUB_SHA"), "repository": repository,
    }  # fmt: skip


def _gitlab(environ: Mapping[str, str]) -> dict[str, str]:
    said = _Said(environ)
    return {
        "kind": "gitlab", "job_url": said("CI_JOB_URL"),
        "branch": said("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME"),
        "pull_request": said("CI_MERGE_REQUEST_IID"), "pipeline": said("CI_PIPELINE_ID"),
        "pipeline_url": said("CI_PIPELINE_URL"), "job": said("CI_JOB_NAME"), "event": said("CI_PIPELINE_SOURCE"),
        "commit": said("CI_COMMIT_SHA"), "repository": said("CI_PROJECT_PATH"),
    }  # fmt: skip


def _jenkins(environ: Mapping[str, str]) -> dict[str, str]:
    said = _Said(environ)
    return {
        "kind": "jenkins", "job_url": said("BUILD_URL"), "branch": said("CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"),
        "pull_request": said("CHANGE_ID"), "pipeline": said("BUILD_TAG", "BUILD_ID", "BUILD_NUMBER"),
        "job": said("JOB_NAME"), "commit": said("GIT_COMMIT"),
    }  # fmt: skip


class _Said:
    """The first of some variables that is not empty."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, *names: str) -> str:
        return next((self._environ[name] for name in names if self._environ.get(name)), "")
