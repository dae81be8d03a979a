"""The answer key of a shift (p.39): the right option of each item, by variant and subject."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.entropy import Entropy
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.json_text import object_of
from mab_desktop.i18n import N_

_FORM = "mab-answer-key-1"


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The key of one shift.

    `letters` gives the right options by (variant, subject code): one letter an item, item 1 first.
    """

    shift: int
    letters: Mapping[tuple[str, str], str]

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants of the shift, in rising order."""
        return tuple(sorted({variant for variant, _ in self.letters}))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of the shift, by code."""
        return tuple(sorted({subject for _, subject in self.letters}))

    def only(self, subjects: Iterable[str]) -> AnswerKey:
        """The part of the key that these subjects need: no university is sent more than it prints."""
        wanted = set(subjects)
        return AnswerKey(self.shift, {pair: text for pair, text in self.letters.items() if pair[1] in wanted})


def draw_answer_key(
    shift: int, variants: Sequence[str], subjects: Sequence[str], profile: ExamProfile, entropy: Entropy
) -> AnswerKey:
    """A key of drawn letters, every option about as often as any other within a subject.

    Stands for the item bank's key where no real booklets exist.
    """
    pairs = [(variant, subject) for variant in sorted(variants) for subject in sorted(subjects)]
    letters = {pair: _drawn_letters(profile, entropy) for pair in pairs}
    return AnswerKey(shift, letters)


def encode_answer_key(key: AnswerKey) -> bytes:
    """The one spelling of a key: sorted, compact JSON in UTF-8."""
    entries = {f"{variant}|{subject}": letters for (variant, subject), letters in key.letters.items()}
    whole = {"form": _FORM, "letters": entries, "shift": key.shift}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode_answer_key(data: bytes) -> AnswerKey:
    """The key that `encode_answer_key` wrote; UserError for anything else."""
    try:
        whole = object_of(data)
        if whole["form"] != _FORM:
            raise ValueError(whole["form"])
        letters = {}
        for name, value in whole["letters"].items():
            variant, subject = name.split("|")
            letters[variant, subject] = str(value)
        key = AnswerKey(int(whole["shift"]), letters)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(N_("The opened answer key cannot be read. Call the testing centre.")) from error
    if encode_answer_key(key) != data:
        raise UserError(N_("The opened answer key cannot be read. Call the testing centre."))
    return key


def key_commitment(data: bytes) -> str:
    """SHA-256 of an encoded key, 64 hexadecimal characters: tells two keys apart without showing them.

    The sealed envelope announces a salted commitment of its own.
    """
    return hashlib.sha256(data).hexdigest()


def key_problems(
    key: AnswerKey, variants: Iterable[str], subjects: Iterable[str], profile: ExamProfile
) -> list[Problem]:
    """What is missing or wrong in a key for these variants and subjects."""
    found = []
    for variant in sorted(variants):
        for subject in sorted(subjects):
            letters = key.letters.get((variant, subject), "")
            where = (("variant", variant), ("subject", subject))
            if not letters:
                found.append(Problem("letters", N_("Variant {variant}, {subject}: the key is missing."), where))
            elif len(letters) != profile.items or set(letters) - set(profile.options):
                found.append(Problem("letters", N_("Variant {variant}, {subject}: the key is not complete."), where))
    return found


def _drawn_letters(profile: ExamProfile, entropy: Entropy) -> str:
    """Letters in balanced numbers, in an order drawn by sorting on random bytes."""
    count = len(profile.options)
    even = [profile.options[i % count] for i in range(profile.items - profile.items % count)]
    rest = sorted((entropy.bytes(8), option) for option in profile.options)[: profile.items % count]
    pool = even + [option for _, option in rest]
    return "".join(option for _, option in sorted((entropy.bytes(8), option) for option in pool))
