"""What a team compares and judges its runs by: the policy file `runspect.toml`, and what each of its tables means."""

from __future__ import annotations

from runspect.policy.file import FILE, Dataset, Policies, Policy, find_policy, load_policy, parse_policy

__all__ = ["FILE", "Dataset", "Policies", "Policy", "find_policy", "load_policy", "parse_policy"]
