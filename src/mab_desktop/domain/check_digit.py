"""A check digit (Damm): one wrong digit, or two neighbours swapped, never makes another valid number.

Personal codes and variants are copied by hand into cells and bubbles (p.33). With the check digit a slip of the hand
can be seen for what it is and never points to another student.
"""

from __future__ import annotations

_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2), (7, 0, 9, 2, 1, 5, 4, 8, 6, 3), (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6), (6, 1, 2, 3, 0, 4, 5, 9, 7, 8), (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4), (8, 9, 4, 5, 3, 6, 2, 0, 1, 7), (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)  # fmt: skip


def check_digit(digits: str) -> str:
    """The digit to write after `digits`."""
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return str(interim)


def drawn_number(drawn: int, digits: int) -> str:
    """The number of `digits` places that `drawn` stands for: no leading zero, check digit last.

    A place is never zero in front because people drop it; one digit alone carries no check.
    """
    if digits == 1:
        return str(drawn % 10)
    span = 9 * 10 ** (digits - 2)
    body = str(10 ** (digits - 2) + drawn % span)
    return body + check_digit(body)
