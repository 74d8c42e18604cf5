"""The policy file: what it says, and how its faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.columns.provenance import WEIGHTS
from runspect.errors import UsageError
from runspect.policy import file, find_policy, load_policy, parse_policy

NOTHING = "\n".join(f"{part} = 0" for part in WEIGHTS)


def test_the_example_in_the_documentation() -> None:
    assert file.__doc__
    found = parse_policy(file.__doc__.partition("\n\n")[2])
    assert found.objective == "val/loss:min"
    assert found.directions == {"val/loss": "down", "test/acc": "up", "my/score": "up"}
    assert found.ignore == ("seed", "output_dir", "wandb.*")
    assert found.dataset_keys == ("data.name", "dataset")
    assert [(known.name, known.objective) for known in found.datasets] == [("cifar10", "test/acc:max")]
    assert [(each.name, each.globs) for each in found.datasets[0].versions] == [
        ("v1", ("v3", "sha256:9f2c17*", "f4a0*"))
    ]
    assert found.allows_tag("paper-2")
    assert not found.allows_tag("papr")
    assert (found.provenance["environment"], found.provenance["hardware"], found.provenance["commit"]) == (30, 0, 25)


def test_an_objective_without_an_aggregate_is_its_best() -> None:
    assert parse_policy("objective = 'val/acc'").objective == "val/acc:best"
    assert parse_policy("objective = 'test/acc@min(val/loss)'").objective == "test/acc@min(val/loss)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("objektive = 'x'", "line 1: unknown key 'objektive'; did you mean 'objective'"),
        ("objective = 3", "line 1: 'objective' must be a word"),
        ("objective = 'age'", "line 1: 'objective' must name a metric"),
        ("objective = 'loss:n'", "only counts"),
        ("objective = 'loss:n.step'", "has no step"),
        (
            "[directions]\n'a/b' = 'upp'",
            "line 2: 'directions.a/b' must be 'down' or 'up', not 'upp'; did you mean 'up'",
        ),
        ("[datasets.x]\nmatsh = 'y'", "line 2: unknown key 'datasets.x.matsh'; did you mean 'match'"),
        ("[datasets.x.versions]\nv1 = 3", "line 2: 'datasets.x.versions.v1' must be a list of words"),
        ("[datasets.x]\nversions = 'v1'", "line 2: 'datasets.x.versions' must be a table"),
        ("[dataset]\n", "line 1: 'dataset' needs 'keys'"),
        ("[provenance]\nseeds = 3", "line 2: unknown key 'provenance.seeds'; did you mean 'seed'"),
        ("[provenance]\nseed = 0.5", "line 2: 'provenance.seed' must be a whole number from 0 to 1,000"),
        (f"[provenance]\n{NOTHING}", "line 1: 'provenance': nothing would count"),
        ("tags = ['a']", "line 1: 'tags' must be a table"),
    ],
)
def test_faults_are_named_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / file.FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"runspect\.toml") as caught:
        load_policy(path)
    assert said in str(caught.value)


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / file.FILE).touch()
    assert find_policy(inner) == tmp_path / file.FILE
    (inner / file.FILE).touch()
    assert find_policy(inner) == inner / file.FILE
    assert find_policy(tmp_path / "a") == tmp_path / file.FILE
