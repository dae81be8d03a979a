"""A PDF that breaks off: which of its pages are whole, and a PDF of them that can be opened.

The table of objects stands at a PDF's end, so that a file that was cut off opens nowhere, although most of its pages
may lie in it with all that they show. Objects are looked for as they stand in the file (ISO 32000-1, 7.3.10); those
packed into object streams are not seen: a page that needs one is not whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BEGINS, _ENDS = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b"), re.compile(rb"\bstream\r?\n|\bendobj\b")
_REFERENCE = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+R\b")
_KIDS, _PAGES = re.compile(rb"/Kids\s*\[([^\]]*)\]"), re.compile(rb"/Pages\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_PARENT = re.compile(rb"/Parent\s+\d{1,9}\s+\d{1,5}\s+R\b")
_OF_ITS_OWN = (b"/MediaBox", b"/Resources")  # what a page may have from a tree that is lost
_DEEPEST, _MOST = 50, 4_000

Objects = Mapping[int, bytes]  # number -> what stands before its stream


@dataclass(frozen=True, slots=True)
class TornPdf:
    """`data` opens and has a page for each of `whole`; only where it says True all of the page is there.

    `counted`: the file says how many pages it has. Where it does not, the last of `whole` stands for all that is lost.
    """

    data: bytes
    whole: tuple[bool, ...]
    counted: bool


def mended(data: bytes) -> TornPdf | None:
    """What can be saved of a PDF that does not open; None where no page is found, or all is locked."""
    if b"/Encrypt" in data:
        return None
    objects, end = _objects(data)
    root = next((number for number, head in objects.items() if _is(head, b"Catalog")), 0)
    tree = _PAGES.search(objects.get(root, b""))
    if tree and int(tree[1]) in objects:
        kids = _leaves(objects, int(tree[1]))
        whole = tuple(_is_whole(objects, number) for number in kids)
        return TornPdf(_closed(data[:end], root), whole, counted=True) if any(whole) else None
    leaves = ((number, head) for number, head in objects.items() if _is(head, b"Page"))
    pages = [number for number, head in leaves if all(own in head for own in _OF_ITS_OWN)]
    whole = tuple(_is_whole(objects, number) for number in pages)
    if not any(whole):
        return None
    lost, root = max(objects) + 1, max(objects) + 2
    kids_words = b" ".join(b"%d 0 R" % number for number in (*pages, lost + 2))
    tree_words = b"\n%d 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (lost, len(pages) + 1, kids_words)
    catalog = b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (root, lost)
    return TornPdf(_closed(data[:end] + tree_words + catalog, root), (*whole, False), counted=False)


def _objects(data: bytes) -> tuple[dict[int, bytes], int]:
    """The objects that are there to their end, and where the last of them ends; of one said twice the last counts."""
    found: dict[int, bytes] = {}
    at = 0
    while begins := _BEGINS.search(data, at):
        ends = _ENDS.search(data, begins.end())
        if ends is None:
            break
        end = ends.end()
        if ends[0] != b"endobj":
            behind = data.find(b"endstream", end)
            last = data.find(b"endobj", behind) if behind >= 0 else -1
            if last < 0:
                break
            end = last + len(b"endobj")
        found.pop(int(begins[1]), None)
        found[int(begins[1])] = data[begins.end() : ends.start()]
        at = end
    return found, at


def _is(head: bytes, kind: bytes) -> bool:
    return re.search(rb"/Type\s*/" + kind + rb"\b", head) is not None


def _leaves(objects: Objects, tree: int, depth: int = 0) -> list[int]:
    """The pages of a tree in their order; what is not there counts as one page."""
    kids = _KIDS.search(objects.get(tree, b""))
    if kids is None or depth > _DEEPEST:
        return [tree]
    found: list[int] = []
    for kid in _REFERENCE.finditer(kids[1]):
        found += _leaves(objects, int(kid[1]), depth + 1)
        if len(found) > _MOST:
            break
    return found


def _is_whole(objects: Objects, page: int) -> bool:
    """Whether everything that a page refers to is there."""
    seen, waiting = set[int](), [page]
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        if number not in objects or len(seen) > _MOST:
            return False
        seen.add(number)
        waiting += [int(found[1]) for found in _REFERENCE.finditer(_PARENT.sub(b"", objects[number]))]
    return True


def _closed(data: bytes, root: int) -> bytes:
    """The objects with a trailer behind them: without a table the reader looks for them itself."""
    return data + b"\ntrailer\n<</Root %d 0 R>>\nstartxref\n0\n%%%%EOF\n" % root
