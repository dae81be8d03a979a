"""Bubbles as arrays: what the reader needs of a sheet, ours or any other one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import Bubble, SheetLayout

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

LEVELLED = 1e-6 * np.eye(3)  # a trace of weight that keeps a plane level where blocks stand in one line
BLOCK_BUBBLES = 25
SMALL_CLASS = 5
UPRIGHT = 0.5  # mm aside from each other of bubbles that stand one under the other
BESIDE = 3.2  # radii to the middle of a bubble right beside another one
KEPT = 16  # lists of bubbles whose arrays are kept


@dataclass(frozen=True, eq=False)
class BlockTable:
    """All bubbles as a table (blocks, most), so that whole pages are computed at once.

    Rows that are shorter repeat their first bubble where `real` is false. `bubbles` are indices of the geometry,
    `counts` (blocks,) the bubbles of each block, `slots` (n,) where in the flat table each bubble stands.
    """

    bubbles: Ints
    real: NDArray[np.bool_]
    counts: Floats
    slots: Ints


@dataclass(frozen=True, eq=False)
class Geometry:
    """A list of bubbles with its groups, blocks and print classes.

    `xy` (n, 2) and `radii` (n, 2) in mm. `members` (groups, most) holds bubble indices, -1 where a group is shorter.
    `block` (n,) numbers small patches of neighbours that share one local correction. `kind` (n,) numbers bubbles with
    the same print inside; kinds with fewer than `SMALL_CLASS` bubbles are -1. `even_print`: no kind is printed much
    darker than all others, as on our own sheet.
    """

    bubbles: tuple[Bubble, ...]
    xy: Floats
    radii: Floats
    keys: tuple[tuple[str, int], ...]
    members: Ints
    block: Ints
    kind: Ints
    even_print: bool = False

    @cached_property
    def block_count(self) -> int:
        """Number of blocks."""
        return int(self.block.max()) + 1

    @cached_property
    def block_centres(self) -> Floats:
        """(blocks, 2) mean position of each block in mm."""
        count = np.bincount(self.block).astype(np.float32)
        sums = [np.bincount(self.block, weights=self.xy[:, axis]) for axis in (0, 1)]
        return (np.stack(sums, axis=1) / count[:, None]).astype(np.float32)

    @cached_property
    def gaps(self) -> NDArray[np.bool_]:
        """(groups, most) where a group is shorter than the longest."""
        return self.members < 0

    @cached_property
    def fields(self) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
        """Each field with its columns, and which group each of them is."""
        found: dict[str, list[tuple[int, int]]] = {}
        for n, (field, column) in enumerate(self.keys):
            found.setdefault(field, []).append((column, n))
        return tuple((field, tuple(columns)) for field, columns in found.items())

    @cached_property
    def first(self) -> Ints:
        """Members with the gaps filled by the group's own first bubble: safe to index with."""
        return np.where(self.members >= 0, self.members, self.members[:, :1])

    @cached_property
    def usual(self) -> tuple[float, float]:
        """Half axes in mm of the usual bubble."""
        middle = np.median(self.radii, axis=0)
        return round(float(middle[0]), 3), round(float(middle[1]), 3)

    @cached_property
    def sizes(self) -> tuple[Floats, Ints]:
        """(sizes, 2) different factors of the usual size, and (blocks,) which of them each block's bubbles have."""
        sizes, which = np.unique(self.block_size, axis=0, return_inverse=True)
        return sizes, which.reshape(-1)

    @cached_property
    def block_size(self) -> Floats:
        """(blocks, 2) factor of the usual size of each block's bubbles."""
        factor = np.ones((self.block_count, 2), dtype=np.float32)
        factor[self.block] = self.radii / np.array(self.usual, dtype=np.float32)
        return factor

    @cached_property
    def by_block(self) -> tuple[Ints, Ints]:
        """Bubbles in the order of their blocks, and (blocks + 1,) where each block begins in it."""
        order = np.argsort(self.block, kind="stable")
        return order, np.concatenate([[0], np.cumsum(np.bincount(self.block))])

    @cached_property
    def block_table(self) -> BlockTable:
        """The bubbles as a table with a row for each block."""
        order, begins = self.by_block
        counts = np.diff(begins)
        slots = np.empty(len(order), dtype=np.intp)
        slots[order] = self.block[order] * counts.max() + np.arange(len(order)) - np.repeat(begins[:-1], counts)
        real = np.arange(counts.max()) < counts[:, None]
        bubbles = np.repeat(order[begins[:-1]], counts.max())
        bubbles[slots] = np.arange(len(order))
        return BlockTable(bubbles.reshape(real.shape), real, counts.astype(np.float32), slots)

    @cached_property
    def block_plane(self) -> NDArray[np.float64]:
        """(blocks, 3) what a plane over the page is fitted with: 1, x and y in decimetres from the middle block."""
        places = self.block_centres.astype(np.float64)
        return np.concatenate([np.ones((len(places), 1)), (places - places.mean(axis=0)) / 100], axis=1)

    @cached_property
    def plane_of_all(self) -> NDArray[np.float64]:
        """(blocks, blocks) what gives a plane's values at all blocks from those of all blocks."""
        known = self.block_plane
        return np.asarray(known @ np.linalg.solve(known.T @ known + LEVELLED, known.T), dtype=np.float64)

    @cached_property
    def framed(self) -> NDArray[np.float64]:
        """(3 + n, 2) the middle of the blocks, a mm to the right of it and a mm down, then the bubbles; in mm."""
        middle = self.block_centres.mean(axis=0, dtype=np.float64)
        return np.concatenate([np.stack([middle, middle + (1, 0), middle + (0, 1)]), self.xy])

    @cached_property
    def block_nearness(self) -> Floats:
        """(blocks, blocks) how much one block says about another: less, the farther they are apart."""
        apart = np.linalg.norm(self.block_centres[:, None] - self.block_centres[None], axis=2)
        return np.asarray(np.exp(-((apart / 30.0) ** 2)), dtype=np.float32)

    @cached_property
    def kind_sizes(self) -> Ints:
        """(kinds,) number of bubbles of each kind."""
        return np.bincount(self.kind[self.kind >= 0]) if (self.kind >= 0).any() else np.zeros(0, dtype=np.intp)

    @cached_property
    def kind_tables(self) -> tuple[tuple[Ints, Ints], ...]:
        """Kinds with the same number of bubbles together: their numbers, and (kinds, size) their bubbles."""
        order = np.argsort(self.kind, kind="stable")
        ends = len(order) - int(self.kind_sizes.sum()) + np.cumsum(self.kind_sizes)
        found = []
        for size in np.unique(self.kind_sizes):
            kinds = np.flatnonzero(self.kind_sizes == size)
            found.append((kinds, np.stack([order[end - size : end] for end in ends[kinds]])))
        return tuple(found)

    @cached_property
    def strips(self) -> tuple[Ints, ...]:
        """Bubbles that stand one under the other, all over the sheet, from the left to the right."""
        order = np.argsort(self.xy[:, 0], kind="stable")
        return tuple(np.split(order, np.flatnonzero(np.diff(self.xy[order, 0]) > UPRIGHT) + 1))

    @cached_property
    def tops(self) -> Ints:
        """(groups,) the uppermost bubble of each group that stands upright, below a cell for handwriting; else -1."""
        upright = np.ptp(self.xy[self.first, 0], axis=1) < self.usual[0]
        rows = np.where(self.gaps, np.inf, self.xy[self.first, 1])
        tops = self.members[np.arange(len(self.members)), np.argmin(rows, axis=1)]
        return np.where(upright & (np.count_nonzero(~self.gaps, axis=1) > 1), tops, -1)

    @cached_property
    def neighbours(self) -> Ints:
        """(n, most) the bubbles right beside each one, in its own group and others; itself where it has fewer."""
        apart = np.linalg.norm(self.xy[:, None] - self.xy[None], axis=2)
        near = apart < BESIDE * self.radii.max(axis=1)[:, None]
        order = np.argsort(np.where(near, apart, np.inf), axis=1, kind="stable")[:, : int(near.sum(axis=1).max())]
        return np.where(np.take_along_axis(near, order, axis=1), order, order[:, :1])

    @cached_property
    def group_of(self) -> Ints:
        """(n,) the group of each bubble."""
        owner = np.zeros(len(self.bubbles), dtype=np.intp)
        for index, members in enumerate(self.members):
            owner[members[members >= 0]] = index
        return owner

    def groups_with(self, bubbles: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(groups,) those with one of the `bubbles` (n,)."""
        found = np.zeros(len(self.members), dtype=bool)
        found[self.group_of[bubbles]] = True
        return found


def geometry_of(bubbles: Sequence[Bubble]) -> Geometry:
    """Arrays of a bubble list; the work is kept for the lists seen last."""
    return _geometry(tuple(bubbles))


def layout_geometry(layout: SheetLayout) -> Geometry:
    """Arrays of our own sheet; layouts are few and long-lived, so their identity is enough to find them again."""
    known = _BY_LAYOUT.get(id(layout))
    if known is None or known[0] is not layout:
        known = layout, replace(_geometry(layout.bubbles), even_print=True)
        _BY_LAYOUT[id(layout)] = known
    return known[1]


_BY_LAYOUT: dict[int, tuple[SheetLayout, Geometry]] = {}


@lru_cache(maxsize=KEPT)
def _geometry(bubbles: tuple[Bubble, ...]) -> Geometry:
    if not bubbles:
        raise ValueError("no bubbles")
    groups: dict[tuple[str, int], list[int]] = {}
    for index, bubble in enumerate(bubbles):
        groups.setdefault((bubble.field, bubble.column), []).append(index)
    most = max(len(members) for members in groups.values())
    members = np.full((len(groups), most), -1, dtype=np.intp)
    for row, found in enumerate(groups.values()):
        members[row, : len(found)] = found
    xy = np.array([(b.x, b.y) for b in bubbles], dtype=np.float32)
    return Geometry(
        bubbles=bubbles,
        xy=xy,
        radii=np.array([(b.rx, b.ry) for b in bubbles], dtype=np.float32),
        keys=tuple(groups),
        members=members,
        block=_blocks(bubbles, xy),
        kind=_kinds(bubbles, groups),
    )


def _blocks(bubbles: Sequence[Bubble], xy: Floats) -> Ints:
    """Halve each field along its longer side until its pieces are small: neighbours stay together."""
    block = np.zeros(len(bubbles), dtype=np.intp)
    fields: dict[tuple[str, float, float], list[int]] = {}
    for index, bubble in enumerate(bubbles):
        fields.setdefault((bubble.field, bubble.rx, bubble.ry), []).append(index)
    todo = [np.array(indices) for indices in fields.values()]
    number = 0
    while todo:
        indices = todo.pop()
        if len(indices) <= BLOCK_BUBBLES:
            block[indices] = number
            number += 1
            continue
        spread = np.ptp(xy[indices], axis=0)
        axis = int(np.argmax(spread))
        order = indices[np.argsort(xy[indices, axis], kind="stable")]
        parts = -(-len(indices) // BLOCK_BUBBLES)
        todo.extend(np.array_split(order, 2 if parts % 2 == 0 else parts))
    return block


def _kinds(bubbles: Sequence[Bubble], groups: dict[tuple[str, int], list[int]]) -> Ints:
    """Bubbles of the same value in groups with the same list of values carry the same print."""
    names: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for found in groups.values():
        values = tuple(bubbles[i].value for i in found)
        for index in found:
            names.setdefault((values, bubbles[index].value), []).append(index)
    kind = np.full(len(bubbles), -1, dtype=np.intp)
    number = 0
    for indices in names.values():
        if len(indices) >= SMALL_CLASS:
            kind[indices] = number
            number += 1
    return kind
