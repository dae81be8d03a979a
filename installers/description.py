"""What stands in `description.toml`: the applications, what is left out and why, Debian's libraries taken along."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCE = HERE.parent


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    signs = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts))


def fits(path: str, patterns: Sequence[str]) -> bool:
    """True when one of the patterns stands for the whole path: `*` stays inside a folder, `**` does not."""
    return any(_expression(pattern).fullmatch(path) for pattern in patterns)


@dataclass(frozen=True)
class Role:
    """One application: its command, its package, the words of menus, the most its installers may weigh (MB)."""

    key: str
    package: str
    file_title: str
    title: Mapping[str, str]
    limit: Mapping[str, int]
    slim_opencv: bool = False

    @property
    def debian(self) -> str:
        """The name of its Debian package and of its command."""
        return f"mab-{self.key}"

    @property
    def folder(self) -> str:
        """Where it is installed on Debian."""
        return f"opt/mab/{self.key}"


@dataclass(frozen=True)
class Rule:
    """Files that stay at home, and why. With `under`, of that folder everything but `patterns` stays at home."""

    why: str
    where: str
    patterns: tuple[str, ...]
    under: str = ""

    def drops(self, where: str, path: str) -> bool:
        """True when a file of the library ("library") or of the wheels ("site") stays at home."""
        if where != self.where:
            return False
        named = fits(path, self.patterns)
        return path.startswith(self.under) and not named if self.under else named


@dataclass(frozen=True)
class Description:
    """All of it."""

    publisher: str
    roles: Mapping[str, Role]
    own_drop: tuple[str, ...]
    rules: tuple[Rule, ...]
    linux: Mapping[str, Sequence[str]]
    embeddable: str

    def others(self, role: Role) -> set[str]:
        """The packages of the other applications."""
        return {one.package for one in self.roles.values()} - {role.package}

    def reason(self, where: str, path: str) -> str:
        """Why a file stays at home; empty when it comes along."""
        return next((rule.why for rule in self.rules if rule.drops(where, path)), "")


def read(path: Path = HERE / "description.toml") -> Description:
    """The description."""
    told = tomllib.loads(path.read_text("utf-8"))
    return Description(
        told["product"]["publisher"],
        {key: Role(key, **facts) for key, facts in told["roles"].items()},
        tuple(told["own"]["drop"]),
        (*_rules(told["only"]), *_rules(told["drop"])),
        told["linux"],
        told["windows"]["embeddable"],
    )


def _rules(found: Sequence[Mapping[str, Any]]) -> list[Rule]:
    return [
        Rule(rule["why"], where, tuple(rule[where]), rule.get("under", ""))
        for rule in found for where in ("library", "site") if where in rule
    ]  # fmt: skip
