"""What the measures of the test sheet mean: the limits, and the remark that each earns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mab_desktop.omr.remarks import EDGES, Remark, Verdict, gravest_first, remark

# Remark from the first value on, not usable from the second.
SCALE, STRETCH, SHIFT, CUT = (0.015, 0.05), (0.012, 0.03), (3.0, 8.0), (6.5, 9.0)
SKEW, SHEAR, WAVE = (1.5, 4.0), (0.25, 0.6), (0.45, 1.0)
INK, EVEN, RINGS = (0.72, 0.42), (0.07, 0.3), (0.55, 0.3)
LINE, SHARP, PAPER = (0.2, 0.4), (0.3, 0.12), (205.0, 150.0)
FAINT_STEP, FAINT_SEEN = 2, 0.06  # the second gray step, 20 %, must show by so much
LIGHT, NOISE, LOW_DPI = (0.12, 0.3), (12.0, 25.0), (190.0, 140.0)


def judge(
    measures: Mapping[str, float], steps: Sequence[float], *, bilevel: bool, code: bool
) -> tuple[Remark, ...]:
    """The remarks on a test sheet's measures, the gravest first."""
    found = [*_of_shape(measures), *_of_ink(measures, bilevel=bilevel), *_of_scan(measures, steps, bilevel=bilevel)]
    if not code:
        found.append(Remark("no-code", Verdict.REMARK))
    return gravest_first(found)


def _of_shape(m: Mapping[str, float]) -> list[Remark]:
    x, y = m["scale_x"], m["scale_y"]
    size, percents = (x + y) / 2, {"percent": round(100 * x), "percent_y": round(100 * y)}
    found = remark("small" if size < 1 else "large", abs(size - 1), SCALE, **percents)
    found += remark("stretch", abs(x / y - 1), STRETCH, percent=round(100 * x, 1), percent_y=round(100 * y, 1))
    found += remark("shift", max(abs(m["shift_x"]), abs(m["shift_y"])), SHIFT, x=m["shift_x"], y=m["shift_y"])
    found += remark("skew", abs(m["skew"]), SKEW, degrees=abs(m["skew"]))
    found += remark("shear", abs(m["shear"]), SHEAR, degrees=abs(m["shear"]))
    found += remark("wave", m["wave"], WAVE, mm=m["wave"])
    edge = max(EDGES, key=lambda name: m[f"cut_{name}"])
    return found + remark("cut", m[f"cut_{edge}"], CUT, mm=m[f"cut_{edge}"], edge=edge)


def _of_ink(m: Mapping[str, float], *, bilevel: bool) -> list[Remark]:
    found = remark("uneven", m["even"], EVEN, percent=round(100 * m["even"]))
    if bilevel:  # black and white say nothing of darkness, but what they drop is gone
        return found
    found += remark("pale", m["ink"], INK, percent=round(100 * m["ink"]))
    lost = remark("thin-lost", m["rings"], RINGS)
    return found + (lost or remark("lines-lost", m["line"], LINE, mm=round(m["line"], 2)))


def _of_scan(m: Mapping[str, float], steps: Sequence[float], *, bilevel: bool) -> list[Remark]:
    found = remark("low-dpi", m["dpi"], LOW_DPI, dpi=round(m["dpi"]))
    if bilevel:
        return [*found, Remark("bilevel", Verdict.BAD)]
    found += remark("blurred", m["sharp"], SHARP)
    found += remark("dark-paper", m["white"], PAPER, level=round(m["white"]))
    found += remark("light", m["light"], LIGHT, percent=round(100 * m["light"]))
    found += remark("noise", m["noise"], NOISE, levels=m["noise"])
    return found + ([Remark("washed-out", Verdict.REMARK)] if steps[FAINT_STEP] < FAINT_SEEN else [])
