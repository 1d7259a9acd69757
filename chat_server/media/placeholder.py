"""A placeholder of some 25 bytes for a picture that has not been loaded: a blur with its colours and shape.

The format is ThumbHash (github.com/evanw/thumbhash): the first terms of a discrete cosine transform of lightness, two
differences of colours and, where something is transparent, alpha; 4 bits each, after a header of 5 or 6 bytes.
"""

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

# The format has no more detail than a picture of this size.
_LARGEST: Final = 100


@dataclass(frozen=True, slots=True)
class _Channel:
    dc: float
    ac: list[float]
    scale: float


def placeholder(picture: Image.Image) -> bytes:
    small = picture.convert("RGBA")
    small.thumbnail((_LARGEST, _LARGEST))
    return encode(small.width, small.height, small.tobytes())


def encode(width: int, height: int, rgba: bytes) -> bytes:
    """Of at most 100 × 100 pixels, four bytes each."""
    lightness, yellow, red, alpha = _planes(rgba)
    transparent = min(rgba[3::4]) < 255
    longest, limit = max(width, height), 5 if transparent else 7
    across, down = (max(1, _round(limit * side / longest)) for side in (width, height))
    light = _channel(lightness, width, max(3, across), max(3, down))
    colours = [_channel(plane, width, 3, 3) for plane in (yellow, red)]
    landscape = width > height
    first = (
        _round(63 * light.dc)
        | _round(31.5 + 31.5 * colours[0].dc) << 6
        | _round(31.5 + 31.5 * colours[1].dc) << 12
        | _round(31 * light.scale) << 18
        | transparent << 23
    )
    second = (
        (down if landscape else across)
        | _round(63 * colours[0].scale) << 3
        | _round(63 * colours[1].scale) << 9
        | landscape << 15
    )
    header = first.to_bytes(3, "little") + second.to_bytes(2, "little")
    channels = [light, *colours]
    if transparent:
        opacity = _channel(alpha, width, 5, 5)
        header += bytes([_round(15 * opacity.dc) | _round(15 * opacity.scale) << 4])
        channels.append(opacity)
    halves = [_round(15 * term) for channel in channels for term in channel.ac]
    halves += [0] * (len(halves) % 2)
    return header + bytes(low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))


def _planes(rgba: bytes) -> tuple[list[float], list[float], list[float], list[float]]:
    """Lightness, yellow against blue, red against green, and alpha; what is transparent has the average colour."""
    alpha = [value / 255 for value in rgba[3::4]]
    weight = sum(alpha)
    reds, greens, blues = (
        _over_average([value / 255 for value in rgba[index::4]], alpha, weight) for index in range(3)
    )
    pixels = list(zip(reds, greens, blues, strict=True))
    return (
        [(red + green + blue) / 3 for red, green, blue in pixels],
        [(red + green) / 2 - blue for red, green, blue in pixels],
        [red - green for red, green, _ in pixels],
        alpha,
    )


def _over_average(values: list[float], alpha: list[float], weight: float) -> list[float]:
    weighted = [value * part for value, part in zip(values, alpha, strict=True)]
    average = sum(weighted) / weight if weight else 0.0
    return [average * (1 - part) + value for value, part in zip(weighted, alpha, strict=True)]


def _channel(plane: list[float], width: int, across: int, down: int) -> _Channel:
    """The terms below the diagonal, row by row, scaled to 0 to 1."""
    height = len(plane) // width
    rows = [plane[at : at + width] for at in range(0, len(plane), width)]
    horizontal = [[_sum(row, wave) for row in rows] for wave in _waves(across, width)]
    terms = []
    for cy, wave in enumerate(_waves(down, height)):
        terms += [
            _sum(horizontal[cx], wave) / (width * height) for cx in range(across) if cx * down < across * (down - cy)
        ]
    dc, *ac = terms
    scale = max(map(abs, ac))
    return _Channel(dc, [0.5 + 0.5 / scale * term for term in ac] if scale else ac, scale)


def _waves(count: int, length: int) -> list[list[float]]:
    return [[math.cos(math.pi / length * index * (at + 0.5)) for at in range(length)] for index in range(count)]


def _sum(values: list[float], wave: list[float]) -> float:
    return sum(map(float.__mul__, values, wave))


def _round(value: float) -> int:
    """Half goes up, as in JavaScript, which the format is defined by."""
    return math.floor(value + 0.5)
