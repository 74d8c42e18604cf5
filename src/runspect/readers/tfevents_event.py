"""One TensorBoard event, decoded exactly, whatever writer made it.

Messages: Event, Summary, TensorProto, SummaryMetadata (tensorflow/core/util/event.proto and its imports). Images,
histograms, audio and graphs are stepped over by their length.
"""

from __future__ import annotations

import struct

from runspect.dataclass import dataclass
from runspect.readers.protobuf import BYTES, FIXED32, FIXED64, VARINT, fields, float32, float64, signed, text, varint

SCALARS, TEXT, HPARAMS = "scalars", "text", "hparams"
_SESSION_START = 1
_CLASS_SCALAR = 1

_STRING, _BFLOAT16, _HALF = 7, 14, 19
_CONTENT = {
    1: "<f", 2: "<d", 3: "<i", 4: "<B", 5: "<h", 6: "<b", 9: "<q", 10: "<?", 17: "<H", 19: "<e", 22: "<I", 23: "<Q",
}  # fmt: skip
"""dtype -> how one element of `tensor_content` is packed."""
_SIGNED_TYPES = frozenset((3, 5, 6, 9))


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a summary."""

    tag: str
    simple: float | None = None
    """The number of a `simple_value`: a scalar in any case."""
    tensor: float | None = None
    """The number of a numeric tensor of one element: a scalar unless the tag belongs to another plug-in."""
    strings: tuple[str, ...] = ()
    """The elements of a string tensor."""
    plugin: str | None = None
    """From the value's own metadata; writers may give it with the first value of a tag only."""
    content: bytes = b""
    """The plug-in's own bytes."""


@dataclass(frozen=True, slots=True)
class Event:
    """One record of an event file."""

    wall: float
    """Seconds since 1970."""
    step: int
    values: tuple[Value, ...] = ()
    session_start: bool = False
    """A writer began here: earlier points at or after `step` are void."""
    writer: str = ""


def decode_event(data: bytes, start: int, end: int) -> Event:
    """The event in `data[start:end]`.

    Raises:
        WireFault: The bytes are no event.
    """
    wall, step, values, session, writer = 0.0, 0, [], False, ""
    for number, wire, first, stop in fields(data, start, end):
        if number == 1 and wire == FIXED64:
            wall = float64(data, first)
        elif number == 2 and wire == VARINT:
            step = signed(first)
        elif number == 5 and wire == BYTES:
            for part, kind, low, high in fields(data, first, stop):
                if part == 1 and kind == BYTES:
                    values.append(_value(data, low, high))
        elif number == 7 and wire == BYTES:
            session = any(field[:3] == (1, VARINT, _SESSION_START) for field in fields(data, first, stop))
        elif number == 10 and wire == BYTES:
            writer = _string_field(data, first, stop, 1)
    return Event(wall, step, tuple(values), session, writer)


def scalar_of(value: Value, plugin: str) -> float | None:
    """The value as a scalar, if it is one; `plugin` is the tag's plug-in, "" if it never named one."""
    if value.simple is not None:
        return value.simple
    return value.tensor if plugin in ("", SCALARS) else None


def _value(data: bytes, start: int, end: int) -> Value:
    tag, simple, tensor, plugin, content = "", None, None, None, b""
    strings: tuple[str, ...] = ()
    for number, wire, first, stop in fields(data, start, end):
        if number == 1 and wire == BYTES:
            tag = text(data, first, stop)
        elif number == 2 and wire == FIXED32:
            simple = float32(data, first)
        elif number == 8 and wire == BYTES:
            tensor, strings = _tensor(data, first, stop)
        elif number == 9 and wire == BYTES:
            plugin, content = _metadata(data, first, stop)
    return Value(tag, simple, tensor, strings, plugin, content)


def _metadata(data: bytes, start: int, end: int) -> tuple[str, bytes]:
    """Plug-in name and content; a plug-in that declares its data to be scalars counts as `scalars`."""
    plugin, content, is_scalar = "", b"", False
    for number, wire, first, stop in fields(data, start, end):
        if number == 1 and wire == BYTES:
            for part, kind, low, high in fields(data, first, stop):
                if part == 1 and kind == BYTES:
                    plugin = text(data, low, high)
                elif part == 2 and kind == BYTES:
                    content = data[low:high]
        elif number == 4 and wire == VARINT:
            is_scalar = first == _CLASS_SCALAR
    return (SCALARS if is_scalar else plugin), content


def _tensor(data: bytes, start: int, end: int) -> tuple[float | None, tuple[str, ...]]:
    """The number of a numeric tensor of one element, or the strings of a string tensor."""
    dtype, elements = 0, 1
    content: tuple[int, int] | None = None
    number_: float | None = None
    strings: list[str] = []
    for number, wire, first, stop in fields(data, start, end):
        if number == 1 and wire == VARINT:
            dtype = first
        elif number == 2 and wire == BYTES:
            elements = _elements(data, first, stop)
        elif number == 4 and wire == BYTES:
            content = (first, stop)
        elif number == 8 and wire == BYTES:
            strings.append(text(data, first, stop))
        elif number in (5, 6, 7, 10, 11, 13, 16, 17) and number_ is None:
            number_ = _first_number(data, number, wire, first, stop, dtype)
    if dtype == _STRING:
        return None, tuple(strings)
    if elements != 1:
        return None, ()
    if number_ is None and content is not None:
        number_ = _from_content(data, *content, dtype)
    elif number_ is None and dtype in _CONTENT:
        number_ = 0.0
    return number_, ()


def _elements(data: bytes, start: int, end: int) -> int:
    """How many elements a shape has; an unknown size is 0 and makes none."""
    count = 1
    for number, wire, first, stop in fields(data, start, end):
        if number == 2 and wire == BYTES:
            size = 0
            for part, kind, low, _ in fields(data, first, stop):
                if part == 1 and kind == VARINT:
                    size = signed(low)
            count *= size
    return count


def _first_number(data: bytes, number: int, wire: int, first: int, stop: int, dtype: int) -> float | None:
    """The first element of a `*_val` field, packed or not."""
    if number == 5:
        return float32(data, first) if stop - first >= 4 and wire in (BYTES, FIXED32) else None
    if number == 6:
        return float64(data, first) if stop - first >= 8 and wire in (BYTES, FIXED64) else None
    if wire == BYTES and stop > first:
        raw, _ = varint(data, first)
    elif wire == VARINT:
        raw = first
    else:
        return None
    if number == 13:
        return _half(raw & 0xFFFF, dtype)
    return float(signed(raw) if dtype in _SIGNED_TYPES else raw)


def _from_content(data: bytes, start: int, end: int, dtype: int) -> float | None:
    if dtype == _BFLOAT16 and end - start >= 2:
        return _half(int.from_bytes(data[start : start + 2], "little"), dtype)
    packing = _CONTENT.get(dtype)
    if packing is None or end - start < struct.calcsize(packing):
        return None
    return float(struct.unpack_from(packing, data, start)[0])


def _half(bits: int, dtype: int) -> float:
    packed = struct.pack("<I", bits << 16) if dtype == _BFLOAT16 else struct.pack("<H", bits)
    value: float = struct.unpack("<f" if dtype == _BFLOAT16 else "<e", packed)[0]
    return value


def _string_field(data: bytes, start: int, end: int, wanted: int) -> str:
    found = ""
    for number, wire, first, stop in fields(data, start, end):
        if number == wanted and wire == BYTES:
            found = text(data, first, stop)
    return found
