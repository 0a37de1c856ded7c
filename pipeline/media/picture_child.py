"""Decode pictures with Pillow, one a request, and send them on small.

Run as a program, in a limited process of its own: `python -I picture_child.py LIMITS_JSON`. It reads one JSON text, a
path, a line, and answers each with a line of JSON, {"width", "height"} or {"error"}, the first followed by width x
height x 3 bytes of RGB. It imports nothing of the project.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from typing import BinaryIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
PAPER = "white"  # design choice: what shows through where a picture is transparent

# What Pillow's readers raise for damaged files. Anything else ends this process, and the parent starts another.
_DAMAGE = (OSError, EOFError, SyntaxError, ValueError, OverflowError, MemoryError, struct.error, zlib.error)


def small(path: str, limits: dict[str, int]) -> Image.Image:
    """The picture, upright, RGB, its shorter side limits["side_px"], the longer at most limits["longest_px"].

    Raises ValueError for a picture over or under the limits, and _DAMAGE for a broken one. Its size is checked before
    any pixel is decoded.
    """
    with Image.open(path, formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > limits["pixels"]:
            raise ValueError(f"{width}x{height} pixels, the limit is {limits['pixels']}")
        if min(width, height) < limits["smallest_side_px"]:
            raise ValueError(f"{width}x{height} pixels, the least is {limits['smallest_side_px']} a side")
        upright = ImageOps.exif_transpose(opened)
        scale = limits["side_px"] / min(upright.size)
        width, height = (min(limits["longest_px"], round(side * scale / 2) * 2) for side in upright.size)
        return _coloured(upright).resize((width, height), Image.Resampling.BICUBIC)


def _coloured(picture: Image.Image) -> Image.Image:
    """Eight-bit RGB on PAPER."""
    if picture.mode.startswith("I"):  # sixteen-bit grey, which convert would clip
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, PAPER), over).convert("RGB")
    return picture.convert("RGB")


def _answer(path: str, limits: dict[str, int], out: BinaryIO) -> None:
    try:
        picture = small(path, limits)
    except _DAMAGE as error:
        out.write(json.dumps({"error": str(error) or type(error).__name__}).encode() + b"\n")
    else:
        out.write(json.dumps({"width": picture.width, "height": picture.height}).encode() + b"\n" + picture.tobytes())
    out.flush()


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None  # small() says it with numbers
    asked = json.loads(sys.argv[1])
    for line in sys.stdin.buffer:
        _answer(json.loads(line), asked, sys.stdout.buffer)
