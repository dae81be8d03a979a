"""The installation record of a computer."""

from __future__ import annotations

from mab_desktop.forms import installation_record

from .people import IMPRINT, SEASON

_GROUPS = ("K7Q2", "9XD3", "RV8H", "0123", "ABCD", "EFGH", "JKMN", "PQRS")


def record() -> installation_record.InstallationRecord:
    return installation_record.InstallationRecord(
        SEASON, IMPRINT, "Ministry programmer", "0.1.0+c6bd9bb", "MAB-MP-01", "/opt/mab/ministry-programmer",
        "K50S Q7GP 520A WJFH YKGE KQ7N B4Y1 VRFH", _GROUPS, 3125, True,
        [("bin", 3, 6790, "0f8e4c1a2b3d5e6f"), ("lib/app/mab_desktop", 1204, 12400, "94b1c0d2e3f4a5b6"),
         ("lib/python3.11", 380, 11800, "1c2d3e4f5a6b7c8d"), ("lib/site/PySide6", 61, 83210, "a1b2c3d4e5f60718")],
        [("14.03.2011 09:12", "0.1.0+94223a6", "–", "ӨТЕГЕНОВА"),
         ("02.05.2011 16:40", "0.1.0+c6bd9bb", "0.1.0+94223a6", "ӨТЕГЕНОВА")], "ӨТЕГЕНОВА Ұлпан",
    )  # fmt: skip
