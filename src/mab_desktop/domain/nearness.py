"""How far a number on a sheet is from a student's: the one rule by which candidates are ranked (p.38).

The distance is what the cheapest explanation costs, in half slips:

* 0: the same number;
* 1 for every column that nobody can read (empty, two bubbles, doubtful);
* 2 for every slip: a wrong digit, two digits that changed places, the whole number one column to the side;
* 3 for the whole seat or variant of somebody else in the hall, 4 for his code: copied from him, or exchanged with him;
* 6 at most: a number that far away says nothing any more.

The distances of code, seat and variant are added. So two numbers that agree outweigh a third one that is another's, and
a slip in the code and one in the seat outweigh a neighbour whose seat happens to stand on the sheet.
"""

from __future__ import annotations

from collections.abc import Collection

UNREADABLE = frozenset("-*?")
UNREAD_COLUMN, SLIP, ANOTHERS, ANOTHERS_CODE, FAR = 1, 2, 3, 4, 6


def distance(read: str, due: str, known: Collection[str] = (), anothers: int = ANOTHERS) -> int:
    """How far `read` is from `due`; `known` are all numbers of the hall, spelled as `due` is.

    `anothers` is what it costs to have written a whole number of the hall that is not one's own.
    """
    found = min(slips(read, due), FAR) if len(read) == len(due) else FAR
    return min(found, anothers) if read in known else found


def slips(read: str, due: str) -> int:
    """The cost of the slips alone that make `read` of `due`, two numbers of as many digits."""
    apart = [(a, b) for a, b in zip(read, due, strict=True) if a != b]
    cost = sum(UNREAD_COLUMN if a in UNREADABLE else SLIP for a, _ in apart) - SLIP * _exchanged(apart)
    shifted = len(due) > 1 and (read[1:] == due[:-1] or read[:-1] == due[1:])
    return min(cost, SLIP) if shifted else cost


def _exchanged(apart: list[tuple[str, str]]) -> int:
    """How many pairs of digits changed places, each digit in one pair only."""
    waiting, pairs = list(apart), 0
    while waiting:
        a, b = waiting.pop()
        if (b, a) in waiting:
            waiting.remove((b, a))
            pairs += 1
    return pairs
