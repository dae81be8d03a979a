"""What the reader says about a page: a code for programs, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mab_desktop.i18n import N_, fill, translate

# Refusals: the page is not read, a person looks at the paper.
REFUSALS = {
    "unreadable-file": N_("The file cannot be opened as an image: {detail}."),
    "too-large": N_("The image is larger than the program accepts: {detail}."),
    "page-crashed": N_("The file is made so that it cannot be opened safely ({detail}). It was left out."),
    "page-slow": N_("The file could not be opened within {seconds} seconds. It was left out."),
    "page-memory": N_("The file asks for more memory than an image may take. It was left out."),
    "resolution": N_("The scan has about {dpi} dots per inch; between 140 and 620 are needed. Scan at 200."),
    "blank-page": N_("The page is empty or one colour. Is it the back of a sheet?"),
    "low-contrast": N_("The scan is too pale or too dark to tell ink from paper. Look at the scanner's brightness and "
                       "scan again."),
    "missing-corners": N_("The black squares of the sheet are not all there: {found} of 6 were found. Lay the sheet in "
                          "whole and straight and scan again."),
    "orientation": N_("It is not clear which side of the sheet is up: the black mark at its left edge and its code "
                      "cannot be seen. Scan again, or read the sheet by eye."),
    "mirrored": N_("The image is mirrored: left is right. Switch mirroring off in the scanner's settings."),
    "shape": N_("The page is distorted: width and height do not fit a sheet."),
    "fit": N_("The black squares do not stand where a sheet has them (off by {error:.1f} mm)."),
    "wrong-form": N_("This is another form than the one of this exam."),
    "training-sheet": N_("This is a training sheet: it does not count in the real exam."),
    "two-sheets": N_("Two sheets seem to have gone through the scanner at once."),
    "codes-disagree": N_("Two readers read the code of this page differently: {first} and {second}."),
    "cut-off": N_("A part of the sheet with bubbles lies outside the image."),
    "streak": N_("A streak of the scanner goes through bubbles. Clean the glass and scan again; a line that stays is "
                 "on the paper: read the sheet by eye."),
    "fold": N_("A fold or a broad shadow goes through bubbles all along the sheet. Smooth the paper and scan again, or "
               "read the sheet by eye."),
    "covered": N_("A part of the printed bubbles cannot be seen: folded, covered or damaged. Lay the sheet flat and "
                  "scan again, or read it by eye."),
    "pale-print": N_("The printed bubbles hardly show: the printer had too little toner, or the scanner is set too "
                     "light. Set it darker and scan again, or read the sheet by eye."),
    "pale-ink": N_("The sheet is written on, but its marks are too pale, thin or small to be told from paper. Set "
                   "the scanner darker and scan again, or read the sheet by eye."),
    "small-marks": N_("The marks are dark, but so small that they can hardly be told from the print. Read the sheet by "
                      "eye."),
    "marks-beside": N_("Hardly anything is marked in the bubbles; there is ink beside, below or around them. Read the "
                       "sheet by eye."),
    "bilevel-lost": N_("The scan has no grays, and too much of marks or print is lost in it. Set the scanner to gray, "
                       "not too light, and scan again."),
}
# Warnings: the page is read, the person is told.
WARNINGS = {
    "corner-lost": N_("One black square is missing or damaged; the others were enough."),
    "mark-lost": N_("The black mark that tells which side is up is pale or hidden; the sheet's code told it."),
    "bilevel": N_("The scan is black and white only. Set the scanner to gray."),
    "drops-ink": N_("The scan has no grays and has lost some of the ink; where a row looks empty you are asked. "
                    "Set the scanner to gray."),
    "no-code": N_("The sheet's code could not be read; its serial number is not known."),
    "streak-beside": N_("The scanner leaves a streak beside the bubbles. Clean the glass."),
    "streak-through": N_("A thin streak of the scanner crosses bubbles; where it may hide a mark you are asked. "
                         "Clean the glass."),
    "fold-through": N_("A fold or a shadow crosses bubbles all along the sheet; where it may hide a mark you are "
                       "asked."),
    "print-fades": N_("The print of the form fades in a part of the page; where a bubble cannot be seen you are asked. "
                      "Look after the printer's toner."),
    "perspective": N_("The page is not flat, as in a photograph."),
    "bent": N_("The sheet is bent in the image: the paper did not run evenly. Clean the scanner's rollers."),
    "sideways": N_("The page lies on its side."),
    "long-page": N_("The image is longer than the sheet: were two sheets fed at once?"),
    "negative": N_("The image is a negative; it was turned into a positive."),
}


@dataclass(frozen=True, slots=True)
class PageProblem:
    """One problem of a page by its code, with what fills its sentence."""

    code: str
    params: tuple[tuple[str, Any], ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether the page is not to be read with it."""
        return self.code in REFUSALS

    def message(self, lang: str) -> str:
        """The sentence in `lang`."""
        shown = {name: translate(lang, value) if isinstance(value, str) else value for name, value in self.params}
        return fill(lang, translate(lang, REFUSALS.get(self.code) or WARNINGS[self.code]), shown)


class PageRefused(Exception):
    """A page that must not be read; carries the problem by name."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = PageProblem(code, tuple(sorted(params.items())))
