"""Names, universities, sittings that the sample documents share."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from mab_desktop.forms.page import DocumentHead, Imprint

IMPRINT = Imprint(datetime(2011, 5, 14, 8, 12, tzinfo=UTC), "mab-desktop 0.1.0", "a3f19c07d2e45b88c0ffee", 1, 2)
BASE = "023 – Абылай хан атындағы Қазақ халықаралық қатынастар және әлем тілдері университеті"
NETWORK = "145 – Академик Зулқарнай Алдамжар атындағы Қостанай әлеуметтік-техникалық университеті"
NETWORK_LONG = (
    "012 – Д. Серікбаев атындағы Шығыс Қазақстан мемлекеттік техникалық университетінің Семей қаласындағы "
    "инженерлік-педагогикалық, ауыл шаруашылығы және ветеринария институттарының біріккен филиалы "
    "(бұрынғы Шәкәрім атындағы мемлекеттік университет)"
)
BUILDING = "02 – Бас оқу корпусы"
ADDRESS = "Алматы қ., Төле би көшесі, 130/2 (Масанчи көшесінің қиылысы), 3-кіреберіс"
SEASON = DocumentHead(2011, BASE)
OF_NETWORK = DocumentHead(2011, BASE, NETWORK)
SITTING = DocumentHead(2011, BASE, "", 2, date(2011, 5, 14), BUILDING, "312")
SUBJECTS = ("Қазақстан тарихы", "Шет тілі", "Философия", "Информатика", "Экономикалық теория")
SURNAMES = (
    "АБДРАХМАНҚЫЗЫ-ӘЛІМҒАЗИЕВА",
    "ӘБІЛҚАСЫМОВ",
    "БЕЙСЕМБАЕВА",
    "ҒАБДУЛЛИН",
    "ДҮЙСЕНБЕКОВА",
    "ЕРЖАНОВ",
    "ЖҮНІСӘЛИЕВА",
    "ИБРАГИМОВ",
    "ҚАЛМҰРЗАЕВА",
    "ҚОҢЫРАТБАЙҰЛЫ",
    "ЛЕСБЕКОВ",
    "МҰХАМЕТҚАЛИЕВА",
    "НҰРПЕЙІСОВ",
    "ӨТЕГЕНОВА",
    "ПЕТРОВ-ВОДКИН",
    "РАҚЫМЖАНОВА",
    "СҮЛЕЙМЕНОВ",
    "ТӨЛЕГЕНОВА",
    "ҰЗАҚБАЕВ",
    "ҮСЕНОВА",
    "ФАЗЫЛОВ",
    "ХАСАНОВА",
    "ҺАФИЗОВ",
    "ШӘКӘРІМОВА",
    "ЫБЫРАЕВ",
    "ІЗТІЛЕУОВА",
)
GIVEN = (
    "Нұрсұлтанбек Қайырғалиұлы",
    "Гүлнұр Мұхамедқалиқызы",
    "Ардақ",
    "Өмірзақ Сәбитұлы",
    "Айгерім Ғабитқызы",
    "Әлихан Ерболұлы",
    "Жансая Төлеуханқызы",
)
MEMBERS = (
    "Қасымжомартова Г. Т.",
    "Әбдіқадыров Н. С.",
    "Төлемісова Ж. Қ.",
    "Иванова-Сергеева О. В.",
    "Бөкейханов Ә. М.",
    "Һафизов Р. Ф.",
    "Ұзақбаева Ш. Ғ.",
)


def name(i: int) -> str:
    return f"{SURNAMES[i % len(SURNAMES)]} {GIVEN[i % len(GIVEN)]}"


def code(i: int) -> str:
    return f"{31450000 + i * 37}"


def picture() -> bytes:
    """A small picture such as a cropped name field."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (360, 60), 255)
    pen = ImageDraw.Draw(image)
    for k in range(18):
        pen.rectangle((k * 20, 8, k * 20 + 19, 52), outline=0)
        pen.line((k * 20 + 4, 46, k * 20 + 10, 14, k * 20 + 16, 46), fill=0, width=2)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
