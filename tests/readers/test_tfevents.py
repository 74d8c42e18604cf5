"""Event files of all writers: scalars in every encoding, hyperparameters, texts, restarts, damage."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers import tfevents as module
from runspect.readers.contract import Entry, read_all
from runspect.readers.records import FRAME_HEAD, tf_frames
from runspect.readers.tfevents import READER
from runspect.readers.tfevents_chunk import Chunk, decode_chunk
from runspect.readers.tfevents_frames import Framing
from runspect.readers.tfevents_walk import step_by_step, walk
from tests.readers import make_tfevents as tf
from tests.readers.entries import Found, found_in

NAME = "events.out.tfevents.1700000000.box.4242.0"
NUMBERS = st.floats(width=32)


def write(path: Path, records: Sequence[bytes]) -> Path:
    path.write_bytes(b"".join(records))
    return path


def scalars(path: Path) -> dict[str, list[tuple[int, float]]]:
    found = found_in(READER, path)
    return {tag: list(zip(found.steps[tag], found.values[tag], strict=True)) for tag in found.steps}


def body(value: bytes, step: int = 1) -> bytes:
    return tf.record(tf.event(1.7e9 + step, step, tf.summary(value)))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (tf.simple("loss", 0.25), 0.25),
        (tf.tensor("loss", 0.25), 0.25),
        (tf.tensor("loss", 0.1, double=True), 0.1),
        (tf.packed_tensor("loss", 0.25), 0.25),
        (tf.typed_tensor("loss", 3, 7, -5), -5.0),
        (tf.typed_tensor("loss", 9, 10, 1 << 40), float(1 << 40)),
        (tf.typed_tensor("loss", 10, 11, 1), 1.0),
        (tf.typed_tensor("loss", 19, 13, 0x3800), 0.5),
        (tf.typed_tensor("loss", 14, 13, 0x3F80), 1.0),
        (tf.tensor("loss", 0.25, plugin=None), 0.25),
    ],
)
def test_a_scalar_in_every_encoding(tmp_path: Path, value: bytes, number: float) -> None:
    assert scalars(write(tmp_path / NAME, [body(value)])) == {"loss": [(1, number)]}


def test_several_values_in_one_event_keep_their_order(tmp_path: Path) -> None:
    values = tf.summary(tf.simple("a", 1), tf.simple("b", 2), tf.simple("a", 3))
    assert scalars(write(tmp_path / NAME, [tf.record(tf.event(1.7e9, 7, values))])) == {
        "a": [(7, 1.0), (7, 3.0)],
        "b": [(7, 2.0)],
    }


def test_tensors_of_other_plugins_are_no_scalars_even_when_named_once(tmp_path: Path) -> None:
    records = [body(tf.tensor("x", 1.0, plugin="pr_curves")), body(tf.tensor("x", 2.0, plugin=None), 2)]
    path = write(tmp_path / NAME, records)
    assert scalars(path) == {}
    first = write(tmp_path / "cut", records[:1])
    cursor = read_all(READER, first)[-1].cursor
    assert not [batch for batch in READER.read(path, cursor) if batch.points]


def test_texts_are_known_by_their_first_value(tmp_path: Path) -> None:
    records = [body(tf.text("note/text_summary", "**a**")), body(tf.text("note/text_summary", "b", plugin=None), 2)]
    batches = read_all(READER, write(tmp_path / NAME, records))
    assert [(text.key, text.step, text.value) for batch in batches for text in batch.texts] == [
        ("note", 1, "**a**"),
        ("note", 2, "b"),
    ]


def test_a_table_of_params_is_params(tmp_path: Path) -> None:
    table = "|param|value|\n|-|-|\n|lr|0.00025|\n|env_id|CartPole-v1|\n|cuda|True|\n|entity|None|\n|sizes|[64, 64]|"
    records = [body(tf.text("hyperparameters/text_summary", table)), body(tf.text("note", "|a|b|\n|-|-|\n|c|d|"))]
    found = found_in(READER, write(tmp_path / NAME, records))
    assert found.params == {"lr": 0.00025, "env_id": "CartPole-v1", "cuda": True, "entity": None, "sizes": [64, 64]}


def test_config_texts_of_the_trainer_are_params(tmp_path: Path) -> None:
    records = [
        body(tf.text("args/text_summary", '{"learning_rate": 0.001, "fsdp": {"a": []}}')),
        body(tf.text("model_config/text_summary", '{"hidden_size": 8}')),
    ]
    found = found_in(READER, write(tmp_path / NAME, records))
    assert found.params == {"learning_rate": 0.001, "fsdp.a": [], "model_config.hidden_size": 8}


def test_hyperparameters_of_every_type(tmp_path: Path) -> None:
    def entry(key: str, value: bytes) -> bytes:
        return tf.part(1, tf.part(1, key.encode()) + tf.part(2, value))

    number = b"\x11" + struct.pack("<d", 32.0)
    inner = entry("lr", b"\x11" + struct.pack("<d", 0.5)) + entry("batch", number) + entry("on", b"\x20\x01")
    inner += entry("opt", tf.part(3, b"adam")) + entry("dims", tf.part(6, tf.part(1, number) + tf.part(1, number)))
    content = tf.part(3, inner)
    value = tf.part(1, b"_hparams_/session_start_info") + tf.metadata("hparams", content)
    found = found_in(READER, write(tmp_path / NAME, [body(value)]))
    assert found.params == {"lr": 0.5, "batch": 32, "on": True, "opt": "adam", "dims": [32, 32]}
    assert isinstance(found.params["batch"], int)


@pytest.mark.parametrize(("end", "facts"), [(0.0, {}), (1.8e9, {"end_state": "failed", "ended": 1.8e9})])
def test_only_a_session_end_with_a_time_is_an_end(tmp_path: Path, end: float, facts: dict[str, object]) -> None:
    content = tf.part(4, b"\x08\x02" + (b"\x11" + struct.pack("<d", end) if end else b""))
    value = tf.part(1, b"_hparams_/session_end_info") + tf.metadata("hparams", content)
    found = found_in(READER, write(tmp_path / "events.out.tfevents", [body(value)]))
    assert {name: found.facts[name] for name in found.facts if name != "started"} == facts


def test_a_restart_voids_later_steps_of_what_came_before(tmp_path: Path) -> None:
    records = [body(tf.simple("loss", step), step) for step in range(5)]
    records += [tf.record(tf.event(1.7e9, 3, tf.session_start()))]
    records += [body(tf.simple("loss", -step), step) for step in range(3, 6)]
    batches = read_all(READER, write(tmp_path / NAME, records))
    assert [(batch.purge_from, batch.points["loss"].steps.tolist()) for batch in batches] == [
        (None, [0, 1, 2, 3, 4]),
        (3, [3, 4, 5]),
    ]
    content = (tmp_path / NAME).read_bytes()
    assert content[batches[0].cursor.offset :].startswith(records[5])


def test_facts_come_from_name_and_source(tmp_path: Path) -> None:
    source = tf.record(tf.event(1.7e9 + 0.5, 0, tf.part(3, b"brain.Event:2") + tf.part(10, tf.part(1, b"some.writer"))))
    found = found_in(READER, write(tmp_path / NAME, [source]))
    assert found.facts == {"host": "box", "pid": 4242, "started": 1.7e9 + 0.5, "writer": "some.writer"}


@pytest.mark.parametrize(
    ("name", "hints"),
    [
        (NAME, {"start": "1700000000", "writer": "box:4242"}),
        ("events.out.tfevents.1700000000.node1.cluster.local", {"start": "1700000000"}),
        ("events.out.tfevents.1700000000.box.4242.0.v2", {"start": "1700000000", "writer": "box:4242"}),
        ("events.out.tfevents", {}),
    ],
)
def test_claims_tell_the_writer(tmp_path: Path, name: str, hints: dict[str, str]) -> None:
    path = write(tmp_path / name, [tf.record(tf.version(1.7e9)), body(tf.simple("loss", 1))])
    claim = READER.claim(Entry(name, path, path.stat().st_size, 0.0, frozenset(), frozenset()))
    assert claim is not None and claim.rank == "weak" and claim.kind == "series"
    last = claim.hint("last")
    assert dict(claim.hints) == {
        **hints,
        "last": last,
        "saved": "no",
        "tags": "loss",
        "scalars": "yes",
        "values": "1 1 loss",
    }
    assert float(last) >= 1.7e9


@pytest.mark.parametrize("name", ["tfevents_to_csv.py", "events.out.tfevents.1.box.profile-empty", "x.tfevents.tar.gz"])
def test_other_files_are_not_claimed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"import os\n")
    assert READER.claim(Entry(name, path, 10, 0.0, frozenset(), frozenset())) is None


def test_an_empty_file_is_told_and_read_from_its_beginning_later(tmp_path: Path) -> None:
    (batch,) = read_all(READER, write(tmp_path / NAME, []))
    assert [problem.what for problem in batch.problems] == ["an empty file"] and batch.cursor.offset == 0


def test_damage_is_told_once_and_ends_the_file(tmp_path: Path) -> None:
    good = [body(tf.simple("loss", step), step) for step in range(3)]
    path = write(tmp_path / NAME, [*good, bytes(64)])
    batches = read_all(READER, path)
    problems = [problem for batch in batches for problem in batch.problems]
    assert [(problem.offset, problem.what) for problem in problems] == [
        (sum(map(len, good)), "NUL bytes instead of a record")
    ]
    assert batches[-1].cursor.offset == sum(map(len, good))
    assert list(READER.read(path, batches[-1].cursor)) == []


def test_a_broken_record_is_left_out_and_the_rest_read(tmp_path: Path) -> None:
    broken = bytearray(body(tf.simple("loss", 1.0)))
    broken[24] = 0xFF
    path = write(tmp_path / NAME, [body(tf.simple("loss", 0.0), 0), bytes(broken), body(tf.simple("loss", 2.0), 2)])
    found = found_in(READER, path)
    assert found.values == {"loss": [0.0, 2.0]}
    assert [problem.what for problem in found.problems] == ["a record whose checksum is wrong"]


@pytest.mark.parametrize("count", [9, 500])
def test_a_flipped_bit_in_a_number_is_seen(tmp_path: Path, count: int) -> None:
    records = [body(tf.simple("loss", step), step) for step in range(count)]
    bad = [2, *range(count - 3, count - 1)]
    records = [flipped(one, at, [(n, 8 * (len(one) - 20)) for n in bad]) for at, one in enumerate(records)]
    path = write(tmp_path / NAME, records)
    found = found_in(READER, path)
    assert found.steps["loss"] == [step for step in range(count) if step not in bad]
    sizes = list(map(len, records))
    assert [(problem.offset, problem.what, problem.effect) for problem in found.problems] == [
        (sum(sizes[:2]), "a record whose checksum is wrong", "it is left out"),
        (sum(sizes[: count - 3]), "2 records whose checksum is wrong", "they are left out"),
    ]


def test_many_damaged_records_are_counted(tmp_path: Path) -> None:
    records = [body(tf.simple("loss", step), step) for step in range(300)]
    records = [flipped(one, at, [(at & ~1, 100)]) for at, one in enumerate(records)]
    found = found_in(READER, write(tmp_path / NAME, records))
    assert found.steps["loss"] == list(range(1, 300, 2))
    assert len(found.problems) == 20
    assert found.problems[-1].what == "131 more damaged records from here on"


def test_long_records_are_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4096)
    image = tf.record(tf.event(1.7e9, 1, tf.summary(tf.histogram("image", bytes(10_000)))))
    path = write(tmp_path / NAME, [body(tf.simple("loss", 0.0), 0), image, body(tf.simple("loss", 2.0), 2)])
    found = found_in(READER, path)
    assert found.values == {"loss": [0.0, 2.0]} and found.cursor.offset == path.stat().st_size
    path.write_bytes(path.read_bytes()[:9000])
    assert found_in(READER, path).cursor.offset == len(body(tf.simple("loss", 0.0), 0))


VALUES = st.one_of(
    st.builds(tf.simple, st.sampled_from(("a", "loss", "lr")), NUMBERS),
    st.builds(tf.tensor, st.sampled_from(("t", "tt", "t2")), NUMBERS, st.sampled_from(("scalars", "other", None))),
    st.builds(lambda value: tf.tensor("d", value, double=True), st.floats()),
    st.builds(tf.packed_tensor, st.sampled_from(("p", "loss")), NUMBERS),
    st.builds(lambda raw: tf.typed_tensor("i", 9, 10, raw), st.integers(-(2**63), 2**63 - 1)),
    st.builds(tf.histogram, st.just("h"), st.binary(max_size=40)),
)
STEPS = st.one_of(st.integers(0, 300), st.integers(-5, 1 << 40))
EVENTS = st.builds(
    tf.event,
    st.floats(0, 2e9),
    STEPS,
    st.one_of(
        st.lists(VALUES, min_size=1, max_size=2).map(lambda values: tf.summary(*values)), st.just(tf.session_start())
    ),
)


def comparable(chunk: Chunk) -> list[object]:
    spans = [
        (
            span.purge_from,
            {
                tag: (p.steps.tolist(), list(map(repr, p.times.tolist())), list(map(repr, p.values.tolist())))
                for tag, p in span.points.items()
            },
        )
        for span in chunk.spans()
    ]
    return [spans, chunk.params, chunk.facts, chunk.texts, chunk.faults, chunk.first_wall]


def decode(buffer: bytes, exactly: bool, monkeypatch: pytest.MonkeyPatch, limit: int = 1 << 20) -> list[object]:
    """What a buffer holds: by the exact decoder, or by all quick ways however few its records are."""
    monkeypatch.setattr("runspect.readers.tfevents_chunk.SMALL", 1 << 30 if exactly else 0)
    monkeypatch.setattr("runspect.readers.tfevents_stretch.WORTHWHILE", 16)
    records = step_by_step(tf_frames(buffer, limit)) if exactly else walk(buffer, limit)
    if not records.count:
        return [records.end, records.damaged]
    return [records.count, records.end, records.damaged, *comparable(decode_chunk(buffer, records, {}))]


def flipped(record: bytes, number: int, flips: Sequence[tuple[int, int]]) -> bytes:
    """The frame with the bits of its data and their checksum flipped that are meant for record `number`."""
    changed = bytearray(record)
    for at, bit in flips:
        if at == number:
            changed[FRAME_HEAD + (bit >> 3) % (len(record) - FRAME_HEAD)] ^= 1 << (bit & 7)
    return bytes(changed)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=12), st.integers(1, 8), st.data())
def test_the_quick_decoder_equals_the_exact_one(events: list[bytes], times: int, data: st.DataObject) -> None:
    order = data.draw(st.lists(st.integers(0, len(events) - 1), min_size=1, max_size=60))
    chosen = [events[at] for at in order] * times
    damaged = [bytearray(one) for one in chosen]
    for at, position, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(chosen) - 1), st.integers(0, 200), st.integers(0, 255)), max_size=4)
    ):
        damaged[at][position % len(damaged[at])] = byte
    flips = data.draw(st.lists(st.tuples(st.integers(0, len(chosen) - 1), st.integers(0, 1 << 12)), max_size=4))
    buffer = b"".join(flipped(tf.record(bytes(one)), at, flips) for at, one in enumerate(damaged))
    with pytest.MonkeyPatch.context() as patch:
        assert decode(buffer, False, patch) == decode(buffer, True, patch)


def test_the_quick_decoder_equals_the_exact_one_on_a_long_log(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [tf.record(tf.version(1.7e9))]
    for step in range(400):
        for layer in range(30):
            value = math.nan if step == 200 else layer / (step + 1)
            records.append(tf.record(tf.event(1.7e9 + step, step, tf.summary(tf.simple(f"g/{layer:02}", value)))))
        records.append(tf.record(tf.event(1.7e9 + step, step * 50, tf.summary(tf.tensor("tf2", step)))))
    buffer = b"".join(records)
    assert decode(buffer, False, monkeypatch) == decode(buffer, True, monkeypatch)


PERIODS = st.lists(
    st.one_of(VALUES, st.builds(tf.simple, st.sampled_from(("b", "c")), NUMBERS)), min_size=1, max_size=6
)


@settings(max_examples=150, deadline=None)
@given(PERIODS, st.integers(30, 120), st.sampled_from((0, 100, 16300, 1 << 40)), st.data())
def test_regular_stretches_equal_the_exact_decoder(
    period: list[bytes], count: int, first: int, data: st.DataObject
) -> None:
    events = [tf.event(1.7e9 + step / 7, first + step, tf.summary(value)) for step in range(count) for value in period]
    places = st.integers(0, len(events) - 1)
    for at in sorted(data.draw(st.lists(places, max_size=2)), reverse=True):
        events.insert(at, data.draw(EVENTS))
    buffer = bytearray(b"".join(map(tf.record, events)))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(buffer) - 1), st.integers(0, 255)), max_size=3)):
        buffer[at] = byte
    end = data.draw(st.one_of(st.just(len(buffer)), st.integers(0, len(buffer))))
    limit = data.draw(st.sampled_from((1 << 20, len(events) // 2 + 1, 100)))
    with pytest.MonkeyPatch.context() as patch:
        cut = bytes(buffer[:end])
        assert decode(cut, False, patch, limit) == decode(cut, True, patch, limit)


def test_a_long_regular_log_is_decoded_in_stretches_and_equals_the_exact_decoder() -> None:
    tags = ("loss", "train/accuracy", "lr", "train/grad_norm", "x")
    records = [tf.record(tf.version(1.7e9))]
    for step in range(3000):
        # the upper bytes of the times are alike for a long while, and a few records come from another clock
        wall = 1.7e9 + step if step % 997 else 1e300
        records += [tf.record(tf.event(wall, step, tf.summary(tf.simple(tag, step / 3)))) for tag in tags]
    for number in (4000, 9003, 9004, 14_999):
        records[number] = flipped(records[number], 0, [(0, 8 * (len(records[number]) - 20))])
    buffer = b"".join(records)
    assert sum(stretch.count for stretch in walk(buffer, 1 << 20).stretches) > 10_000
    with pytest.MonkeyPatch.context() as patch:
        assert decode(buffer, False, patch) == decode(buffer, True, patch)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=40), st.data())
def test_frames_found_at_once_are_those_found_one_by_one(payloads: list[bytes], data: st.DataObject) -> None:
    # records within records look like beginnings, and one is longer than two bytes count
    inner = [tf.record(payload) for payload in payloads]
    nested = [tf.record(bytes(70_000) + b"".join(inner)), tf.record(inner[0])] if inner else []
    buffer = bytearray(b"".join([*inner, *nested, *inner]))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 1 << 18), st.integers(0, 255)), max_size=3)):
        if at < len(buffer):
            buffer[at] = byte
    cut = bytes(buffer[: data.draw(st.one_of(st.just(len(buffer)), st.integers(0, len(buffer))))])
    limit = data.draw(st.sampled_from((1, 7, 1 << 20)))
    found, expected = Framing(cut), tf_frames(cut, limit)
    starts, ends = found.go_on(limit)
    assert starts.tolist() == expected.starts
    assert ends.tolist() == [*expected.starts, expected.end][1:]
    assert found.at == expected.end and (len(starts) == limit or found.damaged == expected.damaged)


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=30), st.lists(st.integers(0, 3000), max_size=5))
def test_reading_a_growing_file_is_reading_it_at_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[bytes], cuts: list[int]
) -> None:
    content = b"".join(map(tf.record, events))
    path = tmp_path_factory.mktemp("log") / NAME
    pieces = Found()
    for end in [*sorted(cuts), len(content)]:
        path.write_bytes(content[:end])
        pieces.add(READER.read(path, pieces.cursor))
    whole = found_in(READER, path)
    assert pieces.series() == whole.series()
    assert pieces.cursor.offset == whole.cursor.offset == len(content)


def test_batches_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RECORDS", 100)
    path = write(tmp_path / NAME, [body(tf.simple("loss", step), step) for step in range(250)])
    batches = read_all(READER, path)
    assert [len(batch.points["loss"]) for batch in batches] == [100, 100, 50]
    assert np.concatenate([batch.points["loss"].steps for batch in batches]).tolist() == list(range(250))
    assert list(READER.read(path, batches[-1].cursor)) == []


def test_points_older_than_their_file_tell_when_the_run_began(tmp_path: Path) -> None:
    old = [tf.record(tf.event(1.7e9 - 500 + step, step, tf.summary(tf.simple("loss", 1)))) for step in range(3)]
    (batch,) = read_all(READER, write(tmp_path / NAME, [tf.record(tf.version(1.7e9)), *old]))
    assert (batch.facts["started"], batch.writer_start) == (1.7e9 - 500, 1.7e9)


def test_a_wall_time_of_nothing_is_no_moment(tmp_path: Path) -> None:
    walls = (0.0, 0.0, 1.7e9)
    events = [tf.record(tf.event(wall, step, tf.summary(tf.simple("loss", 1)))) for step, wall in enumerate(walls)]
    (batch,) = read_all(READER, write(tmp_path / NAME, [tf.record(tf.version(1.7e9)), *events]))
    assert np.isnan(batch.points["loss"].times).tolist() == [True, True, False]
    assert batch.facts["started"] == 1.7e9
