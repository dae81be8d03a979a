"""What the program remembers for this user on this computer: a small JSON file, never the data of the exam."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import platformdirs


def default_path(role: str) -> Path:
    """Where the settings of the application `role` lie for this user."""
    return Path(platformdirs.user_config_dir("mab-desktop", appauthor=False)) / f"{role}.json"


class Settings:
    """Keys with JSON values: language, scale, dark, columns of a list, last folder. A spoilt file counts as empty."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.session: dict[str, Any] = {}  # forgotten with the program: what may name people, like a list's filters
        self._values: dict[str, Any] = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text("utf-8")) if self.path else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Remember `value`; a disk that refuses is no reason to stop work."""
        if self._values.get(key) == value:
            return
        self._values[key] = value
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_suffix(".tmp")
            fresh.write_text(json.dumps(self._values, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
            fresh.replace(self.path)
        except OSError:
            return
