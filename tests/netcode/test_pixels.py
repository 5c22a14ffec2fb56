import base64
import struct
import zlib
from typing import Any

import pytest

from interactive_gym.netcode import strict_json
from interactive_gym.netcode.draw_commands import wrong_with
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.pixels import is_picture, pixels, png
from tests.support.broken_environments import Sound

numpy: Any = pytest.importorskip("numpy")


def png_file(columns: int, rows: int) -> bytes:
    """A grey PNG file, as its specification (ISO/IEC 15948) has it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    content = zlib.compress((b"\0" + b"\x80" * columns) * rows)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", content), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(("parts", "encoding"), [(3, "rgb"), (4, "rgba")])
def test_an_array_of_pixels_becomes_a_command_that_pages_can_draw(
    parts: int, encoding: str
) -> None:
    picture = numpy.arange(2 * 5 * parts, dtype="uint8").reshape(2, 5, parts)
    command = pixels(picture)
    assert (command["columns"], command["rows"], command["encoding"]) == (5, 2, encoding)
    assert base64.b64decode(command["data"]) == picture.tobytes()
    assert wrong_with([command]) is None
    assert strict_json.dumps([command])


def test_rows_come_in_order_however_they_lie_in_memory() -> None:
    picture = numpy.arange(60, dtype="uint8").reshape(4, 5, 3)
    for view in (numpy.asfortranarray(picture), numpy.ascontiguousarray(picture)[::-1][::-1]):
        assert pixels(view) == pixels(picture)


def test_indexes_need_a_palette_and_take_a_third_of_the_bytes() -> None:
    indexes = numpy.zeros((8, 9), "uint8")
    command = pixels(indexes, palette=[[0, 0, 0], [255, 255, 255]], x=3, y=4, width=90, height=80)
    assert wrong_with([command]) is None
    assert len(base64.b64decode(command["data"])) == 72
    del command["palette"]
    assert "lacks palette" in str(wrong_with([command]))
    with pytest.raises(ValueError, match="or \\(rows, columns\\) with a palette"):
        pixels(indexes)


def test_a_png_file_names_its_own_size() -> None:
    command = png(png_file(7, 3), x=0, y=0, width=70, height=30)
    assert (command["columns"], command["rows"], command["encoding"]) == (7, 3, "png")
    assert wrong_with([command]) is None
    with pytest.raises(ValueError, match="PNG"):
        png(b"GIF89a")


def test_bytes_that_are_too_few_are_told_before_anybody_sees_nothing() -> None:
    command = {**pixels(numpy.zeros((4, 4, 3), "uint8")), "rows": 5}
    assert wrong_with([command]) == "picture[0] (pixels) has 48 bytes of data, not 60"


@pytest.mark.parametrize(
    "value",
    [
        numpy.zeros((4, 4, 3)),
        numpy.zeros((4, 4), "uint8"),
        numpy.zeros((0, 4, 3), "uint8"),
        numpy.zeros((3, 4, 4, 3), "uint8"),
        [[0, 0, 0]],
        "text",
    ],
    ids=str,
)
def test_nothing_else_is_taken_for_a_picture(value: Any) -> None:
    assert not is_picture(value)
    with pytest.raises(ValueError, match="a picture must be an array of uint8"):
        pixels(value)


class Pixels(Sound):
    shown: Any = numpy.full((6, 8, 3), 7, "uint8")

    def render(self) -> Any:
        return self.shown


def test_render_mode_rgb_array_shows_something_at_once() -> None:
    drawn = adapt(Pixels(), ["left", "right"]).render()
    assert drawn == [pixels(Pixels.shown)]


def test_an_array_of_another_kind_is_refused_by_its_kind() -> None:
    env = Pixels()
    env.shown = numpy.zeros((6, 8, 3), "float32")
    with pytest.raises(TypeError, match=r"not ndarray of float32 with the shape \(6, 8, 3\)"):
        adapt(env, ["left", "right"]).render()
