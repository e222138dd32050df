"""The QR code of a printed page, read back from its pixels: enough of a reader to compare it with what was meant."""

import subprocess
from collections.abc import Sequence

RESOLUTION = 300  # dots per inch
DARK = 128


def qr_of(pdf: bytes, modules: int) -> list[list[int]]:
    """The square of `modules` × `modules` dark (1) and light (0) cells in the upper right corner of the first page."""
    width, height, pixels = _grey(pdf)
    left, bottom = width * 3 // 4, height // 6
    region = [pixels[y * width + left : (y + 1) * width] for y in range(bottom)]
    dark_rows = [y for y, row in enumerate(region) if min(row) < DARK]
    top, rows = dark_rows[0], _first_run(dark_rows)
    columns = [x for x in range(width - left) if any(region[y][x] < DARK for y in range(top, top + rows))]
    first, side = columns[0], columns[-1] - columns[0] + 1
    cell = side / modules
    return [
        [
            int(region[top + int((row + 0.5) * cell)][first + int((column + 0.5) * cell)] < DARK)
            for column in range(modules)
        ]
        for row in range(modules)
    ]


def _first_run(numbers: Sequence[int]) -> int:
    """Length of the run of consecutive numbers at the beginning."""
    return next((n for n, number in enumerate(numbers) if number != numbers[0] + n), len(numbers))


def _grey(pdf: bytes) -> tuple[int, int, bytes]:
    """First page as width, height and one byte per pixel."""
    command = ["pdftoppm", "-r", str(RESOLUTION), "-gray", "-f", "1", "-l", "1", "-"]
    picture = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    kind, size, depth, pixels = picture.split(b"\n", 3)
    assert (kind, depth) == (b"P5", b"255")
    width, height = map(int, size.split())
    return width, height, pixels
