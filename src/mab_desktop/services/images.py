"""Scanned images at rest: sealed in a folder beside the database, opened only in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context
from mab_desktop.storage import scratch
from mab_desktop.storage.sealed import SUFFIX, SealedFile, Vault, wipe

_HALF = (".part", ".tmp")
_OLDER_ONCE = "one-*"


def scans_folder(ctx: Context) -> Path:
    """The folder beside the database that holds the scanned images."""
    return ctx.store.path.parent / f"{ctx.store.path.stem}-scans"


def vault(ctx: Context) -> Vault:
    """All sealed images of this workplace; places in it are paths below `scans_folder`."""
    return Vault.of_database(scans_folder(ctx), ctx.store.key)


def kept_image(ctx: Context, image: str) -> SealedFile | Path:
    """A kept image by its place; one that could not be sealed yet opens as it lies."""
    sealed, plain = vault(ctx).file(image), scans_folder(ctx) / image
    return plain if plain.is_file() and not sealed.exists() else sealed


@contextmanager
def short_lived(ctx: Context) -> Iterator[Path]:
    """A private folder for a page that is looked at once and not kept: in memory where there is such a folder."""
    folder = scratch.private_folder(f"{_once(ctx)}{new_id(ctx.entropy)[:12]}", scans_folder(ctx))
    try:
        yield folder
    finally:
        scratch.remove(folder)


def _once(ctx: Context) -> str:
    """How the short-lived folders of this workplace begin."""
    return f"once-{scratch.tag(scans_folder(ctx))}-"


def seal_older(ctx: Context, progress: Progress = Silent()) -> int:
    """Seal what an older version of this program left in clear, and wipe it; how many files that were.

    A power cut or a full disk in between loses nothing: a file is wiped only when it lies sealed, and the next start
    goes on. What a crash left of pages that were to be looked at once is wiped.
    """
    root = scans_folder(ctx)
    for folder in (*scratch.left_behind(_once(ctx), root), *root.glob(_OLDER_ONCE)):
        scratch.remove(folder)
    plain = [path for path in sorted(root.rglob("*")) if _is_plain(path.relative_to(root), path)]
    if not plain:
        return 0
    progress.stage(N_("Sealing the scanned images"), len(plain))
    count = 0
    with suppress(OSError):
        for path in plain:
            if path.suffix not in _HALF:
                _sealed(vault(ctx), path, path.relative_to(root).as_posix())
            wipe(path)
            count += 1
            progress.step()
    with ctx.store.write(ctx.actor) as tx:
        tx.note("images-sealed", root.name, count=count, left=len(plain) - count)
    return count


def _is_plain(place: Path, path: Path) -> bool:
    """A file in clear; a run's pages that its scanner has just given are sealed with their run."""
    return path.suffix != SUFFIX and path.is_file() and not place.parts[0].startswith(scratch.PREFIX)


def _sealed(where: Vault, path: Path, place: str) -> None:
    """Seal a plain file at its place, once: one that is there already was sealed before a cut."""
    if not where.file(place).exists():
        with path.open("rb") as source:
            where.put(source, place)
