"""The page all documents share: letterhead, title, facts, running head, footer, marks, and the break between pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, TypeVar

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.organisation import TRAINING
from mab_desktop.forms import fonts
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, Words, fitted, put, put_lines, width, wrap
from mab_desktop.forms.streamed import StreamedCanvas
from mab_desktop.i18n import N_

SIDE: float = 15 * mm
EDGE: float = 12 * mm
HAIRLINE, THICK = 0.4, 1.6
BODY = 9.0
_FOOT = 14.0

MINISTRY = N_("Ministry of Education and Science of the Republic of Kazakhstan")
CENTRE = N_("National Testing Centre")
MAB = N_("MAB")
CONTINUED = N_("continued")
DUPLICATE = N_("Duplicate")

Fact = tuple[str, str]
"""A message id and the value printed after it."""
Document = TypeVar("Document")


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What the top of a document names: the season, the universities, the sitting. Empty parts are not printed.

    `mark` stands at the head of every further page, so that no page of another printing can be put in between.
    """

    year: int
    base_university: str = ""
    network_university: str = ""
    shift: int | None = None
    day: date | None = None
    building: str = ""
    hall: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the foot of a document tells: when, by what, from which state of the log, which copy."""

    printed_at: datetime
    program: str
    log_head: str
    copy_no: int = 1
    copies: int = 1
    reprint: bool = False
    test_mode: bool = False


def shown_date(day: date | None) -> str:
    """A date as printed, 14.05.2011; "" for none."""
    return day.strftime("%d.%m.%Y") if day else ""


def printed(
    documents: Iterable[Document],
    body: Callable[[Sheet, Document], None],
    lang: str,
    out: BinaryIO | None,
    *,
    landscape: bool = False,
    bilingual: bool = True,
) -> bytes:
    """Draw each document with `body`, each with its own page numbers, into one PDF; b"" when it went to `out`."""
    sheet = Sheet(lang, out, landscape=landscape, bilingual=bilingual)
    for document in documents:
        body(sheet, document)
    return sheet.finish()


class Sheet:
    """Paper being filled from the top down: a canvas, the words of its language and a cursor `y`.

    The total of pages stands in a small form object that is drawn last, so no document is laid out twice. A page is
    written as soon as it is full and never held.
    """

    def __init__(
        self, lang: str, out: BinaryIO | None = None, *, landscape: bool = False, bilingual: bool = True
    ) -> None:
        fonts.register()
        self.words = Words(lang, bilingual)
        self.width: float = A4[1] if landscape else A4[0]
        self.height: float = A4[0] if landscape else A4[1]
        self.left: float = SIDE
        self.right: float = self.width - SIDE
        self.bottom: float = EDGE + _FOOT
        self.y: float = self.height - EDGE
        self.page = 0
        self.on_new_page: Callable[[], None] | None = None
        self._own = io.BytesIO()
        self.canvas: Canvas = StreamedCanvas(
            self._own if out is None else out, (self.width, self.height), font=REGULAR, size=BODY, lang=lang
        )
        self._chapter = 0
        self._title, self._head = "", DocumentHead(0)
        self._imprint: Imprint | None = None
        self._marks: set[str] = set()

    # -- documents and pages

    def begin(
        self,
        title: str,
        head: DocumentHead,
        imprint: Imprint,
        *,
        subtitle: str = "",
        facts: Sequence[Fact] = (),
        bare: bool = False,
    ) -> None:
        """Start a document on a new page: letterhead, title (a message id), subtitle (a message id), facts of `head`.

        A `bare` document draws its pages itself and only gets footer and marks.
        """
        self._close_document()
        self._chapter += 1
        self.page = 0
        self._title, self._head, self._imprint = title, head, imprint
        if self._chapter == 1:
            self.canvas.setTitle(self.words(title))
            self.canvas.setAuthor(self.words(CENTRE))
            self.canvas.setCreator(imprint.program)
        self._open_page()
        if not bare:
            self._letterhead()
            self._titles(title, subtitle)
            self._facts(facts)

    def room(self) -> float:
        """Height left on this page."""
        return self.y - self.bottom

    def page_room(self) -> float:
        """Height a continuation page offers."""
        return self.height - EDGE - 2 * BODY - self.bottom

    def need(self, height: float) -> None:
        """Go to the next page unless `height` is left here; what never fits on a page does not cause a break."""
        if height > self.room() and (height <= self.page_room() or self.room() < self.page_room() / 2):
            self.break_page()

    def break_page(self) -> None:
        """End this page and open the next with the running head and, inside a table, its head."""
        self._close_page()
        self._open_page()
        self._running_head()
        if self.on_new_page:
            self.on_new_page()

    def next_bare_page(self) -> None:
        """End this page and open an empty one, without a running head."""
        self._close_page()
        self._open_page()

    def finish(self) -> bytes:
        """End the last document; gives the PDF, or b"" when a file was given."""
        self._close_document()
        self.canvas.save()
        return self._own.getvalue()

    # -- text down the page

    def gap(self, height: float) -> None:
        """Leave `height` empty."""
        self.y -= height

    def paragraph(
        self,
        text: str,
        size: float = BODY,
        font: str = REGULAR,
        align: str = "left",
        indent: float = 0,
        keep: float = 0,
    ) -> None:
        """Set running text over the page's width, breaking pages between lines; `keep` more height stays with it."""
        lines = wrap(text, self.right - self.left - indent, font, size)
        x = {"left": self.left + indent, "right": self.right, "center": (self.left + self.right + indent) / 2}[align]
        for no, line in enumerate(lines):
            self.need(size * LEADING + (keep if no == len(lines) - 1 else 0))
            self.y = put_lines(self.canvas, x, self.y, (line,), size, font, align)

    def caption(self, msgid: str, keep: float = 60, **params: object) -> None:
        """The heading of a part of the document, with the Russian after it; stays with what follows."""
        self.gap(6)
        self.need(2 * BODY * LEADING + keep)
        self.paragraph(self.words(msgid, **params), 10, BOLD)
        if below := self.words.below(msgid, **params):
            self.paragraph(below, SMALLEST + 0.5)
        self.gap(3)

    def statement(self, msgid: str, align: str = "left", **params: object) -> None:
        """A sentence of the document, with the Russian beneath it."""
        self.paragraph(self.words(msgid, **params), BODY, REGULAR, align)
        if below := self.words.below(msgid, **params):
            self.paragraph(below, SMALLEST, REGULAR, align)

    def rule(self, weight: float = HAIRLINE) -> None:
        """A line across the page at the cursor."""
        self.canvas.setLineWidth(weight)
        self.canvas.line(self.left, self.y, self.right, self.y)

    def facts(self, facts: Sequence[Fact]) -> None:
        """Short facts side by side, label and bold value, as many to a line as fit."""
        x = self.left
        for label, value in facts:
            name = f"{self.words.both(label)}: "
            label_width = width(name, REGULAR, BODY)
            room = self.right - self.left - label_width
            lines = wrap(value or "–", room, BOLD, BODY)
            wide = label_width + max(width(line, BOLD, BODY) for line in lines)
            if x > self.left and (x + wide > self.right or len(lines) > 1):
                x, self.y = self.left, self.y - BODY * LEADING - 1
            self.need(len(lines) * BODY * LEADING)
            put_lines(self.canvas, x, self.y, (name,), BODY)
            below = put_lines(self.canvas, x + label_width, self.y, lines, BODY, BOLD)
            if len(lines) > 1:
                x, self.y = self.left, below - 1
            else:
                x += wide + 14
        if x > self.left:
            self.y -= BODY * LEADING + 1

    def stamp(self, name: str, draw: Callable[[], None]) -> None:
        """Place what looks the same on every page; drawn once, as a form object."""
        if name not in self._marks:
            self._marks.add(name)
            self.canvas.beginForm(name, 0, 0, self.width, self.height)
            draw()
            self.canvas.endForm()
        self.canvas.doForm(name)

    # -- the parts of a page

    def _close_document(self) -> None:
        if not self._chapter:
            return
        self.on_new_page = None
        self._close_page()
        self.canvas.beginForm(f"pages{self._chapter}", 0, -4, 40, 12)
        put(self.canvas, 0, 0, str(self.page), SMALLEST)
        self.canvas.endForm()

    def _open_page(self) -> None:
        self.page += 1
        self.y = self.height - EDGE
        self.test_mark()

    def test_mark(self) -> None:
        """The mark of a training across the page; once more for what was laid over it, a picture for one."""
        if self._imprint and self._imprint.test_mode:
            self.stamp("test", self._draw_test_mark)

    def _close_page(self) -> None:
        self._footer()
        self.canvas.showPage()

    def _draw_test_mark(self) -> None:
        canvas, text = self.canvas, self.words(TRAINING).upper()
        size = 0.78 * self.width / width(text, BOLD, 1)
        canvas.translate(self.width / 2, self.height / 2)
        canvas.rotate(52 if self.height > self.width else 32)
        canvas.setStrokeGray(0.45)
        canvas.setLineWidth(0.6)
        mark = canvas.beginText(-width(text, BOLD, size) / 2, -size * 0.35)
        mark.setFont(BOLD, size)
        mark.setTextRenderMode(1)
        mark.textOut(text)
        canvas.drawText(mark)

    def _letterhead(self) -> None:
        words, canvas, middle = self.words, self.canvas, (self.left + self.right) / 2
        year = f"{words(MAB)}-{self._head.year}"
        if not words.bilingual:
            for msgid in (MINISTRY, CENTRE):
                self.paragraph(words(msgid), BODY, REGULAR, "center")
            put_lines(canvas, self.right, self.height - EDGE, (year,), 11, BOLD, "right")
        else:
            self._letterhead_columns(year, middle)
        self.gap(2)
        self.rule(0.8)
        self.gap(1.6)
        self.rule()
        if self._imprint and self._imprint.reprint:
            self._duplicate_box()
        self.gap(10)

    def _letterhead_columns(self, year: str, middle: float) -> None:
        room, top = (self.right - self.left) * 0.43, self.y
        columns = ((self.left + room / 2, self.words), (self.right - room / 2, self.words.below))
        for x, say in columns:
            self.y = top
            for msgid in (MINISTRY, CENTRE):
                self.y = put_lines(
                    self.canvas, x, self.y, wrap(say(msgid), room, REGULAR, SMALLEST), SMALLEST, REGULAR, "center"
                )
        put_lines(self.canvas, middle, top - 1, (year,), 12, BOLD, "center")
        year_below = f"{self.words.below(MAB)}-{self._head.year}"
        put_lines(self.canvas, middle, top - 15, (year_below,), SMALLEST, REGULAR, "center")
        self.y = min(self.y, top - 26)

    def _duplicate_box(self) -> None:
        """In the margin above the head: beside a long title it would stand on its last letters, below it move lines."""
        text = self.words.both(DUPLICATE).upper()
        wide, base = width(text, BOLD, BODY) + 10, self.height - EDGE + 3
        self.canvas.setLineWidth(1)
        self.canvas.rect(self.right - wide, base, wide, 14)
        put(self.canvas, self.right - wide / 2, base + 3.8, text, BODY, BOLD, "center")

    def _titles(self, title: str, subtitle: str) -> None:
        size, lines = fitted(self.words(title).upper(), self.right - self.left, BOLD, 13)
        self.y = put_lines(self.canvas, self.width / 2, self.y, lines, size, BOLD, "center")
        if below := self.words.below(title):
            lines = wrap(below.upper(), self.right - self.left, REGULAR, BODY)
            self.y = put_lines(self.canvas, self.width / 2, self.y, lines, BODY, REGULAR, "center")
        if subtitle:
            self.gap(3)
            self.paragraph(self.words(subtitle), 10, BOLD, "center")
            self.paragraph(self.words.below(subtitle), SMALLEST + 0.5, REGULAR, "center")
        self.gap(5)

    def _facts(self, more: Sequence[Fact]) -> None:
        head = self._head
        universities: list[Fact] = [
            (N_("Base university"), head.base_university),
            (N_("Network university"), head.network_university),
        ]
        sitting: list[Fact] = [
            (N_("Shift"), str(head.shift or "")),
            (N_("Date"), shown_date(head.day)),
            (N_("Building"), head.building),
            (N_("Hall"), head.hall),
        ]
        before = self.y
        for fact in universities:
            self.facts([fact] if fact[1] else [])
        self.facts([*(fact for fact in sitting if fact[1]), *more])
        if self.y < before:
            self.gap(5)

    def _running_head(self) -> None:
        head, words = self._head, self.words
        place = [head.mark, words(N_("shift {no}"), no=head.shift) if head.shift else "", shown_date(head.day),
                 words(N_("hall {no}"), no=head.hall) if head.hall else "",
                 words(DUPLICATE).upper() if self._imprint and self._imprint.reprint else ""]  # fmt: skip
        right = " · ".join(part for part in place if part)
        title = f"{words(MAB)}-{head.year} · {words(self._title)} ({words(CONTINUED)})"
        room = self.right - self.left - width(right, REGULAR, SMALLEST) - 10
        lines = wrap(title, room, BOLD, SMALLEST)
        put_lines(self.canvas, self.right, self.y, (right,), SMALLEST, REGULAR, "right")
        self.y = put_lines(self.canvas, self.left, self.y, lines, SMALLEST, BOLD) - 1
        self.rule()
        self.gap(6)

    def _footer(self) -> None:
        imprint, words, y = self._imprint, self.words, EDGE + 2
        assert imprint is not None
        copy = words(N_("copy {no} of {n}"), no=imprint.copy_no, n=imprint.copies)
        page = words(N_("page {no} of"), no=self.page) + " "
        self.canvas.setLineWidth(HAIRLINE)
        self.canvas.line(self.left, y + 10, self.right, y + 10)
        at, log = imprint.printed_at.strftime("%d.%m.%Y %H:%M"), imprint.log_head[:12]
        left = words(N_("Printed {at} · {program} · log {head}"), at=at, program=imprint.program, head=log)
        put(self.canvas, self.left, y, left, SMALLEST)
        put(self.canvas, self.right, y, copy, SMALLEST, REGULAR, "right")
        x = self.left + (self.right - self.left) * 0.69
        put(self.canvas, x, y, page, SMALLEST)
        self.canvas.saveState()
        self.canvas.translate(x + width(page, REGULAR, SMALLEST), y)
        self.canvas.doForm(f"pages{self._chapter}")
        self.canvas.restoreState()
