"""Pictures of pixels as draw commands, such as the arrays of ``render_mode="rgb_array"``.

NumPy is not imported: arrays are known by what they can do. ``environment`` turns what ``render``
returns into a command, and environments may use `pixels` themselves.
"""

import base64
from typing import Any

_ENCODINGS = {3: "rgb", 4: "rgba"}
BYTES_PER_PIXEL = {"rgb": 3, "rgba": 4, "indexed": 1}
"""How many bytes a pixel has in each encoding but ``png``."""


def is_picture(value: Any) -> bool:
    """Whether a value is an array of rows of RGB or RGBA pixels, a byte for each part."""
    shape: tuple[int, ...] = getattr(value, "shape", ())
    return (
        hasattr(value, "tobytes")
        and str(getattr(value, "dtype", "")) == "uint8"
        and len(shape) == 3
        and shape[2] in _ENCODINGS
        and min(shape) > 0
    )


def pixels(picture: Any, **fields: Any) -> dict[str, Any]:
    """The draw command of a picture, which the page scales without blurring it.

    Args:
        picture: An array of rows of pixels: RGB, RGBA, or single bytes that are indexes into
            ``palette``.
        fields: Further fields of the command: where it is drawn (``x``, ``y``, ``width``,
            ``height``; without them it fills the canvas as far as its proportions allow), ``id``,
            ``alpha``, ``smooth``, and ``palette``, a list of up to 256 ``[red, green, blue]``.

    Raises:
        ValueError: It is no such array.
    """
    encoding = None
    if is_picture(picture):
        encoding = _ENCODINGS[picture.shape[2]]
    elif "palette" in fields and len(getattr(picture, "shape", ())) == 2:
        encoding = "indexed" if str(picture.dtype) == "uint8" and min(picture.shape) > 0 else None
    if encoding is None:
        what = f"{getattr(picture, 'shape', type(picture).__name__)}"
        raise ValueError(
            f"a picture must be an array of uint8 with the shape (rows, columns, 3 or 4), or "
            f"(rows, columns) with a palette, not {what} {getattr(picture, 'dtype', '')}".rstrip()
        )
    return {
        "type": "pixels",
        "columns": int(picture.shape[1]),
        "rows": int(picture.shape[0]),
        "encoding": encoding,
        "data": base64.b64encode(picture.tobytes()).decode("ascii"),
        **fields,
    }


def png(content: bytes, **fields: Any) -> dict[str, Any]:
    """The draw command of a PNG file's content.

    Args:
        content: The bytes of the file, which name its columns and rows.
        fields: Further fields of the command, as of `pixels`.

    Raises:
        ValueError: They are not those of a PNG file.
    """
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        raise ValueError("content must be the bytes of a PNG file")
    return {
        "type": "pixels",
        "columns": int.from_bytes(content[16:20], "big"),
        "rows": int.from_bytes(content[20:24], "big"),
        "encoding": "png",
        "data": base64.b64encode(content).decode("ascii"),
        **fields,
    }


def wrong_with_pixels(command: Any) -> str | None:
    """What is wrong with a command whose fields are right one by one; None if nothing is."""
    encoding = command.get("encoding", "rgb")
    if encoding == "png":
        return None
    if encoding == "indexed" and "palette" not in command:
        return "(pixels) lacks palette, which indexed pixels need"
    size = command["columns"] * command["rows"] * BYTES_PER_PIXEL[encoding]
    data = command["data"]
    given = len(data) // 4 * 3 - (len(data) - len(data.rstrip("=")))
    if given != size:
        return f"(pixels) has {given} bytes of data, not {size}"
    return None
