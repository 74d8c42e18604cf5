"""Event directories: which are one run."""

from __future__ import annotations

from runspect.resolve import resolve
from tests.resolve.claims import claim, config, events, only, prefixes, roots


def test_several_event_files_in_one_directory_are_one_run() -> None:
    assert roots([events("runs/a", start=1), events("runs/a", start=2)]) == [("runs/a", "")]


def test_nested_event_directories_are_different_runs() -> None:
    assert roots([events("runs"), events("runs/b"), events("runs/b/c")]) == [
        ("runs", ""),
        ("runs/b", ""),
        ("runs/b/c", ""),
    ]


def test_torch_children_fold_with_their_directory_as_prefix() -> None:
    run = only(
        [
            events("r", tags="loss\nval/acc"),
            events("r/cmp_train", tags="cmp"),
            events("r/a_b_x", tags="a/b"),
            events("r/1795440096.84", tags="hparam/acc", hparams="session"),
        ]
    )
    assert (run.root, prefixes(run)) == (
        "r",
        {"r": "", "r/cmp_train": "cmp_train", "r/a_b_x": "a_b_x", "r/1795440096.84": ""},
    )


def test_a_child_of_another_process_is_not_made_by_add_scalars() -> None:
    assert len(roots([events("r", writer="vm:1"), events("r/loss_a", tags="loss", writer="vm:2")])) == 2


def test_tensorboardx_children_fold_by_tag_and_key() -> None:
    run = only(
        [
            events("r", tags="", writer=""),
            events("r/m/loss", tags="m", writer=""),
            events("r/m/acc", tags="m", writer=""),
        ]
    )
    assert prefixes(run) == {"r": "", "r/m/loss": "m/loss", "r/m/acc": "m/acc"}


def test_sessions_of_a_search_stay_runs_below_its_description() -> None:
    result = resolve(
        [
            events("hp", tags="", hparams="experiment"),
            events("hp/run-0", tags="", hparams="session"),
            events("hp/run-0/train"),
            events("hp/run-0/validation"),
            events("hp/run-1", tags="", hparams="session"),
        ]
    )
    assert [run.root for run in result.runs] == ["hp/run-0", "hp/run-1"]
    assert prefixes(result.runs[0]) == {"hp/run-0": "", "hp/run-0/train": "train", "hp/run-0/validation": "validation"}
    assert [claim.root for claim in result.loose] == ["hp"]


def test_runs_that_describe_their_own_hparams_do_not_fold_into_a_stray_file_above() -> None:
    children = [events(f"logs/{name}", hparams="session", writer=f"vm:{name}") for name in ("1", "2")]
    assert len(roots([events("logs", writer="vm:9"), *children])) == 3


def test_an_empty_file_above_hparams_sessions_is_no_run() -> None:
    sessions = [events(f"r/17954400{each}.5", tags="hparam/acc", hparams="session") for each in (96, 97)]
    assert roots([events("r", tags=""), *sessions]) == [("r/1795440096.5", ""), ("r/1795440097.5", "")]


def test_splits_are_one_run_at_their_parent() -> None:
    run = only([events("x/train"), events("x/validation")])
    assert (run.root, prefixes(run)) == ("x", {"x/train": "train", "x/validation": "validation"})


def test_splits_may_be_written_large() -> None:
    run = only([events("runs/a/Train"), events("runs/a/Test")])
    assert (run.root, prefixes(run)) == ("runs/a", {"runs/a/Train": "Train", "runs/a/Test": "Test"})


def test_one_split_beside_its_parents_events_folds() -> None:
    assert prefixes(only([events("x"), events("x/eval")])) == {"x": "", "x/eval": "eval"}


def test_a_lone_split_stays_its_own_run() -> None:
    assert roots([events("x/train")]) == [("x/train", "")]


def test_accelerate_keeps_hparams_in_time_stamped_children() -> None:
    run = only(
        [
            events("logs/proj"),
            events("logs/proj/1795440419.82", tags="", hparams="session"),
            config("logs/proj/1795440419.83/hparams.yml"),
        ]
    )
    assert (run.root, len(run.parts)) == ("logs/proj", 3)


def test_a_lightning_version_is_one_run_of_several_tools() -> None:
    run = only([events("v"), claim("v/metrics.csv", reader="lightning"), config("v/hparams.yaml")])
    assert run.tools == ("lightning", "tfevents")


def test_the_only_session_of_a_writer_without_curves_is_its_run() -> None:
    session = events("hp/1795637368.8750968", tags="hparam/acc", hparams="session")
    assert roots([events("hp", tags="", scalars="no"), session]) == [("hp", "")]
