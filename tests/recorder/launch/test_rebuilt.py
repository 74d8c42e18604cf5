"""What a record holds is enough to have its run again in a fresh clone, point for point."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.cli.program import runspect
from tests.recorder.capture.repository import git, repository
from tests.recorder.launch.caller import head, record

TRAIN = """
import argparse, os, random
from pathlib import Path

import runspect
from layers.noise import noise

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--seed", type=int)
args = parser.parse_args()
random.seed(args.seed)
scale = float(Path("conf/scale.txt").read_text()) * int(os.environ["OMP_NUM_THREADS"])
table = Path("table.bin").read_bytes()
weight = 5.0
with runspect.start(config=vars(args)) as run:
    for step in range(50):
        gradient = 2 * weight + noise(random) * scale + table[step] / 100
        weight -= args.lr * gradient
        run.log({"loss": weight * weight, "gradient": gradient}, step=step)
print(f"done {weight}")
"""


def test_a_training_is_rebuilt_from_its_record_alone(tmp_path: Path) -> None:
    code = "code/in here"  # what stands in a path must not matter
    root = repository(tmp_path / code, readme_md="x\n")
    work = root / "src"
    (work / "layers").mkdir(parents=True)
    (work / "train.py").write_text("raise SystemExit('not yet')\n")
    (work / "table.bin").write_bytes(bytes(200))
    (work / "layers" / "noise.py").write_text("def noise(random): return 0\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    git(tmp_path, "clone", "-q", "--bare", str(root), "server.git")
    git(root, "remote", "add", "origin", str(tmp_path / "server.git"))
    (work / "train.py").write_text(TRAIN)  # changed, binary, staged, removed, and unknown to git
    (work / "table.bin").write_bytes(bytes(range(200)))
    (work / "layers" / "__init__.py").write_text("")
    git(root, "add", "src/layers/__init__.py")
    (root / "readme.md").unlink()
    (work / "layers" / "noise.py").write_text(
        "from layers.more import factor\ndef noise(random): return random.gauss(0, 1) * factor\n"
    )
    (work / "layers" / "more.py").write_text("factor = 0.5\n")
    (work / "conf").mkdir()
    (work / "conf" / "scale.txt").write_text("0.25\n")

    words = ("-q", "-n", "first", "--", sys.executable, "train.py", "--lr", "0.05", "--seed", "7")
    (tmp_path / "link").symlink_to(work)
    done = record(*words, cwd=tmp_path / "link", environ={"OMP_NUM_THREADS": "2", "PWD": str(tmp_path / "link")})
    assert done.returncode == 0 and done.stdout.startswith(b"done ")
    kept = tmp_path / "kept"
    shutil.move(work / "runs" / "first", kept / "runs" / "first")
    told = head(kept)
    shutil.rmtree(tmp_path / "code")

    again = tmp_path / "again"
    git(tmp_path, "clone", "-q", told["git"]["remote"], str(again))
    git(again, "checkout", "-q", told["git"]["commit"])
    git(again, "apply", "--index", str(kept / "runs" / "first" / told["git"]["patch"]))
    shutil.copytree(kept / "runs" / "first" / "untracked", again, dirs_exist_ok=True)
    place = again / told["git"]["prefix"]
    repeated = record(
        "-q", "-n", "second", "--runs", kept / "runs", "--", *told["argv"], cwd=place, environ=told["environment"]
    )

    assert (repeated.returncode, repeated.stdout) == (0, done.stdout)
    assert head(kept, "second")["git"]["patch_sha256"] == told["git"]["patch_sha256"]
    assert head(kept, "second")["git"]["untracked"] == told["git"]["untracked"]
    for metric in ("loss", "gradient"):
        one, two = (
            runspect("series", "-C", kept / "runs", name, metric, "--json", cwd=kept).json()
            for name in ("first", "second")
        )
        assert one["value"] == two["value"] and one["step"] == two["step"] and len(set(one["value"])) == 50
