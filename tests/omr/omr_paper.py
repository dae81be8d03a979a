"""A small private world of pens, paper and scanners for the reader's tests; knows the form only as a printed PDF."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import cv2
import numpy as np
import pypdfium2

from mab_desktop.domain.sheet import Bubble, SheetLayout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets

SCALE = 12.0  # pixels per mm of the paper before it is scanned


@dataclass(frozen=True)
class Pen:
    """How a person marks: ink darkness, line width in mm, share of the bubble covered, wobble, style."""

    ink: float = 0.85
    width: float = 0.55
    cover: float = 0.95
    off: float = 0.12
    style: str = "fill"
    even: float = 0.05


PENS = {
    "black": Pen(),
    "blue": Pen(ink=0.58),
    "gel": Pen(ink=0.95, width=0.7),
    "pencil": Pen(ink=0.45, width=0.6, even=0.2),
    "hard pencil": Pen(ink=0.28, width=0.6, even=0.15),
    "sloppy": Pen(ink=0.8, cover=0.75, off=0.4, width=0.5),
    "ticks": Pen(style="tick", width=0.5),
    "crosses": Pen(style="cross", width=0.5),
}


@dataclass(frozen=True)
class Scan:
    """How a scanner sees the paper."""

    dpi: float = 200.0
    turn: float = 0.0  # degrees
    upside_down: bool = False
    stretch: tuple[float, float] = (1.0, 1.0)
    wave: float = 0.0  # mm of uneven transport
    blur: float = 0.45  # pixels
    noise: float = 3.0
    paper: float = 235.0
    black: float = 35.0
    gamma: float = 1.0
    shade: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)  # mm
    backing: float = 240.0
    jpeg: int = 80
    bilevel: bool = False


@cache
def blank_paper(layout: SheetLayout, serial: str = "00000001") -> np.ndarray:
    """The printed form as darkness 0-1, (rows, columns) at `SCALE`."""
    page = pypdfium2.PdfDocument(draw_sheets(layout, [SheetPrint(serial)]))[0]
    gray = np.asarray(page.render(scale=SCALE * 25.4 / 72, grayscale=True).to_numpy())
    return (1 - gray.reshape(gray.shape[0], gray.shape[1]).astype(np.float32) / 255).astype(np.float32)


@dataclass
class Paper:
    """A sheet of paper being written on."""

    layout: SheetLayout
    rng: np.random.Generator
    darkness: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.darkness = blank_paper(self.layout).copy()

    def lines(self, points: np.ndarray, width: float, ink: float, even: float = 0.05) -> None:
        """A pen's way through points in mm."""
        low = np.floor((points.min(axis=0) - width) * SCALE).astype(int).clip(0)
        high = np.ceil((points.max(axis=0) + width) * SCALE).astype(int) + 1
        window = self.darkness[low[1] : high[1], low[0] : high[0]]
        layer = np.zeros(window.shape, np.uint8)
        moved = ((points * SCALE - low) * 16).astype(np.int32)
        cv2.polylines(layer, [moved.reshape(-1, 1, 2)], False, 255, max(1, round(width * SCALE)), cv2.LINE_AA, 4)
        grain = 1 + even * cv2.GaussianBlur(self.rng.normal(0, 2.5, window.shape).astype(np.float32), (0, 0), 1.6)
        mark = (layer / 255.0 * ink * grain).clip(0, 1)
        window[:] = 1 - (1 - window) * (1 - mark)

    def mark(self, bubble: Bubble, pen: Pen) -> None:
        """Mark a bubble in the pen's style."""
        x, y = self.rng.normal((bubble.x, bubble.y), pen.off)
        r = bubble.rx
        if pen.style == "tick":
            way = np.array([(-0.7, -0.1), (-0.1, 0.75), (1.1, -1.1)]) * r * self.rng.uniform(0.85, 1.1)
            self.lines(way + (x, y), pen.width, pen.ink, pen.even)
        elif pen.style == "cross":
            reach = r * self.rng.uniform(0.75, 1.05)
            for way in ([(-1, -1), (1, 1)], [(-1, 1), (1, -1)]):
                self.lines(np.array(way) * reach * 0.8 + (x, y), pen.width, pen.ink, pen.even)
        else:
            self._scribble(x, y, r * pen.cover, pen)

    def _scribble(self, x: float, y: float, r: float, pen: Pen) -> None:
        angle = self.rng.uniform(0, np.pi)
        steps = np.arange(-r + pen.width / 2, r - pen.width / 2 + 1e-6, pen.width * 0.62)
        half = np.sqrt(np.maximum(r**2 - steps**2, 0)) - pen.width / 2
        side = np.where(np.arange(len(steps)) % 2 == 0, 1, -1)
        way = np.stack([half.clip(0) * side, steps], axis=1) + self.rng.normal(0, 0.05, (len(steps), 2))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        self.lines(way @ turn.T + (x, y), pen.width, pen.ink, pen.even)

    def half(self, bubble: Bubble, pen: Pen) -> None:
        """Fill the left part only."""
        self._scribble(bubble.x - bubble.rx * 0.4, bubble.y, bubble.rx * 0.6, pen)

    def erased(self, bubble: Bubble, pen: Pen) -> None:
        """What an eraser leaves of a mark."""
        self.mark(bubble, replace(pen, ink=pen.ink * self.rng.uniform(0.05, 0.22), even=0.3))

    def specks(self, count: int) -> None:
        """Dust and dirt anywhere on the sheet."""
        for _ in range(count):
            at = self.rng.uniform((20, 60), (190, 260))
            self.lines(np.array([at, at + self.rng.normal(0, 0.1, 2)]), self.rng.uniform(0.12, 0.5), 0.8)

    def stray(self) -> None:
        """A careless line of a few millimetres."""
        at = self.rng.uniform((25, 75), (185, 250))
        self.lines(np.array([at, at + self.rng.normal(0, 6, 2)]), 0.4, 0.8)

    def handwriting(self, ink: float = 0.8) -> None:
        """Letters in the cells of the name."""
        for row in self.layout.cells:
            if row.number == 1:
                for n in range(9):
                    way = self.rng.uniform((1.2, 1.0), (5.4, 5.0), (5, 2)) + (row.x + n * row.width, row.y)
                    self.lines(way, 0.5, ink)

    def scan(self, how: Scan) -> np.ndarray:
        """The image a scanner gives of it, as gray values."""
        height, width = round(297 * how.dpi / 25.4), round(210 * how.dpi / 25.4)
        fine = cv2.GaussianBlur(self.darkness, (0, 0), SCALE * 25.4 / how.dpi * 0.45)
        ys, xs = np.meshgrid(np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32), indexing="ij")
        mm = 25.4 / how.dpi
        x, y = xs * mm - 105 - how.shift[0], ys * mm - 148.5 - how.shift[1]
        angle = np.radians(how.turn + (180 if how.upside_down else 0))
        x, y = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
        y = y + how.wave * np.sin(y / 23.0)
        x, y = x / how.stretch[0] + 105, y / how.stretch[1] + 148.5
        seen = cv2.remap(fine, ((x * SCALE) - 0.5).astype(np.float32), ((y * SCALE) - 0.5).astype(np.float32),
                         cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)  # fmt: skip
        light = how.paper * (1 + how.shade * (xs / width - 0.5))
        gray = light - np.power(seen, how.gamma) * (light - how.black)
        gray[(x < 0) | (x > 210) | (y < 0) | (y > 297)] = how.backing
        if how.blur:
            gray = cv2.GaussianBlur(gray, (0, 0), how.blur)
        gray = gray + cv2.GaussianBlur(self.rng.normal(0, how.noise * 1.3, gray.shape).astype(np.float32), (0, 0), 0.5)
        image = gray.clip(0, 255).astype(np.uint8)
        if how.bilevel:
            return np.where(image > 0.55 * how.paper, 255, 0).astype(np.uint8)
        if how.jpeg:
            _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, how.jpeg])
            image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
        return image


Truth = dict[tuple[str, int], tuple[str, ...]]


def fill_in(paper: Paper, pen: Pen, *, empty: float = 0.02, double: float = 0.0) -> Truth:
    """Mark every group, leaving some empty and some double; says what was marked."""
    truth: Truth = {}
    for key, members in paper.layout.groups().items():
        count = 0 if paper.rng.random() < empty else 2 if paper.rng.random() < double else 1
        chosen = sorted(paper.rng.permutation(len(members))[:count].tolist())
        for n in chosen:
            paper.mark(paper.layout.bubbles[members[n]], pen)
        truth[key] = tuple(paper.layout.bubbles[members[n]].value for n in chosen)
    return truth
