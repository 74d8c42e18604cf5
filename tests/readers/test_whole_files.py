"""Configs, histories, trainer states, Hydra's files and consoles: what is read and what is refused."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from runspect.errors import ReaderFault
from runspect.readers import claim_file, console, inert_pickle, reader_named, yaml_plain
from runspect.readers.configs import parse_text
from runspect.readers.flatten import flatten, plain
from runspect.readers.interpolate import resolved
from runspect.readers.literals import assignments
from runspect.readers.numbers import number
from tests.conftest import FIXTURES
from tests.readers.entries import Found, entry_of, found_in


def _read(tmp_path: Path, name: str, content: str | bytes) -> Found:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None, name
    return found_in(reader_named(claim.reader), path)


class TestYaml:
    def test_exponents_are_numbers_and_quoted_text_stays(self) -> None:
        assert yaml_plain.load("a: 1e-3\nb: 1e3\nc: '1e3'\nd: -2E+4\ne: 1.5e2\n") == {
            "a": 0.001, "b": 1000.0, "c": "1e3", "d": -20000.0, "e": 150.0,
        }  # fmt: skip

    def test_python_tags_are_plain_data_and_nothing_is_executed(self, tmp_path: Path) -> None:
        mark = tmp_path / "executed"
        text = (
            f"x: !!python/object/apply:os.system ['touch {mark}']\n"
            "t: !!python/tuple [1, 2]\nn: !!python/name:torch.nn.ReLU ''\n"
            "p: !!python/object/apply:pathlib.PosixPath [/, data, x]\n"
            "e: !!python/object/apply:my.Enum [adam]\no: !!python/object:argparse.Namespace {lr: 0.1}\n"
            "d: !!python/object/new:Attr {dictitems: {a: 1}, state: {b: 2}}\nu: !unknown {k: v}\n"
        )
        found = yaml_plain.load(text)
        assert not mark.exists()
        assert (found["t"], found["n"], found["p"], found["e"]) == ([1, 2], "torch.nn.ReLU", "/data/x", "adam")
        assert (found["o"], found["d"], found["u"]) == ({"lr": 0.1}, {"a": 1}, {"k": "v"})

    @pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "[" * 5000, "[" * 200_000])
    def test_what_is_no_yaml_is_a_fault(self, text: str) -> None:
        with pytest.raises(ReaderFault):
            yaml_plain.load(text)

    def test_what_refers_to_itself_is_cut_there(self) -> None:
        text = "lr: 0.1\nme: &me !!python/object:torch.nn.Module {bias: true, parent: *me}\nlist: &l [1, *l]\n"
        assert yaml_plain.load(text) == {"lr": 0.1, "me": {"bias": True, "parent": "…"}, "list": [1, "…"]}

    def test_odd_keys_values_and_characters_leave_the_rest_alone(self) -> None:
        text = "when: 2024-02-31\nbig: " + "9" * 5000 + "\n? [1, 2]\n: pair\nbell: a\x07b\n"
        found = yaml_plain.load(text)
        assert isinstance(found, dict) and found["big"] == "9" * 5000
        assert (found["when"], found["[1, 2]"], found["bell"]) == ("2024-02-31", "pair", "a\N{REPLACEMENT CHARACTER}b")

    def test_octal_and_base_60_stay_as_written(self) -> None:
        text = "seed: 017\nwhen: 12:30:00\nratio: 16:9\nport: 0x1f\nzero: 0\nlr: 0.5\nquoted: '017'\nminus: -1_000\n"
        assert yaml_plain.load(text) == {
            "seed": "017", "when": "12:30:00", "ratio": "16:9", "port": 31, "zero": 0, "lr": 0.5, "quoted": "017",
            "minus": -1000,
        }  # fmt: skip

    def test_merged_mappings(self) -> None:
        text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\n"
        found = yaml_plain.load(text)
        assert isinstance(found, dict) and found["c"] == {"x": 0, "y": 1, "z": 2}

    def test_references_that_multiply_are_refused(self) -> None:
        text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
        with pytest.raises(ReaderFault, match="beyond all measure"):
            yaml_plain.load(text)


class TestConfigs:
    def test_formats(self, tmp_path: Path) -> None:
        assert _read(tmp_path, "config.toml", "[model]\nlr = 1e-3\nsizes = [1, 2]\n").params == {
            "model.lr": 0.001, "model.sizes": [1, 2],
        }  # fmt: skip
        assert _read(tmp_path, "args.txt", "Namespace(lr=0.1, name='a b', sub=Namespace(x=None))").params == {
            "lr": 0.1, "name": "a b", "sub.x": None,
        }  # fmt: skip
        assert _read(tmp_path, "opt.yaml", "lr: 1e-4\n").params == {"lr": 0.0001}
        assert _read(tmp_path, "flags.json", '{"a": {"b": NaN, "c": []}}').params["a.c"] == []
        assert _read(tmp_path, "config.py", "lr = 0.1\nmodel = dict(type='A', n=-2)\nb = [lr, (1, 2)]\n").params == {
            "lr": 0.1, "model.type": "A", "model.n": -2, "b": [0.1, [1, 2]],
        }  # fmt: skip

    def test_python_with_an_import_and_arithmetic(self, tmp_path: Path) -> None:
        source = (
            "import os\nlr = 3e-4\nbs = 2 * 16\nsteps = bs * 10 ** 3\nhuge = 9 ** 9 ** 9\nnone = 1 / 0\nw = 'a' * 9\n"
        )
        assert _read(tmp_path, "config.py", source).params == {"lr": 0.0003, "bs": 32, "steps": 32000}
        assert claim_file(entry_of(tmp_path, tmp_path / "config.py")) is not None
        (tmp_path / "config.py").write_text("import os\ndef main():\n    lr = 3\n")
        assert claim_file(entry_of(tmp_path, tmp_path / "config.py")) is None

    def test_text_dumps(self) -> None:
        assert parse_text("--lr=0.1\n--name=x y\n--on True\n") == {"lr": 0.1, "name": "x y", "on": True}
        assert parse_text("lr: 1e-3\nmodel = 'big'\n") == {"lr": 0.001, "model": "big"}
        assert parse_text("day: 2024-11-25\nfold: 1/3\n") == {"day": "2024-11-25", "fold": "1/3"}
        assert parse_text("{'lr': 0.1}") == {"lr": 0.1}
        with pytest.raises(ReaderFault):
            parse_text("This is a long text about, well, nothing (in particular)!\n")

    def test_python_is_never_executed(self, tmp_path: Path) -> None:
        mark = tmp_path / "executed"
        source = f"x = __import__('os').system('touch {mark}')\ny = 1\nz = y\nw = [i for i in range(3)]\n"
        found = assignments(source)
        assert not mark.exists()
        assert found["y"] == 1 and found["z"] == 1 and "w" not in found and isinstance(found["x"], str)

    def test_damage_is_one_problem(self, tmp_path: Path) -> None:
        for name, content in (
            ("config.json", '{"a": 1'), ("config.yaml", "a: ["), ("config.toml", "a = "),
            ("hparams.yaml", "a: *nobody"), ("args.json", '{"a": 1,\n<<<<<<< HEAD\n'),
        ):  # fmt: skip
            path = tmp_path / name
            path.write_text(content)
            found = found_in(reader_named("config"), path)
            assert len(found.problems) == 1 and not found.params, name

    def test_readable_parts_of_damaged_files_are_read(self, tmp_path: Path) -> None:
        for name, content, what in (
            ("config.json", b'{"a": 1}' + bytes(300), "300 NUL bytes at the end"),
            ("config.yaml", b"a: 1\n" + bytes(300), "300 NUL bytes at the end"),
            ("args.yaml", b"a: 1\nname: caf\xe9\n", "text that is not UTF-8"),
        ):
            found = _read(tmp_path, name, content)
            assert found.params["a"] == 1 and [problem.what for problem in found.problems] == [what], name
        (problem,) = _read(tmp_path, "hparams.yaml", bytes(300)).problems
        assert problem.what == "300 NUL bytes and nothing else"

    def test_an_integer_of_many_digits_costs_nothing_else(self, tmp_path: Path) -> None:
        found = _read(tmp_path, "config.json", '{"big": ' + "9" * 5000 + ', "lr": 0.1}')
        assert found.params["lr"] == 0.1 and not found.problems

    def test_settings_that_are_left_out_are_counted(self, tmp_path: Path) -> None:
        found = _read(tmp_path, "config.yaml", "".join(f"k{at}: {at}\n" for at in range(6000)))
        assert len(found.params) == 5000 and "5,000 settings" in found.problems[0].what

    def test_names_that_are_no_training_configs(self, tmp_path: Path) -> None:
        for name in ("tokenizer_config.json", "generation_config.json", "package.json", "dvc.yaml", "docs.yml"):
            (tmp_path / name).write_text('{"a": 1}')
            assert claim_file(entry_of(tmp_path, tmp_path / name)) is None, name

    def test_model_config_has_its_own_prefix(self, tmp_path: Path) -> None:
        found = _read(tmp_path, "config.json", '{"model_type": "bert", "architectures": ["B"], "hidden_size": 8}')
        assert found.params["model_config.hidden_size"] == 8


class TestHydra:
    def test_references_are_filled_in(self) -> None:
        config = {"a": {"b": 3, "c": "${.b}"}, "n": "${a.b}", "s": "x_${a.b}_${n}", "l": ["${a.b}"], "loop": "${loop}"}
        found = resolved({**config, "env": "${oc.env:HOME}", "lost": "${no.such}"})
        assert found["a"]["c"] == 3 and found["n"] == 3 and found["s"] == "x_3_3" and found["l"] == [3]
        assert (found["loop"], found["env"], found["lost"]) == ("${loop}", "${oc.env:HOME}", "${no.such}")

    def test_a_job(self) -> None:
        root = FIXTURES / "hydra"
        job = root / "multirun/2026-11-23/13-51-12/1"
        facts: dict[str, object] = {}
        for name in ("config.yaml", "overrides.yaml", "hydra.yaml"):
            path = job / ".hydra" / name
            claim = claim_file(entry_of(root, path))
            assert claim is not None and (claim.root, claim.rank) == (job.relative_to(root).as_posix(), "container")
            assert (claim.hint("marker") == "run") == (name == "config.yaml")
            found = found_in(reader_named("hydra"), path)
            facts.update(found.facts)
            if name == "config.yaml":
                assert found.params["name"] == f"{found.params['model.name']}_{found.params['lr']}"
        assert facts["job_type"] == "train" and facts["sweep_number"] == 1 and isinstance(facts["args"], list)
        assert str(facts["writer"]).startswith("hydra 1.")


def test_an_archive_that_says_it_spans_disks_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "training_args.bin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"N.")
    content = path.read_bytes()
    end = content.rindex(b"PK\x05\x06")
    path.write_bytes(content[:end] + b"PK\x06\x07" + struct.pack("<IQI", 1, 0, 2) + content[end:])
    (problem,) = found_in(reader_named("hf-args"), path).problems
    assert problem.what.startswith("a damaged archive: ")


class TestTrainer:
    def test_state(self) -> None:
        root = FIXTURES / "hf_trainer"
        claims = [
            claim_file(entry_of(root, root / f"bert-tiny-interrupted/checkpoint-{step}/trainer_state.json"))
            for step in (20, 40)
        ]
        assert all(claim and claim.root == "bert-tiny-interrupted" for claim in claims)
        assert [claim.hint("step") for claim in claims if claim] == ["20", "40"]
        assert len({claim.hint("history") for claim in claims if claim}) == 1
        found = found_in(reader_named("hf-trainer"), root / "bert-tiny/trainer_state.json")
        assert found.facts["reached_steps"] == 60 and found.facts["max_steps"] == 60
        assert found.steps["eval_loss"] == [20, 40, 60] and "step" not in found.values and "epoch" in found.values

    def test_results_mark_the_end(self) -> None:
        found = found_in(reader_named("hf-results"), FIXTURES / "hf_trainer/bert-tiny/all_results.json")
        assert found.facts["end_state"] == "finished" and not found.values

    def test_arguments(self) -> None:
        params = found_in(reader_named("hf-args"), FIXTURES / "hf_trainer/bert-tiny/training_args.bin").params
        assert params["learning_rate"] == 0.001 and params["max_steps"] == 60 and params["seed"] is not None
        assert params["lr_scheduler_type"] == "linear" and not any("Stub" in str(value) for value in params.values())

    def test_half_a_state_is_a_problem(self, tmp_path: Path) -> None:
        whole = (FIXTURES / "hf_trainer/bert-tiny/trainer_state.json").read_text()
        found = _read(tmp_path, "trainer_state.json", whole[: len(whole) // 2])
        assert [problem.what for problem in found.problems] == ["JSON that ends in the middle"]


class _Hostile:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


class TestPickles:
    def test_a_hostile_pickle_does_nothing(self, tmp_path: Path) -> None:
        mark = tmp_path / "executed"
        data = pickle.dumps({"lr": 0.1, "x": _Hostile(f"touch {mark}")})
        with zipfile.ZipFile(tmp_path / "training_args.bin", "w") as archive:
            archive.writestr("training_args/data.pkl", data)
        found = found_in(reader_named("hf-args"), tmp_path / "training_args.bin")
        assert not mark.exists() and found.params["lr"] == 0.1
        (tmp_path / "training_args.bin").write_bytes(data)
        assert found_in(reader_named("hf-args"), tmp_path / "training_args.bin").params["lr"] == 0.1
        assert not mark.exists()

    @pytest.mark.parametrize(
        "data",
        [
            b"\x80\x02]r\xff\xff\xff\x7f.",  # a memo of two thousand million places
            b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc.",  # bytes that are not there
            b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f}.",  # a frame that is not there
            b"(" * 300_000 + b".",  # marks without end
            b"\x80\x02" + b"]" * 250_000 + b".",
            b"cos\nsystem\n(S'true'\no.",
            b"garbage",
            b"",
        ],
    )
    def test_bombs_are_refused(self, data: bytes, tmp_path: Path) -> None:
        (tmp_path / "training_args.bin").write_bytes(data)
        found = found_in(reader_named("hf-args"), tmp_path / "training_args.bin")
        assert not found.params and len(found.problems) == 1

    def test_what_multiplies_itself_is_refused(self, tmp_path: Path) -> None:
        value: object = "x"
        for _ in range(7):
            value = [value] * 100
        (tmp_path / "training_args.bin").write_bytes(pickle.dumps({"a": value}))
        found = found_in(reader_named("hf-args"), tmp_path / "training_args.bin")
        assert [problem.what for problem in found.problems] == ["a pickle that repeats itself beyond all measure"]

    def test_an_archive_that_unpacks_to_much_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "training_args.bin", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("training_args/data.pkl", b"\x80\x02" + b"]" * (64 << 20))
        assert len(found_in(reader_named("hf-args"), tmp_path / "training_args.bin").problems) == 1

    def test_the_object_of_old_torch_files_is_the_fourth_pickle(self, tmp_path: Path) -> None:
        objects: tuple[object, ...] = (0x1950A86A20F9469CFC6C, 1001, {"a": 1}, {"lr": 3}, [])
        parts = [pickle.dumps(part, protocol=2) for part in objects]
        (tmp_path / "training_args.bin").write_bytes(b"".join(parts))
        assert found_in(reader_named("hf-args"), tmp_path / "training_args.bin").params == {"lr": 3}

    def test_only_plain_containers_are_built(self) -> None:
        value = inert_pickle.loads(b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x031+1\x85R.")
        assert isinstance(value, inert_pickle.Stub) and value.content() == "1+1"


class TestHistories:
    def test_shapes(self, tmp_path: Path) -> None:
        cases = {
            '{"loss": [3, 2, null], "lr": [0.1, 0.1, 0.1]}': {"loss": [3.0, 2.0], "lr": [0.1] * 3},
            '{"train": {"auc": [0.5, 0.6]}, "valid": {"auc": [0.4]}}': {"train/auc": [0.5, 0.6], "valid/auc": [0.4]},
            '[{"epoch": 1, "loss": 2.5}, {"epoch": 2, "loss": 1.5}]': {"loss": [2.5, 1.5]},
            '{"metrics": [{"step": 5, "loss": 2.5}]}': {"loss": [2.5]},
            '{"loss": {"steps": [0, 5], "timestamps": ["2024-01-01T00:00:00+00:00", null], "values": [1, 2]}}': {
                "loss": [1.0, 2.0]
            },
        }
        for text, want in cases.items():
            assert _read(tmp_path, "history.json", text).values == want, text

    def test_lines_that_became_one_array(self, tmp_path: Path) -> None:
        found = _read(tmp_path, "log.jsonl", '[\n  {"step": 1, "loss": 2.5},\n  {"step": 2, "loss": 1.5}\n]')
        assert found.steps["loss"] == [1, 2]

    def test_last_values_only_add_to_a_run(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        path.write_text(json.dumps({"epoch": 7, "accuracy": 0.9, "folds": [0.8, 1.0], "model": "x"}, indent=1))
        claim = claim_file(entry_of(tmp_path, path))
        assert claim is not None and claim.kind == "status"
        found = found_in(reader_named(claim.reader), path)
        assert found.values == {"accuracy": [0.9], "folds.0": [0.8], "folds.1": [1.0]}
        assert {name: steps == [7] for name, steps in found.steps.items()} == dict.fromkeys(found.values, True)
        (tmp_path / "people.json").write_text(json.dumps({"accuracy": 0.9}))
        assert claim_file(entry_of(tmp_path, tmp_path / "people.json")) is None


class TestLightning:
    def test_claims_and_hides_the_placeholder(self, tmp_path: Path) -> None:
        found = _read(tmp_path, "version_0/metrics.csv", "epoch,hp_metric,loss,step\r\n0,-1,2.5,4\r\n0,,1.5,9\r\n")
        assert found.values == {"epoch": [0.0, 0.0], "loss": [2.5, 1.5]} and found.steps["loss"] == [4, 9]
        claim = claim_file(entry_of(tmp_path, tmp_path / "version_0/metrics.csv"))
        assert claim is not None and (claim.reader, claim.root, claim.strength) == ("lightning", "version_0", 2)


TRACE = 'Traceback (most recent call last):\n  File "x", line 1, in <module>\n    f()\n'
TORCHRUN = (
    "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n" + "=" * 60 + "\ntrain.py FAILED\n" + "-" * 60
    + "\nFailures:\n  <NO_OTHER_FAILURES>\n" + "-" * 60 + "\nRoot Cause (first observed failure):\n[0]:\n"
    + "  time      : 2024-01-01_10:00:00\n  host      : n1\n  rank      : 0 (local_rank: 0)\n  exitcode  : {} (pid: 12)\n"
    + "  error_file: <N/A>\n  traceback : To enable traceback see: https://pytorch.org/docs\n" + "=" * 60 + "\n"
)  # fmt: skip


class TestConsole:
    @pytest.mark.parametrize(
        ("ending", "want"),
        [
            (TRACE + "ValueError: bad\n", "traceback: ValueError: bad"),
            (TRACE + "my.pkg.BadThing: a\nb\nc\n", "traceback: BadThing: a"),
            (TRACE + "torch.cuda.OutOfMemoryError: CUDA out of memory.\n", "out of memory"),
            (TRACE + "KeyboardInterrupt\n", "KeyboardInterrupt"),
            (TRACE, "traceback"),
            (TRACE + "ValueError: retried\n" + "step ok\n" * 30, ""),
            (TRACE + "ValueError: bad\n" + TRACE + TORCHRUN.format(1), "traceback: ValueError: bad"),
            (TRACE + TORCHRUN.format(1), "traceback: ChildFailedError"),
            (TRACE + TORCHRUN.format(-9), "killed"),
            (TRACE + TORCHRUN.format(1) + "step ok\n" * 30, ""),
            (
                TRACE + "KeyError: 'x'\n" + TRACE + "subprocess.CalledProcessError: Command 'a'\n",
                "traceback: KeyError: 'x'",
            ),
            ("Exception ignored in: <function a.__del__ at 0x7f>\n" + TRACE + "AttributeError: x\n", ""),
            (
                "slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2024 DUE TO TIME LIMIT ***\n",
                "slurm: CANCELLED AT 2024 DUE TO TIME LIMIT",
            ),
            ("step 1\nKilled\n", "killed"),
            ("./run.sh: line 3: 4711 Killed                  python train.py\n", "killed"),
            ("./run.sh: line 3: 4711 Terminated              python train.py\n", "SIGTERM"),
            ("Bus error (core dumped)\n", "bus error"),
            ("step 1\r\x1b[31mstep 2\x1b[0m\nSegmentation fault (core dumped)\n", "segmentation fault"),
            ("all good\nSaved model.\n", ""),
            ("", ""),
        ],
    )
    def test_verdicts(self, ending: str, want: str) -> None:
        assert console.verdict("step 1\n" + ending) == want

    def test_reads_only_the_ends_of_a_large_log(self, tmp_path: Path) -> None:
        path = tmp_path / "slurm-991.out"
        path.write_bytes(b"x" * (64 << 20) + b"\nTraceback (most recent call last):\n  F\nRuntimeError: no\n")
        assert found_in(console.READER, path).facts == {
            "slurm_job_id": "991", "console_verdict": "traceback: RuntimeError: no",
        }  # fmt: skip

    def test_a_log_of_a_wandb_run_belongs_to_it(self, tmp_path: Path) -> None:
        path = tmp_path / "wandb/run-20240101_000000-abc/files/output.log"
        path.parent.mkdir(parents=True)
        path.write_text("hello\n")
        claim = claim_file(entry_of(tmp_path, path))
        assert claim is not None and (claim.root, claim.rank) == ("wandb/run-20240101_000000-abc", "tool")


def test_numbers() -> None:
    for text, want in {
        "1e-3": 0.001,
        " 2 ": 2.0,
        "1,234.5": 1234.5,
        "tensor(0.5, device='cuda:0')": 0.5,
        "inf": float("inf"),
    }.items():
        assert number(text) == want
    for value in (True, None, "", "NA", "abc", "[1, 2]", "007", "1_000", [1], "1,23", "0x10"):
        assert number(value) is None


def test_flatten_is_bounded_and_keeps_lists() -> None:
    assert flatten({"a": {"b": [1, {"c": (2, 3)}]}, "e": {}}) == {"a.b": [1, {"c": [2, 3]}], "e": {}}
    loop: dict[str, object] = {}
    loop["a"] = loop
    assert len(flatten(loop)) == 1
    assert len(flatten({str(at): at for at in range(9000)})) == 5000
    assert plain(1 << 20_000) == "an integer of 20,001 bits"
