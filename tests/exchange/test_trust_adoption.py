"""Whatever lists come, in whatever order: a workplace only ever goes forward, along one branch, with one root.

The pool holds honest lists with a change of root, a branch that two people signed beside the true one, another
centre, and lists signed with keys that had lost the right. What may follow what is known from how they were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import canonical, envelope, kinds, trust
from mab_desktop.exchange.device import DeviceKeys, SigningKey

DAY, FAR = date(2026, 1, 1), date(2030, 1, 1)
CODES = {"trust-older", "trust-fork", "trust-root", "trust-centre"}


@dataclass
class Node:
    """A list, and the one that it was made from."""

    store: trust.TrustStore
    parent: Node | None

    def follows(self, other: Node) -> bool:
        """True where this one was made from `other`, near or far, and no root was left out on the way."""
        node: Node | None = self
        while node is not None and node is not other:
            node = node.parent
        return node is other and len(self.store.roots) >= len(other.store.roots)


class Centre:
    """Keys of a centre, and the lists that it or a thief of its keys signs."""

    def __init__(self, name: str) -> None:
        self.chance = SeededEntropy(name)
        self.roots = [SigningKey.generate(self.chance) for _ in range(3)]
        self.people = [SigningKey.generate(self.chance) for _ in range(2)]
        self.device = DeviceKeys.generate("ntc", "ntc", kinds.NTC, self.chance).public
        self.chain = self.make_root(self.people, ())

    def make_root(self, people: list[SigningKey], previous: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Another root that names `people`."""
        return trust.make_root([key.keyid for key in self.roots], 2, FAR, self.roots[:2], previous,
                               list_keys=[key.keyid for key in people], list_threshold=2)  # fmt: skip

    def issue(self, parent: Node | None, kind: str = "reference", **more: object) -> Node:
        """A list after `parent`; `kind` makes lists with one number differ."""
        entry = trust.OrganisationEntry(
            org="ntc", roles=("ntc",), may_send=(kind,), may_send_to=("*",),
            devices=(trust.device_entry(self.device),), persons=(),
        )  # fmt: skip
        given = {"signers": self.people, "roots": self.chain, **more}
        previous = parent.store if parent else None
        return Node(_sign(given["roots"], entry, given["signers"], previous), parent)


def _sign(roots, entry, signers, previous) -> trust.TrustStore:
    """As `issue_list`, but without its check against the list before: a thief does not ask."""
    content = {
        "format": "mab-trust-2", "version": previous.version + 1 if previous else 1,
        "history": [*previous.list.history, previous.digest] if previous else [], "issued": DAY.isoformat(),
        "expires": FAR.isoformat(), "roots": [canonical.decode(data, "root") for data in roots],
        "organisations": [_plain(entry)],
    }  # fmt: skip
    return trust.verify_list(envelope.sign(canonical.encode(content), envelope.TRUST_TYPE, signers))


def _plain(entry: trust.OrganisationEntry) -> dict[str, object]:
    import msgspec

    return msgspec.to_builtins(entry)


def _pool() -> list[Node]:
    centre, other = Centre("true"), Centre("other")
    old, first = centre.people, centre.chain
    line = [centre.issue(None)]
    for _ in range(3):
        line.append(centre.issue(line[-1]))
    branch = [centre.issue(line[1], "variants")]
    branch += [centre.issue(branch[-1])]
    # The root takes the right to sign lists from both people and gives it to others.
    centre.people = [SigningKey.generate(centre.chance) for _ in range(2)]
    centre.chain = centre.make_root(centre.people, first)
    for _ in range(3):
        line.append(centre.issue(line[-1]))
    stolen = [centre.issue(line[3], "contingent", signers=old, roots=first),
              centre.issue(line[5], "contingent", signers=old, roots=first)]  # fmt: skip
    stolen.append(centre.issue(stolen[1], "contingent", signers=old, roots=first))
    # Two holders of root keys make two different second roots.
    twin = centre.make_root([*old, centre.people[0]], first)
    twins = [centre.issue(line[3], roots=twin, signers=old)]
    foreign = [other.issue(None)]
    foreign += [other.issue(foreign[0])]
    return [*line, *branch, *stolen, *twins, *foreign]


POOL = _pool()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(range(len(POOL))), min_size=2, max_size=12))
def test_a_workplace_never_goes_back_nor_to_another_branch(order: list[int]) -> None:
    here = POOL[order[0]]
    for node in (POOL[number] for number in order[1:]):
        if node.follows(here):
            assert trust.adopt(here.store, node.store.data) == node.store
            assert node.store.version >= here.store.version
            assert node.store.root_digests[: len(here.store.roots)] == here.store.root_digests
            here = node
        else:
            with pytest.raises(CarrierRefused) as refused:
                trust.adopt(here.store, node.store.data)
            assert refused.value.code in CODES
            # Harmless is only what really lies behind on our own line.
            assert (refused.value.code == "trust-older") is (here.follows(node) or _is_behind(node, here))


def _is_behind(node: Node, here: Node) -> bool:
    """True for an ancestor of `here`, whatever its roots."""
    while here.parent is not None:
        here = here.parent
        if here is node:
            return True
    return False


def test_the_pool_has_every_sort_of_trouble() -> None:
    found = set()
    for one in POOL:
        for other in POOL:
            try:
                trust.adopt(one.store, other.store.data)
            except CarrierRefused as error:
                found.add(error.code)
    assert found == CODES
