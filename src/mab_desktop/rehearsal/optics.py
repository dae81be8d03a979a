"""What a scanner's sensor and software do to an image: each effect a function of gray levels, all off by default."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.paper import Gray

MOIRE_TILE = 512
JERK = 12  # lines between two jerks of a feed
# Clustered dots of a newspaper screen, 8 to a cell: in what order its places turn black.
SCREEN = np.array([
    [24, 10, 12, 26, 35, 47, 49, 37], [8, 0, 2, 14, 45, 59, 61, 51], [22, 6, 4, 16, 43, 57, 63, 53],
    [30, 20, 18, 28, 33, 41, 55, 39], [34, 46, 48, 36, 25, 11, 13, 27], [44, 58, 60, 50, 9, 1, 3, 15],
    [42, 56, 62, 52, 23, 7, 5, 17], [32, 40, 54, 38, 31, 21, 19, 29],
])  # fmt: skip
BILEVEL = ("threshold", "adaptive", "screen", "diffusion")


def uneven_lines(count: int, wave: float, length: float, slip: float, rng: Generator) -> NDArray[np.intp]:
    """Lines as an uneven feed takes them: too early or too late, some twice, some never.

    `wave` (dots) is how far lines stray in waves of `length` (dots), `slip` (dots) how far small jerks carry them.
    """
    at = np.arange(count, dtype=np.float64)
    if wave:
        phases = rng.uniform(0, 2 * np.pi, 2)
        at += wave * np.sin(at * (2 * np.pi / length) + phases[0])
        at += wave / 2 * np.sin(at * (2 * np.pi / (2.7 * length)) + phases[1])
    if slip:
        knots = rng.normal(0, slip, count // JERK + 2)
        at += np.interp(np.arange(count), np.arange(knots.size) * JERK, knots)
    return np.clip(np.rint(at), 0, count - 1).astype(np.intp)


def sharpen(image: Gray, amount: float, radius: float) -> Gray:
    """Unsharp masking: edges become steeper and get a light halo."""
    soft = cv2.GaussianBlur(image, (5, 5), radius)
    done: Gray = cv2.addWeighted(image, 1 + amount, soft, -amount, 0)
    return done


def auto_contrast(image: Gray) -> Gray:
    """Stretch the levels until a half percent is black and the paper white."""
    share = np.cumsum(np.bincount(image[::3, ::3].ravel(), minlength=256)) / image[::3, ::3].size
    black, white = int(np.searchsorted(share, 0.005)), int(np.searchsorted(share, 0.75))
    return _between(image, black, max(white, black + 40))


def drop_background(image: Gray, share: float) -> Gray:
    """Make white what is lighter than `share` of the paper, as software that "removes the background" does."""
    white = max(40, round(float(np.median(image[::5, ::5])) * share))
    return _between(image, 0, white)


def _between(image: Gray, black: int, white: int) -> Gray:
    levels = (np.arange(256) - black) * (255 / (white - black))
    done: Gray = cv2.LUT(image, np.clip(np.rint(levels), 0, 255).astype(np.uint8))
    return done


def moire(image: Gray, depth: float, rng: Generator) -> Gray:
    """Waves of light and shade, `depth` gray levels, where the sensor beats with a screen or its own lamp."""
    period = rng.integers(6, 90, 2) * rng.choice([-1, 1], 2)
    tile = _moire_tile(int(period[0]), int(period[1]), max(1, round(depth)))
    height, width = image.shape
    waves = np.tile(tile, (height // MOIRE_TILE + 1, width // MOIRE_TILE + 1))[:height, :width]
    done: Gray = cv2.addWeighted(image, 1, np.ascontiguousarray(waves), 1, -128)
    return done


@lru_cache(maxsize=8)
def _moire_tile(across: int, down: int, depth: int) -> Gray:
    phase = 2 * np.pi / MOIRE_TILE * np.arange(MOIRE_TILE)
    done: Gray = np.rint(128 + depth * np.sin(phase[None] * across + phase[:, None] * down)).astype(np.uint8)
    return done


def add_noise(image: Gray, level: float, rng: Generator) -> Gray:
    """Noise of `level` gray levels: each image cuts its own piece of the one stock."""
    height, width = image.shape
    bank = _noise_bank(-(-(height + 256) // 1024) * 1024, -(-(width + 256) // 1024) * 1024)
    top, left = (int(n) for n in rng.integers(0, 256, 2))
    table = np.clip(np.rint(128 + (np.arange(256) - 128) * (level / 32)), 0, 255).astype(np.uint8)
    piece = cv2.LUT(bank[top : top + height, left : left + width], table)
    done: Gray = cv2.addWeighted(image, 1, piece, 1, -128)
    return done


@lru_cache(maxsize=4)
def _noise_bank(height: int, width: int) -> Gray:
    """Normal noise, 128 its middle and 32 its deviation."""
    noise = stream("scanner noise").standard_normal((height, width), np.float32)
    bank: Gray = np.clip(np.rint(128 + 32 * noise), 0, 255).astype(np.uint8)
    return bank


def to_bilevel(image: Gray, how: str, level: float) -> Gray:
    """Black and white by a way of `BILEVEL`; `level` is the part of the paper's white from which all is white."""
    paper = float(np.median(image[::5, ::5]))
    if how == "threshold":
        black = image <= round(paper * level)
    elif how == "adaptive":
        around = cv2.blur(cv2.resize(image, None, fx=0.25, fy=0.25), (31, 31))
        black = image < cv2.resize(cv2.convertScaleAbs(around, alpha=level), image.shape[1::-1])
    elif how == "screen":
        ordered = ((SCREEN + 0.5) / 64 * paper * level).astype(np.uint8)
        cells = np.tile(ordered, (image.shape[0] // 8 + 1, image.shape[1] // 8 + 1))
        black = image < cells[: image.shape[0], : image.shape[1]]
    else:
        return _diffuse(_between(image, 0, max(40, round(paper * level))))
    return np.where(black, np.uint8(0), np.uint8(255))


def _diffuse(image: Gray) -> Gray:
    """Error diffusion: what a dot is too dark or too light by goes to three dots of the next line."""
    done = np.empty_like(image)
    carried = np.zeros(image.shape[1] + 2, np.float32)
    limits = stream("diffusion").uniform(96, 160, (61, image.shape[1])).astype(np.float32)
    for y, line in enumerate(image):
        wanted = line + carried[1:-1]
        white = wanted > limits[y % 61]
        done[y] = np.where(white, np.uint8(255), np.uint8(0))
        rest = (wanted - 255 * white) * np.float32(0.25)
        carried[1:-1] = 2 * rest
        carried[:-2] += rest
        carried[2:] += rest
    return done


def in_colour(image: Gray, tint: Gray | None, fringe: float, warmth: float) -> Gray:
    """A colour image (blue green red) of a gray one and its coloured ink.

    Red and blue lie `fringe` dots to the sides of green; `warmth` -1..1 is the lamp's and the paper's own colour.
    """
    planes: list[Any] = []
    for plane, sign in enumerate((-1, 0, 1)):
        light: Any = image if tint is None else cv2.multiply(image, tint[..., plane], scale=1 / 255)
        if warmth * sign:
            light = cv2.convertScaleAbs(light, alpha=1 + 0.04 * warmth * sign)
        if fringe * sign:
            matrix = np.array([[1.0, 0.0, fringe * sign], [0.0, 1.0, 0.0]])
            light = cv2.warpAffine(light, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        planes.append(light)
    done: Gray = cv2.merge(planes)
    return done


def edge_bands(image: Gray, sides: NDArray[np.intp], level: int) -> None:
    """Edges of the scanner's bed seen at the image's own (left, top, right, bottom, dots), in place."""
    left, top, right, bottom = sides.tolist()
    height, width = image.shape
    image[:, :left], image[:top] = level, level
    image[:, width - right :], image[height - bottom :] = level, level
