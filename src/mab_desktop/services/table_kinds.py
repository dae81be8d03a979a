"""How text tables may be written: what the worker tells apart, and what a person may choose instead."""

from __future__ import annotations

DELIMITERS = (";", ",", "\t")
UTF_8, UTF_16, WINDOWS, KAZAKH = "UTF-8", "UTF-16", "Windows-1251", "KZ-1048"
CODECS = {UTF_8: "utf-8-sig", UTF_16: "utf-16", WINDOWS: "cp1251", KAZAKH: "kz1048"}
ENCODINGS = tuple(CODECS)
