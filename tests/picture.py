"""A terminal screen as a PNG: braille dots and blocks are drawn by hand, since fonts often lack them."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont
from pyte.screens import Char

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 9, 19, 15
MARGIN = 14
COLOURS = 64
BACKGROUND, FOREGROUND = (21, 24, 29), (201, 206, 214)

FONTS = ("/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf", "DejaVuSansMono{}.ttf")
WIDE_FONTS = (
    os.environ.get("RUNSPECT_PICTURE_FONT", ""),
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)

_DOTS = ((0, 0, 1), (0, 1, 2), (0, 2, 4), (1, 0, 8), (1, 1, 16), (1, 2, 32), (0, 3, 64), (1, 3, 128))
_NAMED = {
    "black": (40, 44, 52), "red": (224, 108, 117), "green": (143, 188, 138), "brown": (215, 171, 106), "blue": (97, 150, 220),
    "magenta": (183, 163, 217), "cyan": (110, 190, 200), "white": (201, 206, 214), "brightblack": (113, 122, 135),
}  # fmt: skip
_BARS = {
    "─": (1, 1, 0, 0),
    "│": (0, 0, 1, 1),
    "┤": (1, 0, 1, 1),
    "└": (0, 1, 1, 0),
    "┬": (1, 1, 0, 1),
    "╰": (0, 1, 1, 0),
    "├": (0, 1, 1, 1),
}

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def save(screen: pyte.Screen, path: Path) -> None:
    """Write the screen as a PNG file."""
    size = (screen.columns * CELL_WIDTH + 2 * MARGIN, screen.lines * CELL_HEIGHT + 2 * MARGIN)
    image = Image.new("RGB", size, _page(screen))
    draw = ImageDraw.Draw(image)
    for y in range(screen.lines):
        for x in range(screen.columns):
            _cell(
                draw,
                screen.buffer[y][x],
                MARGIN + x * CELL_WIDTH,
                MARGIN + y * CELL_HEIGHT,
                _next_is_stub(screen, x, y),
            )
    # A screen has few colours; a palette of them halves the file, and nobody sees the difference.
    image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)


def _page(screen: pyte.Screen) -> Colour:
    """The background around the screen: that of its first cell."""
    return _colour(screen.buffer[screen.lines // 2][screen.columns - 1].bg, BACKGROUND)


def _next_is_stub(screen: pyte.Screen, x: int, y: int) -> bool:
    return x + 1 < screen.columns and screen.buffer[y][x + 1].data == ""


def _cell(draw: ImageDraw.ImageDraw, cell: Char, x: int, y: int, wide: bool) -> None:
    front, back = _colour(cell.fg, FOREGROUND), _colour(cell.bg, BACKGROUND)
    if cell.reverse:
        front, back = back, front
    width = CELL_WIDTH * (2 if wide else 1)
    if cell.data:
        draw.rectangle([x, y, x + width - 1, y + CELL_HEIGHT - 1], fill=back)
        _glyph(draw, cell, x, y, front, wide)
    if cell.underscore:
        draw.line([x, y + CELL_HEIGHT - 2, x + width - 1, y + CELL_HEIGHT - 2], fill=front)


def _glyph(draw: ImageDraw.ImageDraw, cell: Char, x: int, y: int, front: Colour, wide: bool) -> None:
    char = cell.data[0]
    code = ord(char)
    if 0x2800 <= code <= 0x28FF:
        for column, row, bit in _DOTS:
            if (code - 0x2800) & bit:
                left, top = x + 1 + column * 4.5, y + 1.5 + row * 4.6
                draw.ellipse([left, top, left + 2.4, top + 2.4], fill=front)
    elif 0x2581 <= code <= 0x2588:
        height = round((code - 0x2580) * (CELL_HEIGHT - 4) / 8)
        draw.rectangle([x, y + CELL_HEIGHT - 2 - height, x + CELL_WIDTH - 2, y + CELL_HEIGHT - 3], fill=front)
    elif char == "▐":
        draw.rectangle([x + CELL_WIDTH // 2, y, x + CELL_WIDTH - 1, y + CELL_HEIGHT - 1], fill=front)
    elif char in _BARS:
        _bars(draw, _BARS[char], x, y, front)
    elif char != " ":
        draw.text((x, y), cell.data, font=_font(cell.bold, wide), fill=front)


def _bars(draw: ImageDraw.ImageDraw, arms: tuple[int, int, int, int], x: int, y: int, front: Colour) -> None:
    left, right, up, down = arms
    middle_x, middle_y = x + CELL_WIDTH // 2, y + CELL_HEIGHT // 2
    if left or right:
        draw.line([x if left else middle_x, middle_y, x + CELL_WIDTH - 1 if right else middle_x, middle_y], fill=front)
    if up or down:
        draw.line([middle_x, y if up else middle_y, middle_x, y + CELL_HEIGHT - 1 if down else middle_y], fill=front)


@functools.cache
def _font(bold: bool, wide: bool) -> Font:
    names = [name.format("-Bold" if bold else "") for name in FONTS]
    for name in (*WIDE_FONTS, *names) if wide else names:
        try:
            return ImageFont.truetype(name, FONT_SIZE)
        except OSError:
            continue
    return ImageFont.load_default(FONT_SIZE)


def _colour(name: str, default: Colour) -> Colour:
    if name in _NAMED:
        return _NAMED[name]
    if len(name) == 6:
        try:
            return int(name[:2], 16), int(name[2:4], 16), int(name[4:], 16)
        except ValueError:
            return default
    return default
