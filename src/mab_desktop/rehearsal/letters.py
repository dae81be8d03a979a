"""Block letters as strokes of a hand: 42 Kazakh letters, Latin ones, digits.

A letter stands on a grid four wide; its top is line 2, its foot line 8, accents reach up to 0 and tails down to 9. A
stroke is a run of points, each written as its x and y; `~` before it makes the hand round the corners.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_RING = "~22 12 03 07 18 38 47 43 32 22"
_BOWL = "~02 32 43 44 35 05"
_BELLY = "~05 35 46 47 38 08"
_BASE = {
    "А": "08 22 48/16 36",
    "Ә": "~03 12 32 43 47 38 18 07 05/05 45",
    "Б": f"42 02 08/{_BELLY}",
    "В": f"08 02/{_BOWL}/{_BELLY}",
    "Г": "42 02 08",
    "Ғ": "42 02 08/05 25",
    "Д": "09 08 48 49/18 12 32 38",
    "Е": "42 02 08 48/05 35",
    "Ё": "42 02 08 48/05 35/10 11/30 31",
    "Ж": "22 28/02 25 08/42 25 48",
    "З": "~03 12 32 43 44 35 15/~35 46 47 38 18 07",
    "И": "02 08 42 48",
    "Й": "02 08 42 48/~10 21 30",
    "К": "02 08/42 05 48",
    "Қ": "02 08/42 05 48 49",
    "Л": "08 22 42 48",
    "М": "08 02 25 42 48",
    "Н": "02 08/42 48/05 45",
    "Ң": "02 08/42 48 49/05 45",
    "О": _RING,
    "Ө": f"{_RING}/05 45",
    "П": "08 02 42 48",
    "Р": f"08 02/{_BOWL}",
    "С": "~43 32 12 03 07 18 38 47",
    "Т": "02 42/22 28",
    "У": "02 25/~42 25 18 08",
    "Ұ": "02 25 42/25 28/16 36",
    "Ү": "02 25 42/25 28",
    "Ф": "21 29/~13 33 44 45 36 16 05 04 13",
    "Х": "02 48/42 08",
    "Һ": "02 08/~05 15 35 46 48",
    "Ц": "02 08 48 49/32 38",
    "Ч": "~02 04 15 45/42 48",
    "Ш": "02 08 48 42/22 28",
    "Щ": "02 08 48 49/42 48/22 28",
    "Ъ": "02 12 18/~15 35 46 47 38 18",
    "Ы": "02 08/~05 15 26 27 18 08/42 48",
    "І": "22 28/12 32/18 38",
    "Ь": f"02 08/{_BELLY}",
    "Э": "~03 12 32 43 47 38 18 07/15 45",
    "Ю": "02 08/05 15/~22 13 17 28 38 47 43 32 22",
    "Я": "48 42/~42 12 03 04 15 45/25 08",
    "0": _RING,
    "1": "14 22 28",
    "2": "~03 12 32 43 44 35 08/08 48",
    "3": "~03 12 32 43 44 35 15/~35 46 47 38 18 07",
    "4": "32 06 46/34 38",
    "5": "42 02 05/~05 35 46 47 38 18 07",
    "6": "~32 13 05 07 18 38 47 46 35 15 06",
    "7": "02 42 18",
    "8": "~22 13 14 25 46 47 38 18 07 06 25 34 33 22",
    "9": "~44 35 15 04 03 12 32 43 45 38 18",
    "-": "15 35",
    ".": "18 28",
    ",": "28 19",
    "'": "21 23",
    "’": "21 23",
    '"': "11 13/21 23",
    "«": "24 15 26/34 25 36",
    "»": "14 25 16/24 35 26",
    "D": "02 08/~02 22 43 47 28 08",
    "F": "42 02 08/05 35",
    "G": "~43 32 12 03 07 18 38 47/47 45 25",
    "J": "~42 47 38 18 07",
    "L": "02 08 48",
    "N": "08 02 48 42",
    "Q": f"{_RING}/36 49",
    "R": f"08 02/{_BOWL}/25 48",
    "S": "~43 32 12 03 04 15 35 46 47 38 18 07",
    "U": "~02 07 18 38 47 42",
    "V": "02 28 42",
    "W": "02 18 25 38 42",
    "Y": "02 25 42/25 28",
    "Z": "02 42 08 48",
}
_SAME = dict(zip("ABCEHIKMOPTX", "АВСЕНІКМОРТХ", strict=True))


@cache
def strokes(letter: str) -> tuple[NDArray[np.float64], ...]:
    """The strokes of a letter, (n, 2) points with x 0..1 and y 0 (top) .. 1 (foot); nothing for what has no letter."""
    drawn = _BASE.get(_SAME.get(letter, letter), "")
    return tuple(_points(stroke) for stroke in drawn.split("/") if stroke)


def _points(stroke: str) -> NDArray[np.float64]:
    rounded = stroke.startswith("~")
    points = np.array([(int(p[0]), int(p[1])) for p in stroke.lstrip("~").split()], float)
    return (_rounded(points) if rounded else points) / (4, 6) - (0, 2 / 6)


def _rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners cut once and once more: the ends stay."""
    for _ in range(2):
        a, b = points[:-1], points[1:]
        cut = np.stack((0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b), 1).reshape(-1, 2)
        points = np.vstack((points[:1], cut, points[-1:]))
    return points
