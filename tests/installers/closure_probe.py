"""One application with everything blocked that its installer leaves out: run in a process of its own.

    python -m tests.installers.closure_probe ROLE DATABASE LOGIN PASSWORD

Every module that the application leads to is imported, then every page is opened on a workplace. What was asked
for and is not there is told as JSON; whatever cannot do without it fails here as it would fail at the customer's.
"""

from __future__ import annotations

import ast
import json
import sys
import sysconfig
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from installers.description import SOURCE, Description, Role, fits, read

OWN = SOURCE / "src" / "mab_desktop"


class LeftOut(MetaPathFinder):
    """Finds modules as Python does, and hides those whose files stay at home."""

    def __init__(self, description: Description, role: Role) -> None:
        self._description = description
        self.own_drop = (*description.own_drop, *(f"{package}/**" for package in description.others(role)))
        self._library = Path(sysconfig.get_paths()["stdlib"]).resolve()
        self._site = Path(sysconfig.get_paths()["purelib"]).resolve()
        self.missed: set[str] = set()

    def find_spec(self, name: str, path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:  # fmt: skip
        """Python's own answer, unless it is a file that is left out."""
        found = PathFinder.find_spec(name, path, target)
        if found is None or not found.origin or not self.hides(Path(found.origin).resolve()):
            return found
        self.missed.add(name)
        raise ModuleNotFoundError(f"{name} is left out", name=name)

    def hides(self, file: Path) -> bool:
        """True for a file that does not come along."""
        if file.is_relative_to(OWN):
            return fits(file.relative_to(OWN).as_posix(), self.own_drop)
        if file.is_relative_to(self._site):
            return bool(self._description.reason("site", file.relative_to(self._site).as_posix()))
        if file.is_relative_to(self._library):
            return bool(self._description.reason("library", file.relative_to(self._library).as_posix()))
        return False


def reached(role: Role, finder: LeftOut) -> dict[str, set[str]]:
    """Modules of ours that the application and the command line lead to, with what each imports, anywhere in it."""
    waiting = [f"mab_desktop.{role.package}.app", "mab_desktop.cli.__main__"]
    found: dict[str, set[str]] = {}
    while waiting:
        name = waiting.pop()
        file = _file_of(name)
        if name in found or file is None or finder.hides(file):
            continue
        found[name] = _imports(name, file)
        waiting += [one for one in (*found[name], name.rpartition(".")[0]) if one.startswith("mab_desktop")]
    return found


def _file_of(name: str) -> Path | None:
    place = OWN.parent.joinpath(*name.split("."))
    return next((file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()), None)


@cache
def _imports(name: str, file: Path) -> set[str]:
    """Names of modules, those inside of functions too; not those that only types are checked with."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(file.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{one.name}" for one in node.names if _file_of(f"{node.module}.{one.name}")}
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
    return found - {name}


def open_pages(role: Role, database: Path, login: str, password: str) -> list[str]:
    """The application as its window shows it; each page is built, filled and painted."""
    from PySide6.QtWidgets import QApplication

    from mab_desktop.ui.app import AppOptions
    from mab_desktop.ui.settings import Settings
    from mab_desktop.ui.workplace_app import build_workplace

    application = QApplication(["mab"])
    app = import_module(f"mab_desktop.{role.package}.app").APP
    settings = Settings(database.with_name("settings.json"))
    options = AppOptions(lang="kk", login=login, password=password, inline=True)
    shell = build_workplace(app, database, options, settings)
    shell.show()
    keys = [spec.key for spec in shell.spec.pages] if shell.is_open() else []
    for key in keys:
        shell.open_page(key)
        application.processEvents()
    shell.close()
    return keys


def main(argv: Sequence[str]) -> int:
    """What came, what was shown, what was asked for in vain."""
    description = read()
    role = description.roles[argv[0]]
    finder = LeftOut(description, role)
    sys.meta_path.insert(0, finder)
    names = sorted(reached(role, finder).keys() - {"mab_desktop.cli.__main__"})
    for name in names:
        import_module(name)
    pages = open_pages(role, Path(argv[1]), argv[2], argv[3])
    print(json.dumps({"modules": len(names), "pages": pages, "missed": sorted(finder.missed)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
