"""The signed list of files that an installer brings along, and the key that signs it.

The list depends on the commit only; so does the signature, since the same key gives the same signature (Ed25519).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LIST, SIGNATURE = "release.json", "release.sig"
SIGNED_AS = b"mab-release-1\n"  # as services.installation checks it


def write(root: Path, *, role: str, version: str, commit: str, built: str, key: Ed25519PrivateKey, trial: bool) -> str:
    """List and sign everything below `root`; the SHA-256 of the list."""
    files = {
        path.relative_to(root).as_posix(): [hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size]
        for path in sorted(root.rglob("*")) if path.is_file() and path.name not in (LIST, SIGNATURE)
    }  # fmt: skip
    told = {"role": role, "version": version, "commit": commit, "built": built, "files": files}
    data = (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()
    public = key.public_key().public_bytes_raw().hex()
    stamp = {"key": public, "signature": key.sign(SIGNED_AS + data).hex(), "trial": trial}
    for name, text in ((LIST, data), (SIGNATURE, (json.dumps(stamp, indent=1) + "\n").encode())):
        (root / name).write_bytes(text)
        (root / name).chmod(0o644)
    return hashlib.sha256(data).hexdigest()


def signing_key(path: Path | None, cache: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key in a PEM file; without one a key for trials that is kept in the cache, and True."""
    place = path or cache / "trial-key.pem"
    if path is None and not place.exists():
        made = Ed25519PrivateKey.generate()
        place.write_bytes(made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip
        place.chmod(0o600)
    key = serialization.load_pem_private_key(place.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{place} is not an Ed25519 key.")
    return key, path is None
