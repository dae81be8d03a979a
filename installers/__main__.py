"""`python -m installers deb|windows ROLE|all`: the installers of one commit, with a table of what takes the room."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from installers import debian, icons, inputs, licences, opencv, release, sizes, tree, windows
from installers.description import SOURCE, Description, Role, read


@dataclass(frozen=True)
class Commit:
    """What is built: the commit, its date in seconds, and the version that its source names."""

    name: str
    epoch: int
    version: str

    @property
    def built(self) -> str:
        """The commit's date."""
        return datetime.fromtimestamp(self.epoch, UTC).isoformat(timespec="seconds")

    @property
    def package_version(self) -> str:
        """Later commits sort higher."""
        return f"{self.version}+{datetime.fromtimestamp(self.epoch, UTC):%Y%m%d.%H%M}.{self.name[:7]}"


def commit_of(name: str) -> Commit:
    """The commit that a name stands for."""
    whole = _git("rev-parse", f"{name}^{{commit}}")
    text = _git("show", f"{whole}:src/mab_desktop/__init__.py")
    version = next(line.split('"')[1] for line in text.splitlines() if line.startswith("__version__"))
    return Commit(whole, int(_git("show", "-s", "--format=%ct", whole)), version)


def _git(*args: str) -> str:
    return subprocess.run(["git", *args], cwd=SOURCE, check=True, capture_output=True, text=True).stdout.strip()


def make(args: argparse.Namespace, description: Description, role: Role, commit: Commit) -> Path:
    """One installer; beside it a JSON with sizes and what was left out."""
    root = args.out / "tree" / f"{role.key}-{args.system}"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    grown = tree.Tree(root, role, description)
    lock = root.parent / "requirements.lock"
    lock.write_text(_git("show", f"{commit.name}:requirements.lock") + "\n", encoding="utf-8")
    wheels = inputs.wheels(args.cache, lock, args.system)
    tree.own(grown, commit.name, commit.epoch)
    tree.site(grown, wheels)
    kept = [wheel for wheel in wheels if tree.stays(grown, wheel)]
    parts = [licences.of_wheel(wheel) for wheel in kept]
    if args.system == "deb":
        _debian_parts(args, grown, parts, lock)
    else:
        windows.put_python(grown, inputs.embeddable(args.cache, description), parts, args.out)
    licences.put(grown, parts)
    tree.finish(grown, args.system)
    key, trial = release.signing_key(args.key, args.cache)
    digest = release.write(root, role=role.key, version=commit.version, commit=commit.name, built=commit.built, key=key,
                           trial=trial)  # fmt: skip
    pack = debian.build if args.system == "deb" else windows.build
    made = pack(root, args.out, description, role, commit.package_version, commit.epoch,
                quick=args.quick)  # fmt: skip
    facts = sizes.facts(grown, made, digest, args.system, quick=args.quick)
    made.with_suffix(f"{made.suffix}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return made


def _debian_parts(args: argparse.Namespace, grown: tree.Tree, parts: list[licences.Part], lock: Path) -> None:
    linux = grown.description.linux
    names = [*linux["python"], *linux["libraries"]]
    debs = dict(zip(names, inputs.debian_packages(args.cache, names), strict=True))
    if grown.role.slim_opencv:
        tree.replace_opencv(grown, opencv.slim(args.cache, lock))
    tree.linux(grown, debs)
    grown.put(f"bin/{grown.role.debian}", debian.launcher(grown.role), runs=True)
    grown.put("share/sharing.py", (debian.HERE / "linux" / "sharing.py").read_bytes())
    parts.extend(licences.of_debian(deb) for deb in debs.values())


def main(argv: Sequence[str] | None = None) -> int:
    """Build what is asked for; 1 when an installer is larger than the description allows."""
    parser = argparse.ArgumentParser(prog="python -m installers", description=__doc__)
    parser.add_argument("system", choices=("deb", "windows", "icons"))
    parser.add_argument("role", nargs="?", default="all", help="an application, or all of them")
    parser.add_argument("--commit", default="HEAD", help="what is built (default: HEAD)")
    parser.add_argument("--key", type=Path, help="PEM file of the Ed25519 key that signs (default: a key for trials)")
    parser.add_argument("--quick", action="store_true", help="pack quickly, for tests: larger than what is handed out")
    parser.add_argument("--out", type=Path, default=SOURCE / "dist")
    parser.add_argument("--cache", type=Path, default=SOURCE / "build" / "installers")
    args = parser.parse_args(argv)
    description = read()
    if args.system == "icons":
        icons.draw_all(description)
        return 0
    args.cache, args.out = args.cache.resolve(), args.out.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    commit, too_large = commit_of(args.commit), False
    wanted = list(description.roles) if args.role == "all" else [args.role]
    for key in wanted:
        role = description.roles[key]
        made = make(args, description, role, commit)
        size, limit = made.stat().st_size / 1e6, role.limit[args.system]
        too_large = too_large or (size > limit and not args.quick)
        print(f"{made.name}: {size:.1f} MB (at most {limit})", flush=True)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
