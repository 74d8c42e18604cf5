"""CSV and TSV logs: ragged, quoted, restarted, large."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from runspect.readers import arrow_texts
from runspect.readers.contract import read_all
from runspect.readers.csv_table import READER
from tests.readers.entries import Found, entry_of, found_in


def _found(tmp_path: Path, text: str, name: str = "log.csv") -> Found:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return found_in(READER, path)


def _claimed(tmp_path: Path, text: str, name: str) -> bool:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return READER.claim(entry_of(tmp_path, path)) is not None


def test_separators_and_padded_headers(tmp_path: Path) -> None:
    for separator in ",;\t|":
        found = _found(tmp_path, f"  epoch{separator} loss \n 1{separator} 0.5\n")
        assert found.values == {"loss": [0.5]} and found.steps["loss"] == [1], separator


def test_pandas_index_and_double_names(tmp_path: Path) -> None:
    found = _found(tmp_path, ",step,loss,loss\n0,10,1,2\n1,20,3,4\n")
    assert found.values == {"loss": [1.0, 3.0], "loss.1": [2.0, 4.0]} and found.steps["loss"] == [10, 20]


def test_blank_is_no_point_and_nan_is_one(tmp_path: Path) -> None:
    found = _found(tmp_path, "step,a,b\n1,,2\n2,nan,\n3,inf,NA\n4,1e-3,-1.#IND\n")
    assert found.steps["a"] == [2, 3, 4] and math.isnan(found.values["a"][0])
    assert found.steps["b"] == [1, 4] and math.isnan(found.values["b"][1])


def test_header_again_with_other_columns(tmp_path: Path) -> None:
    found = _found(tmp_path, "step,loss\n1,5\nstep,loss,lr\n2,4,0.1\nepoch,step,loss\n7,3,3\n")
    assert found.values == {"loss": [5.0, 4.0, 3.0], "lr": [0.1], "epoch": [7.0]} and found.steps["loss"] == [1, 2, 3]


def test_ragged_rows_and_quoted_cells(tmp_path: Path) -> None:
    found = _found(tmp_path, 'step,a,b\n1,2\n2,"3","[1, 2]",9\n3,"1,234",tensor(0.5)\n')
    assert found.values == {"a": [2.0, 3.0, 1234.0], "b": [0.5]}


def test_a_quoted_cell_over_two_lines(tmp_path: Path) -> None:
    found = _found(tmp_path, 'step,a,b\n1,"[[1 2]\n [3 4]]",5\n2,x,6\n')
    assert found.values == {"b": [5.0, 6.0]} and found.steps["b"] == [1, 2] and not found.problems


def test_an_open_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    rows = "".join(f"{step},{step}\n" for step in range(20_000))
    found = _found(tmp_path, f'step,a\n1,"2\n{rows}')
    assert len(found.values["a"]) >= 20_000


def test_merge_conflict_and_foreign_lines(tmp_path: Path) -> None:
    found = _found(tmp_path, "step,a\n1,1\n<<<<<<< HEAD\n2,2\n=======\n2,3\n>>>>>>> x\noops\n3,4\n")
    assert [problem.what for problem in found.problems] == ["merge-conflict markers", "not a row of the table: 'oops'"]
    assert found.values["a"] == [1.0, 2.0, 4.0]


def test_nul_head_and_lost_header(tmp_path: Path) -> None:
    found = _found(tmp_path, "\0" * 5000 + "1,2.5\n2,3.5\n", "progress.csv")
    assert [problem.what for problem in found.problems] == ["5,000 NUL bytes", "the table has no header"]
    assert found.values == {"column_1": [1.0, 2.0], "column_2": [2.5, 3.5]}


def test_a_torn_number_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,a\n1,0.12")
    found = found_in(READER, path)
    assert not found.values
    path.write_text("step,a\n1,0.125\n")
    found.add(READER.read(path, found.cursor))
    assert found.values == {"a": [0.125]}


def test_utf16_and_double_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("\ufeffepoch,acc\r\n0,0.5\r\n".encode("utf-16-le"))
    assert found_in(READER, path).values == {"acc": [0.5]}
    path.write_bytes(b"epoch,acc\r\r\n0,0.5\r\r\n")
    assert found_in(READER, path).values == {"acc": [0.5]}


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("0,5", "-1,25e-3", ",5", "7"), [0.5, -0.00125, 0.5, 7.0]),
        (("0.5", "1,5"), [0.5, 1.5]),
        (('"0,5"', " 1,5 "), [0.5, 1.5]),
        (("1.234,5", "0,5"), [0.5]),
        (("1,234.5", "2,000"), [1234.5, 2000.0]),
        (("0,512", "2,512"), [0.512, 2.512]),
        (("1,2,3", "0,5"), [0.5]),
    ],
)
def test_decimal_commas_between_semicolons(tmp_path: Path, cells: tuple[str, ...], values: list[float]) -> None:
    text = "step;loss\n" + "".join(f"{step};{cell}\n" for step, cell in enumerate(cells))
    assert _claimed(tmp_path, text, "log.csv")
    assert _found(tmp_path, text).values == {"loss": values}


def test_a_table_of_decimal_commas_without_a_header(tmp_path: Path) -> None:
    found = _found(tmp_path, "1;0,5;0,25\n2;0,4;0,75\n", "metrics.csv")
    assert found.values == {"column_1": [1.0, 2.0], "column_2": [0.5, 0.4], "column_3": [0.25, 0.75]}


def test_a_large_table_of_decimal_commas(tmp_path: Path) -> None:
    rows = "".join(f"{step};{step / 7!r}\n" for step in range(60_000)).replace(".", ",")
    assert len(rows) > arrow_texts.LARGE
    assert _found(tmp_path, "step;loss\n" + rows).values["loss"] == [step / 7 for step in range(60_000)]


def test_a_large_table_reads_as_the_exact_path_does(tmp_path: Path) -> None:
    noise = random.Random(0)
    header = "step,split,a,b,time\n"
    rows = [
        f"{step},{noise.choice(('train', 'val'))},{noise.choice(('nan', '', '1e-3', 'inf', repr(noise.random())))},"
        f"{noise.random()},{1.7e9 + step}\n"
        for step in range(40_000)
    ]
    found = _found(tmp_path, header + "".join(rows), "large.csv")
    assert len("".join(rows)) > 2 * arrow_texts.LARGE
    slow = Found()
    path = tmp_path / "small.csv"
    for at in range(0, len(rows), 2000):
        path.write_text(header + "".join(rows[: at + 2000]))
        slow.add(READER.read(path, slow.cursor))
    assert found.series() == slow.series()
    assert set(found.values) == {"train/a", "train/b", "val/a", "val/b"}


def test_claims_logs_and_not_data_sets(tmp_path: Path) -> None:
    assert _claimed(tmp_path, "epoch,loss\n1,2\n", "run7.csv")
    assert _claimed(tmp_path, "agent acc,frac\n0.5,0.1\n", "progress.csv")
    assert _claimed(tmp_path, "epoch,accuracy,loss\n0,0.5,1.0\n", "training.log")
    assert not _claimed(tmp_path, "id,price,rooms\n1,2,3\n", "houses.csv")
    assert not _claimed(tmp_path, "image,label\na.png,3\n", "results.csv")
    assert not _claimed(tmp_path, "step,loss\n1,2\n", "dataset/steps.csv")
    assert not _claimed(tmp_path, "epoch 1 loss 0.5, acc 0.3\nepoch 2 loss 0.4, acc 0.4\n", "train.log")


def test_what_is_not_shown_of_a_table_is_told(tmp_path: Path) -> None:
    quoted = _found(tmp_path, 'step,loss\n1,2\n2,"3\n3,4\n')
    assert quoted.values == {"loss": [2.0]} and quoted.cursor.offset == 14
    assert [(problem.offset, problem.what) for problem in quoted.problems] == [(14, "a quote that is not closed")]
    wider = _found(tmp_path, "step,loss\n1,2\n2,3,4\n3,4,\n", "wider.csv")
    assert wider.values == {"loss": [2.0, 3.0, 4.0]}
    assert [problem.what[:6] for problem in wider.problems] == ["1 row "]


def test_text_that_is_not_utf8_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"step,caf\xe9\n1,2\n")
    found = found_in(READER, path)
    assert found.values == {"café": [2.0]} and [problem.offset for problem in found.problems] == [8]


def test_a_text_among_numbers_and_nul_bytes_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    rows = b"".join(b"%d,0.%d,warm\n" % (at, at) for at in range(8))
    path.write_bytes(b"step,loss,phase_name\n" + rows + b"8,abc,warm\n9,abd,cold\n" + b"\0" * 100 + b"10,0.5,warm\n")
    told = [(each.offset, each.what) for batch in read_all(READER, path) for each in batch.problems]
    data = path.read_bytes()
    assert told == [
        (data.find(b"\0"), "100 NUL bytes"),
        (data.find(b"abc"), "no number in the column 'loss': 'abc', and 1 more like it"),
    ]


def test_columns_of_text_and_words_for_nothing_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    rows = "".join(f"{at},0.{at},{'best' if at % 3 else at},n/a\n" for at in range(9))
    path.write_text("step,loss,mark,acc\n" + rows + "9,None,best,0.5\n")
    assert [each for batch in read_all(READER, path) for each in batch.problems] == []


def test_a_metric_may_be_called_nan(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,nan\n0,1\n1,nan\n")
    found = found_in(READER, path)
    assert (found.steps, found.problems) == ({"nan": [0, 1]}, [])


def test_a_text_may_be_a_table_of_metrics_alone(tmp_path: Path) -> None:
    path = tmp_path / "train_log.txt"
    path.write_text("total loss\tctc loss\t\n46.6\t9.2\t\n41.7\t8.2\t\n")
    assert READER.claim(entry_of(tmp_path, path)) is not None
    assert found_in(READER, path).values == {"total loss": [46.6, 41.7], "ctc loss": [9.2, 8.2]}
    path.write_text("total loss\tname\n46.6\ta\n41.7\tb\n")
    assert READER.claim(entry_of(tmp_path, path)) is None
