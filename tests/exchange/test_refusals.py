"""Every refusal is met by a real file, drive or key ring, and said in three languages. A code without a case fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mab_desktop
from mab_desktop.domain.errors import EXIT_CARRIER, CarrierRefused
from mab_desktop.exchange.refusals import REASONS
from tests.exchange.conftest import World
from tests.exchange.refusal_cases import CASES, ELSEWHERE

TESTS, SOURCE = Path(__file__).parents[1], Path(mab_desktop.__file__).parent


@pytest.mark.parametrize("code", sorted(CASES))
def test_it_is_met_and_said_in_three_languages(world: World, code: str) -> None:
    with pytest.raises(CarrierRefused) as caught:
        CASES[code](world)
    refusal = caught.value
    assert (refusal.code, refusal.exit_code) == (code, EXIT_CARRIER)
    said = {lang: refusal.message(lang) for lang in ("kk", "ru", "en")}
    assert len(set(said.values())) == 3, "a sentence without translation"
    for sentence in said.values():
        assert not set("{}") & set(sentence), "a value is missing"
        assert sentence.endswith(".")


def test_every_code_has_a_case_and_every_case_a_code() -> None:
    assert set(CASES) & set(ELSEWHERE) == set()
    assert set(REASONS) == set(CASES) | set(ELSEWHERE)
    for code, file in ELSEWHERE.items():
        assert code in set(_texts(TESTS / file)), f"{file} does not meet {code}"


def test_every_code_is_raised_by_the_program_and_no_other_is() -> None:
    """A refusal has its code, sentence and next step from one table, and none of the table is idle."""
    written, raised = set[str](), set[str]()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        written.update(code for code in REASONS if path.name != "refusals.py" and f'"{code}"' in text)
        raised.update(re.findall(r'\b(?:refuse|CarrierRefused)\(\s*"([a-z-]+)"', text))
    assert set(REASONS) - written == set()
    assert raised <= set(REASONS)
    assert len(raised) > 50


def test_a_refusal_says_what_is_safe_and_what_to_do() -> None:
    for reason in REASONS.values():
        assert reason.text.endswith((".", "}", ")"))
        assert reason.next_step.count(".") >= 1


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
