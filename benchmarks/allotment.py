"""The allotment at size: 20,000 students of one base university, and 150,000 of forty, placed and laid with variants.

    python benchmarks/allotment.py [--json benchmarks/results/allotment.json]

Baseline: a bare loop that gives the same students seats hall by hall in the order of their names, and spreads nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mab_desktop.domain.allotment import Candidate, HallPlaces
from mab_desktop.domain.variant import seat_variants
from mab_desktop.services.centre_allotment import place_students, quality

VARIANTS = [str(1000 + n) for n in range(10)]


def students(count: int, seed: int) -> list[Candidate]:
    """Students of eight network universities, nine directions, two languages in uneven numbers."""
    chance = random.Random(seed)  # noqa: S311 - simulated people
    universities = [f"{n:03d}" for n in range(1, 9)]
    return [
        Candidate(
            f"{n:08d}", f"{chance.randrange(1, 10):02d}", "1" if chance.random() < 0.72 else "2",
            chance.choices(universities, range(1, 9))[0],
        )
        for n in range(count)
    ]  # fmt: skip


def halls(seats: int, seed: int) -> list[HallPlaces]:
    """Halls of usual sizes with at least so many seats in all."""
    chance, found = random.Random(seed), list[HallPlaces]()  # noqa: S311 - simulated halls
    while sum(hall.seats for hall in found) < seats:
        size = chance.choice((24, 30, 36, 50, 60, 90))
        found.append(HallPlaces(str(len(found) // 30 + 1), f"{len(found) + 1:03d}", size))
    return found


def plainly(people: list[Candidate], rooms: list[HallPlaces], shifts: int) -> list[tuple[str, int, str]]:
    """Hall by hall, in the order of names."""
    seats = iter([(shift, hall.number) for shift in range(1, shifts + 1) for hall in rooms for _ in range(hall.seats)])
    return [(one.student, *next(seats)) for one in sorted(people, key=lambda c: c.student)]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What work gives, and its seconds of the processor."""
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def measure(count: int, bases: int) -> dict[str, Any]:
    """So many students in all, of so many base universities alike."""
    spent = plain = variants = 0.0
    found: list[Any] = []
    for base in range(bases):
        people = students(count // bases, base)
        rooms = halls(len(people) // 6, base)
        (places, bounds), seconds = timed(lambda p=people, r=rooms: place_students(p, r, range(1, 9), b"seed" * 8))
        spent += seconds
        plain += timed(lambda p=people, r=rooms: plainly(p, r, 8))[1]
        found.append(quality(places, people, rooms, bounds))
        for number in range(found[-1].sittings):
            grid = [[row * 6 + place + 1 for place in range(6)] for row in range(6)]
            variants += timed(lambda g=grid, n=number: seat_variants(g, VARIANTS, 8, n.to_bytes(4, "big")))[1]
    return {
        "students": count, "base_universities": bases,
        "seconds": round(spent, 2), "variants_seconds": round(variants, 2),
        "plain_seconds": round(plain, 3), "ratio": round(spent / plain, 1),
        "sittings": sum(q.sittings for q in found), "least_sittings": sum(q.least_sittings for q in found),
        "mixed": sum(q.mixed for q in found), "least_mixed": sum(q.least_mixed for q in found),
        "shifts": sum(q.shifts for q in found), "least_shifts": sum(q.least_shifts for q in found),
        "university_pairs_over_best": round(sum(q.university_pairs for q in found)
                                            / sum(q.least_university_pairs for q in found), 4),
        "direction_pairs_over_best": round(sum(q.direction_pairs for q in found)
                                           / sum(q.least_direction_pairs for q in found), 4),
    }  # fmt: skip


def main() -> None:
    """Measure both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    options = parser.parse_args()
    found = [measure(20_000, 1), measure(150_000, 40)]
    text = json.dumps(found, indent=1) + "\n"
    print(text, end="")
    if options.json:
        options.json.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
