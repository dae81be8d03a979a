"""What is said of printer, paper, scanner and glass: each remark by a code, a sentence, what to do, how grave it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mab_desktop.i18n import N_, fill, translate
from mab_desktop.omr.problems import REFUSALS, WARNINGS, PageProblem


class Verdict(StrEnum):
    """How fit printer, paper, scanner or glass are; the later the worse."""

    GOOD = "good"
    REMARK = "remark"
    BAD = "bad"


VERDICTS = {
    Verdict.GOOD: N_("Good: fit for the exam."),
    Verdict.REMARK: N_("Usable, with a remark."),
    Verdict.BAD: N_("Not usable."),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing found, by its code, with what fills its sentences."""

    code: str
    verdict: Verdict
    params: tuple[tuple[str, Any], ...] = ()

    def message(self, lang: str) -> str:
        """What was found, in `lang`; the words of the reader where the code is one of its own."""
        text, params = self.spelled()
        told = {name: translate(lang, value) if isinstance(value, str) else value for name, value in params}
        return fill(lang, translate(lang, text), told)

    def spelled(self) -> tuple[str, tuple[tuple[str, Any], ...]]:
        """The message id and what fills it, message ids among that, for whoever says it later."""
        text = WORDS[self.code][0] if self.code in WORDS else REFUSALS.get(self.code) or WARNINGS[self.code]
        return text, tuple((name, EDGES[value] if name == "edge" else value) for name, value in self.params)

    def advice(self, lang: str) -> str:
        """What to do about it, in `lang`; "" where the message says so itself."""
        return translate(lang, WORDS[self.code][1]) if self.code in WORDS else ""


def of_reader(problems: Sequence[PageProblem]) -> tuple[Remark, ...]:
    """What the reader says of a page: refusals make it unusable, warnings are remarks."""
    return tuple(Remark(p.code, Verdict.BAD if p.refuses else Verdict.REMARK, p.params) for p in problems)


def unread(problem: PageProblem) -> tuple[Remark, ...]:
    """The test sheet was not found, or it is another sheet: why, and what to do."""
    return (*of_reader([problem]), Remark("unread", Verdict.BAD))


def worst(remarks: Sequence[Remark]) -> Verdict:
    """The verdict of the gravest remark."""
    return max((remark.verdict for remark in remarks), key=list(Verdict).index, default=Verdict.GOOD)


def gravest_first(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """The remarks in the order of their gravity, otherwise as they come."""
    return tuple(sorted(remarks, key=lambda remark: -list(Verdict).index(remark.verdict)))


def grade(value: float, limits: tuple[float, float]) -> Verdict:
    """Remark from the first limit on, not usable from the second, which may lie on either side of it."""
    first, second = limits
    beyond = (value >= first, value >= second) if second > first else (value <= first, value <= second)
    return Verdict.BAD if beyond[1] else Verdict.REMARK if beyond[0] else Verdict.GOOD


def remark(code: str, value: float, limits: tuple[float, float], **params: Any) -> list[Remark]:
    """The remark that a value deserves, or none."""
    verdict = grade(value, limits)
    return [] if verdict is Verdict.GOOD else [Remark(code, verdict, tuple(sorted(params.items())))]


EDGES = {"left": N_("left edge"), "top": N_("upper edge"), "right": N_("right edge"), "bottom": N_("lower edge")}
WORDS = {
    "unread": (
        N_("The test sheet could not be read."),
        N_("Print it at its true size, scan it whole in gray at 200 dots per inch and read it again."),
    ),
    "small": (
        N_("The page came out too small: {percent} % of its true size across, {percent_y} % down."),
        N_("Switch “fit to page” off in the printer's dialog and choose 100 %. If the ruler on the paper is true, "
           "the scanner makes the page smaller: look at its paper size and resolution."),
    ),
    "large": (
        N_("The page came out too large: {percent} % of its true size across, {percent_y} % down."),
        N_("Choose 100 % in the printer's dialog. If the ruler on the paper is true, look at the scanner's "
           "resolution."),
    ),
    "stretch": (
        N_("The page is stretched: {percent} % across, {percent_y} % down."),
        N_("Clean the scanner's rollers; if the rulers on the paper differ too, it is the printer."),
    ),
    "shift": (
        N_("The page does not lie in the middle of the image: {x:+z.1f} mm across, {y:+z.1f} mm down."),
        N_("Look at the paper size in the printer's dialog (A4) and at the guides of both paper trays."),
    ),
    "skew": (
        N_("The page lies askew by {degrees:.1f} degrees."),
        N_("Push the guides of the scanner's feeder up to the paper."),
    ),
    "shear": (
        N_("The page is drawn aslant by {degrees:.2f} degrees: its corners are not square."),
        N_("The paper slips in the printer or in the scanner: clean the rollers, use dry paper."),
    ),
    "wave": (
        N_("The page is bent by up to {mm:.1f} mm: the paper does not run evenly."),
        N_("Clean the rollers of printer and scanner and scan again."),
    ),
    "cut": (
        N_("Print begins only {mm:.1f} mm from the edge of the page: {edge}."),
        N_("Choose A4 in the printer's and in the scanner's settings, without margins of their own."),
    ),
    "pale": (
        N_("Black is gray: {percent} % of full darkness."),
        N_("Put in a new toner cartridge and switch toner saving off; the scanner may also be set too light."),
    ),
    "uneven": (
        N_("Toner is uneven: black areas differ by {percent} %."),
        N_("Shake or change the toner cartridge, then print the test sheet again."),
    ),
    "thin-lost": (
        N_("Thin lines are lost: the rings of the bubbles hardly show."),
        N_("Switch toner saving off, set the printer to 600 dots per inch and the scanner darker or to gray."),
    ),
    "lines-lost": (
        N_("Lines thinner than {mm} mm are lost."),
        N_("Set the printer to 600 dots per inch and the scanner to gray, 200 dots per inch or more."),
    ),
    "blurred": (
        N_("The scan is blurred."),
        N_("Clean the scanner's glass; scan at 200 dots per inch or more and with little JPEG compression."),
    ),
    "bilevel": (
        N_("The scan is black and white only."),
        N_("Set the scanner to gray: faint marks and erasures cannot be told from marks in black and white."),
    ),
    "dark-paper": (
        N_("The paper looks gray: its white is {level} of 255."),
        N_("Set the scanner lighter, use whiter paper."),
    ),
    "washed-out": (
        N_("Light grays are lost in the white."),
        N_("Set the scanner darker or its contrast lower, so that faint pencil still shows."),
    ),
    "light": (
        N_("The light is uneven: the paper's white differs by {percent} % over the page."),
        N_("Clean the scanner's glass and white strip; let its lamp warm up."),
    ),
    "noise": (
        N_("The image is noisy: {levels:.0f} gray levels."),
        N_("Scan in gray, not faster than the scanner can, with less compression."),
    ),
    "low-dpi": (
        N_("The scan has {dpi} dots per inch; 200 are advised."),
        N_("Set the scanner to 200 dots per inch."),
    ),
    "no-code": (
        N_("The square code could not be read."),
        N_("Look at the print of the code: smeared toner, or a scan that is blurred or too dark."),
    ),
    "fit-streak": (
        N_("A streak runs down the image, {at:.0f} mm from its left edge: {width:.1f} mm wide, {depth:.0f} gray "
           "levels."),
        N_("Clean the narrow glass strip of the scanner's feeder with a soft cloth, then scan this sheet again. If the "
           "streak is on the paper itself, the printer drew it: change the toner cartridge."),
    ),
    # the scanner's glass
    "not-white": (
        N_("The sheet is not empty: {percent} % of it is printed or written on."),
        N_("Lay a clean white sheet in and scan again."),
    ),
    "no-paper": (
        N_("No white sheet is seen in the image."),
        N_("Lay a clean white sheet of A4 in and scan again."),
    ),
    "glass-streak": (
        N_("Streak at {at:.0f} mm from the left edge of the image: {width:.1f} mm wide, {depth:.0f} gray levels."),
        N_("Clean the narrow glass strip of the feeder with a soft cloth, then scan the white sheet again."),
    ),
    "glass-streaks": (
        N_("{count} streaks run along the image."),
        N_("Clean the narrow glass strip of the feeder with a soft cloth, then scan the white sheet again."),
    ),
    "glass-spots": (
        N_("Dirt in {count} places; the largest, {size:.1f} mm, {across:.0f} mm from the left and {down:.0f} mm from "
           "the top."),
        N_("Clean the scanner's large glass and take another sheet: a spot that stays is on the glass."),
    ),
    "glass-edge": (
        N_("The image is dark along its {edge}, {mm:.0f} mm wide."),
        N_("Close the lid, clean the white strip of the lid and look at the paper size."),
    ),
}  # fmt: skip
