"""OSC packets: what hosts send becomes the words they meant, and nothing sent does harm."""

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.osc.packets import PACKET_BYTES, Message, read, write


def message(*values: Any, kind: str | None = None) -> OscMessage:
    builder = OscMessageBuilder("/ditto/ping")
    for value in values:
        builder.add_arg(value, kind)
    return builder.build()


def words(*values: Any, kind: str | None = None) -> tuple[str, ...]:
    (read_back,) = read(message(*values, kind=kind).dgram)
    return read_back.words


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_becomes_a_decimal_that_means_the_same_float(number: float) -> None:
    (word,) = words(number, kind="f")
    assert np.float32(word) == np.float32(number)
    assert "e" not in word


@given(st.integers(-(10**5), 10**5), st.sampled_from([1, 10, 100, 1000]))
def test_a_decimal_that_went_through_32_bits_comes_back(whole: int, parts: int) -> None:
    number = whole / parts
    (word,) = words(float(np.float32(number)), kind="f")
    assert float(word) == number


def test_whole_floats_are_whole_numbers() -> None:
    assert words(3.0, 7, True, "x y", kind=None) == ("3", "7", "1", "x y")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_survive_unless_32_bits_hold_them(number: float) -> None:
    (word,) = words(number, kind="d")
    assert float(word) == number or np.float32(number) == number


def test_a_bundle_is_its_messages_in_order() -> None:
    builder = OscBundleBuilder(IMMEDIATELY)
    builder.add_content(message("a"))
    builder.add_content(message("b", 1))
    assert read(builder.build().dgram) == [
        Message("/ditto/ping", ("a",)),
        Message("/ditto/ping", ("b", "1")),
    ]


@pytest.mark.parametrize("size", [-4, -2147483648, 0, 2147483647])
def test_a_bundle_with_a_lie_about_sizes_ends(size: int) -> None:
    head = b"#bundle\0" + bytes(8)
    assert read(head + struct.pack(">i", size) + b"/a\0\0,\0\0\0") in (
        [],
        [Message("/a", ())],
    )


def test_bundles_in_bundles_are_left_out() -> None:
    inner = b"#bundle\0" + bytes(8)
    for _ in range(500):
        inner = b"#bundle\0" + bytes(8) + struct.pack(">I", len(inner)) + inner
    assert read(inner) == []


@given(st.binary(max_size=200))
def test_noise_is_no_message_and_no_error(data: bytes) -> None:
    read(data)
    read(b"/ditto/inpaint\0\0" + data)
    read(b"/ditto/inpaint\0\0,ffssbTFN[]imrthd\0\0\0" + data)
    read(b"#bundle\0" + data)


@pytest.mark.parametrize("value", [b"blob", [1, 2], None, (1, 2, 3, 4)])
def test_what_is_neither_text_nor_number_is_no_message(value: Any) -> None:
    kind = "m" if isinstance(value, tuple) else None
    assert read(message(value, kind=kind).dgram) == []


def test_a_packet_beyond_the_limit_is_not_looked_at() -> None:
    assert read(message("x" * PACKET_BYTES).dgram) == []


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
        | st.integers(-(2**31) + 1, 2**31 - 1)
        | st.floats(width=32, allow_nan=False)
    )
)
def test_what_is_written_is_what_python_osc_reads(values: list[Any]) -> None:
    assert [*OscMessage(write("/ditto/done", *values))] == values


def test_wide_numbers_are_written_as_text() -> None:
    assert [*OscMessage(write("/ditto/done", 2**53))] == [str(2**53)]
