"""What queries mean: asked of a small history in a real DuckDB."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from runspect.columns import Lens
from runspect.query import compile_query
from tests.query.history import History, Run

RUNS = (
    Run("resnet50-a", {"lr": 0.001, "opt": "adamw", "layers": [3, 4], "seed": 1, "size": "50M", "amp": True},
        {"val/loss": [1.0, 0.5, 0.2, 0.4], "train/loss": [1.0, 0.1, 0.1, 0.1], "test/acc": [0.1, 0.2, 0.9, 0.95]},
        {"dataset": "cifar10", "git_commit": "abc123"}, ["ablation", "Baseline"], "good start", True, began=24,
        steps=12_000),
    Run("resnet101-b", {"lr": "1e-3", "opt": "AdamW", "seed": 2, "sched": None}, {"val/loss": [0.8, math.nan, 0.3]},
        {"dataset": "cifar100"}, ["ablation", "broken"], began=60, lasted=2.5, state="failed",
        tools="wandb,tensorboard"),
    Run("vit-c", {"lr": 0.01, "opt": "lion", "seed": 11, "my key": "x y"}, {"val/loss": [3.0, math.inf],
    "epoch": [1.0, 2.0]},
        note="diverged * why?", project="vision", began=0.5, lasted=0.4, state="running", steps=900),
    Run("plain", state="unknown", began=None, lasted=None, steps=None, path="old/resnet-copy"),
    Run("shelved", {"lr": 5, "lr2": 1}, {"bytes/f32": [0.10000000149011612]}, archived=True, began=24 * 400,
    state="gone"),
)  # fmt: skip


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    found = History(RUNS)
    yield found
    found.close()


A, B, C, PLAIN, OLD = "resnet50-a", "resnet101-b", "vit-c", "plain", "shelved"
ALL = {A, B, C, PLAIN, OLD}

CASES: list[tuple[str, set[str]]] = [
    ("", ALL),
    # words
    ("resnet", {A, B, PLAIN}),
    ("RESNET baseline", {A}),
    ("diverged", {C}),
    ("res*50", {A}),
    ("/net(50|101)/", {A, B}),
    ('"why?"', {C}),
    ("name:resnet", {A, B}),
    ("name = resnet50-a", {A}),
    ("name = RESNET50-A", {A}),
    ("name:resnet*", {A, B}),
    ("name:*50*", {A}),
    ("name = vit-?", {C}),
    ("name ~ ^v", {C}),
    ("name != vit-c", ALL - {C}),
    ("path:old", {PLAIN}),
    ("path:/data/exp/old/*", {PLAIN}),
    ("project:vision", {C}),
    ("project != vision", set()),
    ("host = box1 owner:ann", ALL),
    # logic
    ("resnet | vit", {A, B, PLAIN, C}),
    ("resnet -tag:broken", {A, PLAIN}),
    ("not (tag:ablation or name:vit)", {PLAIN, OLD}),
    ("lr=5 or lr=0.01 and opt=lion", {OLD, C}),
    ("(lr=5 or lr=0.01) opt=lion", {C}),
    # params: numbers are numbers
    ("lr = 1e-3", {A, B}),
    ("lr = 0.0010", {A, B}),
    ("lr:0.001", {A, B}),
    ("lr >= 1e-3 lr < 1", {A, B, C}),
    ("lr != 0.001", {C, OLD}),
    ("not lr = 0.001", {C, OLD, PLAIN}),
    ("-has:lr", {PLAIN}),
    ("lr in [1e-3, 5]", {A, B, OLD}),
    ("cfg.lr > 1", {OLD}),
    ("config.lr > 1", {OLD}),
    ("seed:1", {A}),
    ("size = 50M", {A}),
    ("amp = true", {A}),
    ("amp:yes", set()),
    ("sched = none", {B}),
    ("layers:4", {A}),
    ('"my key" = "x y"', {C}),
    # params: words
    ("opt = adamw", {A, B}),
    ("opt in [adamw, lion]", {A, B, C}),
    ("opt:ad", {A, B}),
    ("opt = ad", set()),
    ("opt:/^l/", {C}),
    ("opt != lion", {A, B}),
    ("opt < b", {A, B}),
    ('seed = "1"', {A}),
    # metrics
    ("val/loss:min < 0.25", {A}),
    ("val/loss < 0.35", {B}),
    ("val/loss:last < 0.35", {B}),
    ("val/loss:max > 2", {C}),
    ("val/loss:first >= 1", {A, C}),
    ("val/loss:best <= 0.2", {A}),
    ("test/acc:best >= 0.95", {A}),
    ("val/loss:min.step = 2", {A, B}),
    ("val/loss:best.step > 1", {A, B}),
    ("val/loss:n = 3", {B}),
    ("val/loss:nan > 0", {B, C}),
    ("val/loss:nan.step = 1", {B, C}),
    ("val/loss = inf", {C}),
    ("val/loss > 1", {C}),
    ("has:val/loss", {A, B, C}),
    ("val/loss:min", {A, B, C}),
    ("has:nan", {B, C}),
    ("bytes/f32 = 0.1", {OLD}),
    ("test/acc@min(val/loss) = 0.9", {A}),
    ("test/acc@min(val/loss) > 0.9", set()),
    ("val/loss:min > train/loss:min", {A}),
    ("val/loss:first = train/loss:first", {A}),
    ("val/loss:mean < 0.5", set()),
    ("epoch:last > 1", {C}),
    ("took > seed", {A, B, C}),
    # arithmetic: an operator stands between blanks
    ("train/loss:min < val/loss:min * 0.6", {A}),
    ("train/loss:min < val/loss:min * 0.4", set()),
    ("val/loss:min - train/loss:min > 0.05", {A}),
    ("val/loss:first / val/loss:min > 3", {A}),
    ("(val/loss:first - val/loss:min) / val/loss:first >= 80%", {A}),
    ("took / steps > 1s", {B, C, OLD}),
    ("took / steps >= 90s", {B}),
    ("took > 2 * 1h", {B}),
    ("ended - started = 1h", {A, OLD}),
    ("seed * 2 = 4", {B}),
    ("lr / 0 > 1", set()),
    ("val/loss:last - 1 > 1", {C}),
    ("age - took < 7h", {C}),
    # facts
    ("dataset = cifar10", {A}),
    ("dataset:cifar", {A, B}),
    ("fact.dataset:cifar1*", {A, B}),
    ("git_commit:abc", {A}),
    ("has:dataset", {A, B}),
    ("git_branch:main", set()),
    # tags, notes, flags, tools
    ("tag:ablation", {A, B}),
    ("tag:abl", set()),
    ("tag:abl*", {A, B}),
    ("tag:baseline", {A}),
    ("tag != broken", ALL - {B}),
    ("tag in [broken, baseline]", {A, B}),
    ("has:tag", {A, B}),
    ("has:note", {A, C}),
    ("note:start", {A}),
    ("star:yes", {A}),
    ("star = no", ALL - {A}),
    ("has:star", {A}),
    ("archived:yes", {OLD}),
    ("-archived:yes", ALL - {OLD}),
    ("tool:wandb", {B}),
    ("tools = tensorboard", ALL),
    ("has:config", {A, B, C, OLD}),
    ("-has:metrics", {PLAIN}),
    ("has:started", ALL - {PLAIN}),
    # state
    ("state:failed", {B}),
    ("state:f", {A, B}),
    ("state = finished", {A}),
    ("state:live", {C}),
    ("state in [gone, unknown]", {PLAIN, OLD}),
    ("state != finished", ALL - {A}),
    # numbers
    ("steps >= 12k", {A}),
    ("steps < 1e3", {B, C, OLD}),
    ("problems = 0", ALL),
    # times: now is Friday 2026-11-20 12:00
    ("started > 2d", {A, C}),
    ("started < 2d", {B, OLD}),
    ("age < 2d", {A, C}),
    ("age > 2d", {B, OLD}),
    ("age:2d", {B}),
    ("age = 1d", {A}),
    ("age > 1y", {OLD}),
    ("started:yesterday", {A}),
    ("started = today", {C}),
    ("started >= yesterday", {A, C}),
    ("started:this-week", {A, B, C}),
    ("started >= this week", {A, B, C}),
    ("started < last week", {OLD}),
    ("started = 'last month'", set()),
    ("started:last-year", {OLD}),
    ("started:this-year vit", {C}),
    # as people of another tool write it
    ("cfg.lr>=1e-3 tag:ablation -note:start | project:vision", {B, C}),
    ("started > yesterday", {C}),
    ("started = 2026-11-18", {B}),
    ("started:2026-11", {A, B, C}),
    ("started < 2026", {OLD}),
    ("started:2025", {OLD}),
    ("started >= wednesday", {A, B, C}),
    ("started > 2026-11-19T12", {C}),
    ("started <= 2026-11-19T12:00", {A, B, OLD}),
    ("ended < now", {A, B, OLD}),
    ("took > 1h30m", {B}),
    ("took = 2h", {B}),
    ("took <= 3600", {A, C, OLD}),
    ("started != yesterday", {B, C, OLD}),
]


@pytest.mark.parametrize(("query", "wanted"), CASES, ids=[query or "(empty)" for query, _ in CASES])
def test_which_runs_match(history: History, query: str, wanted: set[str]) -> None:
    assert history.ask(query) == wanted


def test_not_and_the_thing_itself_part_all_runs(history: History) -> None:
    for query, wanted in CASES:
        assert history.ask(f"not ({query or 'name:*'})") == ALL - wanted, query


def test_directions_of_the_policy_win_over_the_guess(history: History) -> None:
    assert history.ask("val/loss:best > 2", directions={"val/loss": "up"}) == {C}


def test_now_is_the_present_when_it_is_not_given() -> None:
    first, second = (compile_query("age < 1d", History([]).names).params[0] for _ in range(2))
    assert first <= second  # type: ignore[operator]  # both are datetimes


def test_me_is_who_asks() -> None:
    history = History([Run("mine"), Run("theirs")])
    history.connection.execute("UPDATE runs SET owner = 'james' WHERE name = 'theirs'")
    mine = Lens(me="ann")
    for query in ("owner:me", "owner = me", "owner in [me]", "-owner:jam", "owner != james"):
        assert history.ask(query, lens=mine) == {"mine"}, query
    assert history.ask("-owner:me", lens=mine) == history.ask('owner:"me"', lens=mine) == {"theirs"}
    history.close()
