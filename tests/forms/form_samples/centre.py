"""Documents of the testing centre: the national summary."""

from __future__ import annotations

from mab_desktop.forms import national_summary
from mab_desktop.forms.national_summary import SummaryPart, SummaryRow

from .people import IMPRINT, MEMBERS, SEASON

UNIVERSITIES = (
    "013 Л.Н.Гумилев атындағы Еуразия ұлттық университеті",
    "023 Абылай хан атындағы Қазақ халықаралық қатынастар және әлем тілдері университеті",
    "027 Қ.Жұбанов атындағы Ақтөбе мемлекеттік университеті",
)
PARTS = (
    ("By base university", "Base university", UNIVERSITIES[:2]), ("By university", "Network university", UNIVERSITIES),
    ("By direction", "Direction of training", ("01 Білім", "05 Жаратылыстану ғылымдары", "09 Қызмет көрсету")),
    ("By language of the test", "Language of the test", ("1 Қазақ тілі", "2 Орыс тілі")),
    ("By subject", "Subject", ("FL Шет тілі", "HIST Қазақстан тарихы", "INF Информатика")),
)  # fmt: skip


def _row(name: str, n: int, *, scored: bool = True) -> SummaryRow:
    points = (71.4 + n / 7, 71.9 + n / 7) if scored else (None, None)
    came = 4180 - 31 * n if scored else 0
    return SummaryRow(name, 4311 - 31 * n, came, 4311 - 4180 - 2 if scored else 0, 2 if scored else 0, *points,
                      212 - n, 388 - n, 97)  # fmt: skip


def summary() -> national_summary.NationalSummary:
    parts = tuple(
        SummaryPart(
            heading, of, tuple(_row(name, n, scored=(heading, n) != ("By base university", 1))
                               for n, name in enumerate(names)), summed=heading != "By subject",
        )
        for heading, of, names in PARTS
    )  # fmt: skip
    return national_summary.NationalSummary(SEASON, IMPRINT, parts, _row("", 0), 2, ("023",), MEMBERS[0])
