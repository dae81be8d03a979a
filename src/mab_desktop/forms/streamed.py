"""A PDF that is written page by page: reportlab keeps every page in memory until the end, this one lets it go at once.

What a page alone uses (its content, its pictures) is written and forgotten with it; forms and typefaces, which later
pages share, are written last. Memory grows by a few numbers a page, whatever stands on it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from reportlab import rl_config
from reportlab.pdfbase.pdfdoc import (
    PDFDocument,
    PDFFormXObject,
    PDFImageXObject,
    PDFIndirectObject,
    PDFObject,
    PDFObjectReference,
    PDFPage,
    PDFPages,
    PDFTrailer,
)
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

rl_config.useA85 = 0  # bytes as they are: a fifth smaller, and no printer minds
_HEADER = b"%PDF-1.4\n%\x93\x8c\x8b\x9e PDF\n"
_SPELLED = 4000  # texts whose spelling is remembered
_UNKNOWN = 0  # no object lies at the beginning of the file


class _Numbers(dict[str, tuple[int, int]]):
    """Object numbers by name; a name that is asked for before its object is there gets its number now."""

    def __init__(self, document: StreamedDocument) -> None:
        super().__init__()
        self._document = document

    def __missing__(self, name: str) -> tuple[int, int]:
        return self._document.reserve(name)


class _Kids(PDFPages):  # type: ignore[misc]
    """The list of pages, of whom only the numbers are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = array("L")

    def check_format(self, _document: PDFDocument) -> None:
        """As reportlab asks before it writes the list."""
        self.Kids, self.Count = _Numbered(self.numbers), len(self.numbers)


class _Numbered(PDFObject):  # type: ignore[misc]
    """References by number."""

    def __init__(self, numbers: array[int]) -> None:
        self._numbers = numbers

    def format(self, _document: PDFDocument) -> bytes:
        """As a PDF array."""
        return b"[ %s ]" % b" ".join(b"%d 0 R" % number for number in self._numbers)


class StreamedDocument(PDFDocument):  # type: ignore[misc]
    """reportlab's document, whose pages go to `out` as they are finished."""

    def __init__(self, out: BinaryIO, *, lang: str) -> None:
        self._out, self._at, self._places = out, 0, array("Q", [_UNKNOWN])
        super().__init__(compression=1, invariant=1, lang=lang)
        known = dict(self.idToObjectNumberAndVersion)
        self.idToObjectNumberAndVersion: dict[str, tuple[int, int]] = _Numbers(self)
        self.idToObjectNumberAndVersion.update(known)
        self.Pages = self.Catalog.Pages = _Kids()
        self._shared: set[str] = set()  # pictures on forms
        self._write(_HEADER)

    # -- numbers and names

    def reserve(self, name: str) -> tuple[int, int]:
        """A number for an object that is still to come."""
        self.objectcounter += 1
        number = (self.objectcounter, 0)
        self.idToObjectNumberAndVersion[name] = number
        self.numberToId[self.objectcounter] = name
        return number

    def Reference(self, obj: Any, name: str | None = None) -> Any:  # noqa: N802
        """Register an object, under the number that was kept for its name if there is one."""
        if name not in self.idToObjectNumberAndVersion or name in self.idToObject:
            return super().Reference(obj, name)
        if isinstance(obj, PDFObject):
            obj.__InternalName__ = name
        self.idToObject[name] = obj
        return PDFObjectReference(name)

    def addForm(self, name: str, form: PDFObject) -> None:  # noqa: N802
        """Add a form, or a picture; those drawn on a form stay with it."""
        super().addForm(name, form)
        if isinstance(form, PDFFormXObject) and form.XObjects:
            self._shared.update(form.XObjects.dict)

    # -- pages go at once

    def addPage(self, page: PDFPage) -> None:  # noqa: N802
        """Write a page with what it alone uses, and forget it."""
        name = self.thisPageName()
        self.Reference(page, name)
        self.Pages.numbers.append(self.idToObjectNumberAndVersion[name][0])
        self.pageCounter += 1
        self.inObject = None
        self._release(name)
        self._release(page.Contents.__InternalName__)
        for used in page.XObjects.dict if page.XObjects else ():
            picture = self.idToObject.get(used)
            if isinstance(picture, PDFImageXObject) and used not in self._shared:
                self._release(used)
                if mask := getattr(picture, "smask", None):
                    self._release(mask.name)

    def _release(self, name: str) -> None:
        number = self._put(name)
        del self.idToObject[name], self.idToObjectNumberAndVersion[name], self.numberToId[number]

    def _put(self, name: str) -> int:
        """Write one object; its number."""
        number: int = self.idToObjectNumberAndVersion[name][0]
        written = PDFIndirectObject(name, self.idToObject[name]).format(self)
        if number >= len(self._places):
            self._places.extend([_UNKNOWN] * (number + 1 - len(self._places)))
        self._places[number] = self._at
        self._write(written)
        return number

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)

    # -- the end

    def SaveToFile(self, _file: object, canvas: Canvas) -> None:  # noqa: N802
        """Write what pages share, and the table of places."""
        for font in self.delayedFonts:
            font.addObjects(self)
        self.info.invariant = self.invariant
        self.info.digest(self.signature)
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        self.Outlines.prepare(self, canvas)
        if self.Outlines.ready < 0:
            self.Catalog.Outlines = None
        while (waiting := min(self.numberToId, default=0)) > 0:  # writing one may bring others
            self._put(self.numberToId[waiting])
            del self.numberToId[waiting]
        begin = self._at
        for part in self._table():
            self._write(part)
        size = len(self._places)
        self._write(PDFTrailer(startxref=begin, Size=size, Root=root, Info=info, ID=self.ID()).format(self))

    def _table(self) -> Iterator[bytes]:
        """The cross-reference table (PDF 32000-1, 7.5.4): 20 bytes a line."""
        yield b"xref\n0 %d\n0000000000 65535 f \n" % len(self._places)
        for place in self._places[1:]:
            yield b"%010d 00000 n \n" % place


class StreamedCanvas(Canvas):  # type: ignore[misc]
    """A canvas over a StreamedDocument: a page is with the file as soon as it is shown.

    What forms draw thousands of times, a line of text, a rule, a box, goes the short way; what is asked of them beyond
    that goes reportlab's.
    """

    def __init__(self, out: BinaryIO, pagesize: tuple[float, float], *, font: str, size: float, lang: str) -> None:
        super().__init__(
            out, pagesize=pagesize, initialFontName=font, initialFontSize=size, invariant=1, pageCompression=1,
            lang=lang,
        )  # fmt: skip
        self._doc = StreamedDocument(out, lang=lang)
        self._spelled: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def drawString(self, x: float, y: float, text: str, *more: Any, **other: Any) -> None:  # noqa: N802
        """Set one line of text in the present typeface."""
        if more or other:
            super().drawString(x, y, text, *more, **other)
            return
        size = f"{self._fontsize:.7g}"
        shown = " ".join(f"{face} {size} Tf ({letters}) Tj" for face, letters in self._spell(text))
        self._code.append(f"BT 1 0 0 1 {x:.7g} {y:.7g} Tm {shown} ET")

    def _spell(self, text: str) -> list[tuple[str, str]]:
        """The text as the subsets of the typeface in this document spell it."""
        found = self._spelled.get((self._fontname, text))
        if found is None:
            font = getFont(self._fontname)
            found = [(font.getSubsetInternalName(subset, self._doc), self._escape(letters))
                     for subset, letters in font.splitString(text, self._doc)]  # fmt: skip
            if len(self._spelled) >= _SPELLED:
                self._spelled.clear()
            self._spelled[self._fontname, text] = found
        return found

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A line."""
        self._code.append(f"n {x1:.7g} {y1:.7g} m {x2:.7g} {y2:.7g} l S")

    def lines(self, linelist: Iterable[tuple[float, float, float, float]]) -> None:
        """Lines in one path."""
        path = " ".join(f"{x1:.7g} {y1:.7g} m {x2:.7g} {y2:.7g} l" for x1, y1, x2, y2 in linelist)
        self._code.append(f"n {path} S")

    def rect(self, x: float, y: float, width: float, height: float, stroke: int = 1, fill: int = 0) -> None:
        """A box."""
        if (stroke, fill) == (1, 0):
            self._code.append(f"n {x:.7g} {y:.7g} {width:.7g} {height:.7g} re S")
        else:
            super().rect(x, y, width, height, stroke, fill)
