"""What every use case is given: the database, the person, the clock, the language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role, Season, organisation_id
from mab_desktop.i18n import N_
from mab_desktop.storage.store import Actor, Store


@dataclass(frozen=True)
class Context:
    """A person at work in one workplace; built once at login, frozen afterwards.

    `role` and `university` say whose workplace it is (`university` is "" at the centre), `actor` who sits there.
    """

    store: Store
    actor: Actor
    role: Role
    university: str
    season: Season
    clock: Clock
    lang: str = "kk"
    entropy: Entropy = field(default_factory=SystemEntropy)

    @property
    def organisation(self) -> str:
        """The name that carriers know this workplace's organisation by."""
        return organisation_id(self.role, self.university)

    def speaking(self, lang: str) -> Context:
        """The same workplace in another language."""
        return replace(self, lang=lang)

    def as_person(self, login: str, name: str, person_role: str) -> Context:
        """The same workplace with another person at it."""
        return replace(self, actor=replace(self.actor, login=login, name=name, role=person_role))


def require(ctx: Context, *roles: Role) -> None:
    """Refuse a use case that belongs to another program."""
    if ctx.role not in roles:
        raise UserError(N_("This step belongs to another program."))


def require_person(ctx: Context, *person_roles: str) -> None:
    """Refuse a use case that this person has no right to."""
    if ctx.actor.role not in person_roles:
        raise UserError(N_("You have no right to do this. Ask the programmer."))


def stamp(ctx: Context) -> str:
    """The present moment as it is stored."""
    moment: Any = ctx.clock.now()
    return str(moment.isoformat(timespec="seconds"))


def shown(at: str) -> str:
    """A moment as it is stored, as people read it: DD.MM.YYYY HH:MM."""
    return datetime.fromisoformat(at).strftime("%d.%m.%Y %H:%M") if at else ""
