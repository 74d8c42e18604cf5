"""The policy files beside the runs, as the engine takes them."""

from __future__ import annotations

import os
from pathlib import Path

from runspect.columns import Names
from runspect.engine.policies import Policies, misnamed, unmet


def test_the_nearest_file_counts_for_each_directory(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    policies = Policies()
    nothing = policies.sight([str(deep)])
    assert (dict(nothing.lens.directions), nothing.lens.objective, nothing.faults) == ({}, "", ())
    (tmp_path / "runspect.toml").write_text('objective = "val/loss:min"\nignore = ["tmp.*"]\n[directions]\nmy = "up"\n')
    (tmp_path / "a" / "runspect.toml").write_text('objective = "acc:max"\n[directions]\nmy = "down"\n')
    here, both = policies.sight([str(deep)]), policies.sight([str(tmp_path), str(deep)])
    assert (dict(here.lens.directions), here.lens.objective, here.ignore) == (
        {"acc": "up", "my": "down"},
        "acc:max",
        (),
    )
    assert both.lens.objective == "val/loss:min"
    assert dict(both.lens.directions) == {"acc": "up", "val/loss": "down", "my": "up"}
    assert both.ignore == ("tmp.*",)
    assert not both.lens.counts("seed") and not both.lens.counts("tmp.x") and both.lens.counts("lr")


def test_a_change_is_seen_and_a_fault_is_told(tmp_path: Path) -> None:
    file, policies = tmp_path / "runspect.toml", Policies()
    file.write_text('objective = "acc:max"\n')
    first = policies.sight([str(tmp_path)])
    assert policies.sight([str(tmp_path)]).stamp == first.stamp
    file.write_text("objektive = 1\n")
    os.utime(file, (1, 1))
    broken = policies.sight([str(tmp_path)])
    assert broken.lens.objective == ""
    assert broken.stamp != first.stamp
    assert [path for path, _ in broken.faults] == [str(file)]
    assert "objektive" in broken.faults[0][1]
    file.unlink()
    assert policies.sight([str(tmp_path)]).faults == ()


def test_an_objective_that_no_run_has_is_told(tmp_path: Path) -> None:
    (tmp_path / "runspect.toml").write_text('objective = "val/lss:min"\n')
    sight = Policies().sight([str(tmp_path)])
    assert sight.judged_in == str(tmp_path / "runspect.toml")
    assert unmet(sight, ["val/lss", "x"]) == "" == unmet(sight, [])
    assert unmet(sight, ["val/loss"]) == "no run has the objective val/lss; did you mean val/loss?"


def test_a_guard_or_criterion_on_a_misspelled_metric_is_told(tmp_path: Path) -> None:
    (tmp_path / "runspect.toml").write_text(
        '[guards]\n"tst/acc" = "up"\nlatency_ms = "down"\n[check]\nmetrics = {"val/los" = "down"}\n'
        "[gates.candidate]\nmetrics = ['val/loss:min < 1', 'val/los:min < 1']\nseeds = 2\n"
    )
    sight = Policies().sight([str(tmp_path)])
    names = Names(metrics=("val/loss", "test/acc"))
    assert [what for _, what in misnamed(sight, names)] == [
        "guards: no run has tst/acc; did you mean test/acc?",
        "check.metrics: no run has val/los; did you mean val/loss?",
        "gates.candidate: no run has val/los; did you mean val/loss?",
    ]
    assert misnamed(sight, Names()) == []


def test_a_change_of_the_criteria_beside_a_policy_is_seen(tmp_path: Path) -> None:
    policies, criteria = Policies(), tmp_path / "criteria.toml"
    (tmp_path / "runspect.toml").write_text('[gates.candidate]\nfile = "criteria.toml"\n')
    missing = policies.sight([str(tmp_path)])
    assert missing.policies[0].gates == () and "there is no" in missing.faults[0][1]
    criteria.write_text("seeds = 2\n")
    first = policies.sight([str(tmp_path)])
    assert first.faults == () and len(first.policies[0].gates[0].criteria) == 1
    assert policies.sight([str(tmp_path)]).stamp == first.stamp
    criteria.write_text("seeds = 2\nstate = 'finished'\n")
    assert len(policies.sight([str(tmp_path)]).policies[0].gates[0].criteria) == 2


def test_an_alert_that_is_no_query_is_told(tmp_path: Path) -> None:
    (tmp_path / "runspect.toml").write_text('[alerts]\nslow = "took > 1h"\nodd = "loss <"\n')
    (_, said), *_ = Policies().sight([str(tmp_path)]).faults
    assert "runspect.toml: line 3: 'alerts.odd'" in said and "'loss <'" in said
    (tmp_path / "runspect.toml").write_text('[alerts]\nslow = "took > 1h"\n')
    assert Policies().sight([str(tmp_path)]).lens.alerts == {"slow": "took > 1h"}
