"""The cuts by which marks are decided, and what is said of a group; they are kept with every reading."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache

READER_VERSION = "18"


class State(StrEnum):
    """What a group says."""

    ONE = "one"
    NONE = "none"
    MANY = "many"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class GroupReading:
    """State of a group; `values` are the marked ones, for a doubtful group what may be marked, strongest first."""

    state: State
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The cuts, in darkness where the sheet's black squares are 1; kept with every reading.

    `floor`: least darkness that is not plain paper, `floor_pen`: part of the usual mark that is plain paper, up to our
    own sheet's floor; `noise`: how many deviations of this sheet's empties count as such;
    `pale`: part of a pale pen's usual mark that is still empty.
    `share`: part of this person's usual mark that counts as a mark; `weakest` and `strongest` bound that cut; so much
    of a pale pen's, `pale_mark`, is one below `weakest` too.
    `beside`: part of the strong mark up to which a weak one with little dark ink (`beside_dark`) is an erasure, unless
    so much of it (`beside_area`) is inked and as dark (`beside_ink`) and black (`beside_black`, unless no more than
    `beside_pale` of a usual mark is well inked) there as that part of the usual ink.
    `rival`: part of the strong mark from which a second one counts as well, if it has `rival_area` of the usual inked
    area. `like`: part of that area that a mark must have, a stray line has less. `filled`: usual inked area from which
    this person fills bubbles, so that two marks surely are two. `speck_dark`: dark area that is more than a speck,
    or `speck_noise` times what nineteen in twenty bubbles show that are not the first two of their groups (0: not asked
    for). `near`: ink just outside the bubbles of an empty group, `near_second`: the same at a second bubble that is
    itself touched. `side`: part of the usual darkness, on a quarter of a rim, that is no mark.
    `manner`: how many times `likes` make a manner of its own.
    `solid`: inked share per darkness of a thin mark, an erasure has less; `solid_pale`: the same of a pen that inks
    less than `black_pen` of a usual mark well; `solid_mean`: its least part of `low`; `solid_ink`: its least darkness
    where inked, as part of the usual; `solid_dark`: its share of well inked among the inked, which serves as well.
    `usual_share`: part of all marks that makes a manner usual; `rare_share`: least part of the usual darkness of a
    rare one.
    `ring`: part of the usual visibility that a printed ring must have, of bubbles without a mark (0: not asked for);
    `ring_noise`: how many deviations less may be plain unevenness.
    `likes`: how many other marks of the sheet a mark must look like, and `like_share` of them; `like_width`: how far
    looks may differ, in deviations of this person's marks. `full` and `full_ink`: parts of the usual area (at
    least `full_least`) and darkness from which a mark of one who fills needs no likes.
    `passing`: how surely ink must go on outside on two sides for a line that passes by; `overrun`: share of marks that
    do so from which that is this person's way; `veil`: the same of pale ink, as part of that inside; `bare`: clear
    ink outside up to which it may be a stain, where `stained` bubbles that are not marked are.
    `least_dark`: part of the usual well inked area that any mark has. `full_line`: part of that no few lines fill.
    `crossed`: ink outside beyond that of nine in ten marks from which one that is like no other may be crossed out;
    `written`: the same from which one whose ink goes on outside on two sides is not judged by its inside.
    `thin`: part of a person's weakest usual mark above which even a faint trace is no plain paper. `trace` (part of
    what is plain) inside a bubble and `touch` outside across its ring together are no plain paper either.
    `lonely`: darkness above which the darkest bubble of an empty group is no plain paper where the next is far less:
    paper that is uneven is so in several bubbles.
    `lonely_pen`: the same as part of the usual darkness, where that is less; `lonely_light`: the same of inked area.
    `passing_empty`: as `passing`, of an empty group. `second_dark`: dark area in another bubble that speaks against an
    answer, and `second_noise` times what nineteen in twenty bubbles of the sheet show at most; `second_area`,
    `second_ink` and `second_long`: inked area and part of the usual darkness there from which ink in another bubble
    does, where it stretches so much one way, or less than `black_pen` of a usual mark is well inked (of such a pen
    `second_area_pale` is enough); `drawn`: how much better a printed ring shows than the others' where a ring was drawn
    along it; `drawn_empty`: part of a clean rim's darkness that it then has in an empty group.
    `spilt`: part of the ink outside a full mark that runs over its ring, as most of this person's do, up to which the
    ink at the edge of an empty bubble right beside it is its own, where the rim is no darker than `spilt_side` (0: not
    asked for).
    `stamp`: well inked part of what is inked, beside that of the usual mark, up to which an answer may be of a stamp's
    ink that lies on other rims of its group as well; where at least `stamp_pen` of a usual mark is well inked.
    `even`: part of a weak first from which a second that would pass for paper speaks against it. `second_likes`: of how
    many lone marks a weak second must be the like to be more than what an eraser or a passing line left.
    `lone_ink`, `lone_area`, `lone_rest`, `lone_near`, `lone_dark`: parts of the usual darkness and area that a mark
    like no other needs when nothing else in its group is darker than that part of `low`, most ink outside it, and part
    of the usual well inked area; `lone_thin` is `lone_ink` of a person whose marks ink less than `filled`.
    `rims`: times the darkness of a clean rim that the others' rims may have beside two answers.
    `twins`: part of all marks that both of two answers must look like, `pair` where they are as like each other as two
    marks in a row are; `twins_near`: how much more ink than usual may be outside them: a letter of a word written over
    the row lies in a bubble now and then, and is one of few.
    Of tuning seeds 62,003 to 62,403 with words written over six rows of each sheet, one such letter of 30 remains.
    `ringed`: ink just outside a bubble that speaks against a mark in another one: a ring drawn around it (of 46,676
    groups of hard sheets none had so much). In an empty group `touch` is enough where ink goes by on two sides.
    `again`: part of the usual darkness from which no second is left over, however dark the first.
    `heavy`: times the usual darkness from which a first may be an answer crossed out, unless the second is less than
    `heavy_rest` of the usual mark.
    `two_inks`: up to what part of the darker marks' blackness, or darkness, the paler ones' is another ink's (0: not
    asked for).
    `gap`: how many times darker than all that is surely paper the weaker marks must be to stand apart; then a pale
    pen's own cuts hold, `apart` of its usual mark for a sure one.
    `stain_dark`: well inked part of what is inked from which it is no stain. `inside_near`: ink outside up to which a
    mark is judged by its inside; `passing_apart`: mm to the next mark that passes by from which none of the two is a
    line's. `fine_area` and `fine_dark`: inked and well inked share of a mark that is less than usual but of the same
    ink, `fine_ink` and `fine_black` its parts of the usual darkness and blackness where it is inked.
    `remains`, `remains_area` and `remains_black`: parts of the usual darkness up to which, inked area from which, and
    well inked area up to which an answer may be what an eraser left, where the usual mark is darker than `remains_pen`.
    `above` and `above_ink`: how far above its middle (in radii) and up to what part of the usual darkness the ink in
    the uppermost bubble of a column may be a digit's written there. `ringed_side`: part of a clean rim's darkness
    from which ink just outside is a pale ring.
    `messy` and `messy_share`: so many groups to ask about, and part of the answered ones, make a sheet messy; marks
    below `messy_ink` of the usual are then asked about as well.
    `varied`: part of the usual darkness below which the weaker marks must not be for an empty group to be believed (0:
    not asked for): where some marks have faded so far, others may be gone.
    `grainy`: times the darkness that grain leaves at most below which a pen is hardly darker; then a mark needs
    `grainy_mark` of the usual one, and an empty group has no more than `grainy_rest` of it (0: not asked for).
    `unlike`: times what almost all bubbles that are not the first of their groups show at most, from which a bubble of
    an empty group is no paper (0: not asked for), above `unlike_inside`, `unlike_side`, `unlike_dark` and
    `unlike_light` and the `unlike_pen` of the usual mark at least.
    `unsure`: part of all groups that are asked about from which no empty one is believed either (0: not asked for), nor
    an answered one whose second bubble is `second_apart` times as far from its third as is usual on the sheet.
    `lost`: part of all groups that are asked about from which the reader has not understood this sheet.
    `outlying`: how many times as far from the second as the sheet's seconds usually are from their thirds the darkest
    bubble of an empty group may be (0: not asked for), at most `outlying_pale` of the usual mark, but no less
    than `outlying_pen` of it; `outlying_share`: of the empty groups that are farther, from
    which none is surely empty.
    """

    floor: float = 0.055
    floor_pen: float = 0.0
    noise: float = 7.0
    share: float = 0.36
    weakest: float = 0.07
    pale_mark: float = 0.65
    strongest: float = 0.34
    beside: float = 0.34
    beside_dark: float = 0.05
    beside_ink: float = 0.75
    beside_area: float = 0.1
    beside_black: float = 0.2
    beside_pale: float = 0.15
    rival: float = 0.55
    rival_area: float = 0.72
    like: float = 0.36
    filled: float = 0.5
    speck_dark: float = 0.06
    speck_noise: float = 0.0
    near: float = 0.14
    near_second: float = 0.2
    side: float = 0.3
    pale: float = 0.25
    manner: float = 1.3
    solid: float = 2.2
    solid_pale: float = 2.0
    black_pen: float = 0.2
    near_noise: float = 3.0
    solid_mean: float = 1.15
    solid_ink: float = 0.5
    solid_dark: float = 0.5
    usual_share: float = 0.15
    rare_share: float = 0.36
    ring: float = 0.50
    ring_noise: float = 5.0
    likes: int = 4
    like_share: float = 0.022
    like_width: float = 2.6
    passing: float = 0.35
    overrun: float = 0.1
    veil: float = 0.58
    bare: float = 0.06
    stained: int = 5
    least_dark: float = 0.12
    full_line: float = 0.8
    crossed: float = 0.12
    written: float = 0.22
    thin: float = 0.33
    trace: float = 0.45
    lonely: float = 0.025
    even: float = 0.5
    second_likes: int = 2
    lone_ink: float = 0.38
    lone_thin: float = 0.5
    lone_area: float = 0.5
    lone_rest: float = 0.4
    lone_near: float = 0.3
    lone_dark: float = 0.09
    rims: float = 1.5
    twins: float = 0.75
    pair: float = 0.6
    twins_near: float = 0.1
    ringed: float = 0.3
    again: float = 0.5
    heavy: float = 1.6
    heavy_rest: float = 0.0
    two_inks: float = 0.45
    gap: float = 2.2
    apart: float = 0.7
    stain_dark: float = 0.3
    inside_near: float = 0.35
    passing_apart: float = 20.0
    fine_area: float = 0.12
    fine_dark: float = 0.06
    fine_ink: float = 0.55
    fine_black: float = 0.4
    remains: float = 0.6
    remains_area: float = 0.75
    remains_black: float = 0.4
    remains_pen: float = 0.5
    above: float = 0.3
    above_ink: float = 0.5
    ringed_side: float = 0.3
    messy: int = 8
    messy_share: float = 0.5
    messy_ink: float = 0.6
    varied: float = 0.0
    grainy: float = 1.6
    grainy_mark: float = 0.65
    grainy_rest: float = 0.25
    unlike: float = 1.3
    unlike_inside: float = 0.016
    unlike_side: float = 0.024
    unlike_dark: float = 0.016
    unlike_light: float = 0.1
    unlike_pen: float = 0.06
    unsure: float = 0.25
    second_apart: float = 2.5
    lost: float = 0.5
    outlying: float = 0.0
    outlying_share: float = 0.15
    outlying_pen: float = 0.0
    outlying_pale: float = 1.0
    touch: float = 0.06
    second_dark: float = 0.06
    second_noise: float = 3.0
    second_area: float = 0.08
    second_area_pale: float = 0.07
    second_ink: float = 0.95
    second_long: float = 0.42
    drawn: float = 0.4
    drawn_empty: float = 0.3
    lonely_pen: float = 0.1
    lonely_light: float = 0.1
    passing_empty: float = 0.15
    spilt: float = 0.6
    spilt_side: float = 0.25
    stamp: float = 0.33
    stamp_pen: float = 0.7
    full: float = 0.62
    full_least: float = 0.5
    full_ink: float = 0.55


DEFAULT_RULES = Rules()
BLACK_LETTER = 0.1  # dark area that a letter has there beside that of the others
NEVER_EVEN = 100.0  # as in `Rules.varied`: no marks are as even as that
VARIED = 0.6  # of black and white scans: what fades there is gone at once


@cache
def plain_rules(rules: Rules) -> dict[str, float]:
    """The rules as plain data; always the same few."""
    return asdict(rules)


def stricter(rules: Rules) -> Rules:
    """The rules for black and white scans: what is left of a lost mark or of a ring is a few black points, and so is
    what a letter has beside that of the others."""
    floor, speck, near, ring = rules.floor / 2, rules.speck_dark / 2, rules.near / 2, 0.4 * rules.ring
    return replace(rules, floor=floor, speck_dark=speck, near=near, ring=ring, varied=VARIED, second_dark=BLACK_LETTER)


def without_empty(rules: Rules) -> Rules:
    """The rules for scans of which even the black squares have holes: a pale mark may have left no dot at all, and no
    group is surely empty."""
    return replace(rules, varied=NEVER_EVEN)
