"""What can go wrong by a person's doing or the world's: shown in words, never as a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from mab_desktop.i18n import fill, translate

EXIT_OK, EXIT_DIFFERENCE, EXIT_USAGE, EXIT_REFUSED, EXIT_CARRIER, EXIT_PASSWORD, EXIT_ORDER, EXIT_SYSTEM, EXIT_BUG = (
    0, 1, 2, 3, 4, 5, 6, 7, 70,
)  # fmt: skip


class UserError(Exception):
    """An expected refusal: what happened, what to do next, and the command line's exit code.

    `text` and `next_step` are message ids with named placeholders filled from `params`.
    """

    exit_code = EXIT_REFUSED

    def __init__(self, text: str, *, next_step: str = "", exit_code: int | None = None, **params: Any) -> None:
        super().__init__(text)
        self.text, self.next_step, self.params = text, next_step, params
        if exit_code is not None:
            self.exit_code = exit_code

    def message(self, lang: str) -> str:
        """The whole sentence in `lang`."""
        parts = [translate(lang, part) for part in (self.text, self.next_step) if part]
        return fill(lang, " ".join(parts), {k: _shown(v, lang) for k, v in self.params.items()})

    def __str__(self) -> str:
        return self.message("en")


class OutOfOrder(UserError):
    """A step that the regulation does not allow yet; names the paragraph."""

    exit_code = EXIT_ORDER


class WrongPassword(UserError):
    """A password that opens nothing."""

    exit_code = EXIT_PASSWORD


class CarrierRefused(UserError):
    """A carrier file that is not taken; `code` names the reason for programs, the text for people."""

    exit_code = EXIT_CARRIER

    def __init__(self, code: str, text: str, *, next_step: str = "", **params: Any) -> None:
        super().__init__(text, next_step=next_step, **params)
        self.code = code


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule of a record: the field's name ("" for the whole record) and a message id with parameters."""

    field: str
    text: str
    params: tuple[tuple[str, Any], ...] = ()

    def message(self, lang: str) -> str:
        """The rule in words of `lang`."""
        return fill(lang, translate(lang, self.text), {k: _shown(v, lang) for k, v in self.params})


class Refused(UserError):
    """A record that breaks its rules; the problems stand beside their fields."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("{problems}")
        self.problems = tuple(problems)

    def message(self, lang: str) -> str:
        """All problems, one sentence after the other."""
        return " ".join(problem.message(lang) for problem in self.problems)


class Cancelled(Exception):
    """The person pressed Cancel: nothing to say."""


@runtime_checkable
class _Spoken(Protocol):
    """A refusal or problem that is told within another one."""

    def message(self, lang: str) -> str:
        """The whole sentence in `lang`."""


def _shown(value: Any, lang: str) -> Any:
    """A parameter as shown: marked texts are translated, so are sentences of others, the rest stays."""
    if isinstance(value, _Spoken):
        return value.message(lang)
    return translate(lang, value) if isinstance(value, str) else value
