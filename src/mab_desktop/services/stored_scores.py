"""Decisions taken once more from the scores of an earlier reading, without the images."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_
from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.marks import as_fields, decide_again
from mab_desktop.omr.rules import READER_VERSION, Rules
from mab_desktop.services.readings import Form, rules_of

NEXT = N_("Write the scores when reading: mab read --scores --json FILE")


def about_scores(form: Form) -> dict[str, str]:
    """What a file with scores says of itself: the reader's version and the geometry that the scores belong to."""
    return {"reader": READER_VERSION, "geometry": form.digest}


def decide_stored(path: Path, form: Form, rules: Sequence[str] = ()) -> dict[str, Any]:
    """The file's sheets with decisions taken again by the rules they were read with, `rules` (name=value) put in.

    Refused pages stay refused: why may stand in the image only. UserError when there are no scores of this form.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        sheets, geometry = data["sheets"], data.get("geometry")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _no_scores(path) from error
    if not isinstance(sheets, list):
        raise _no_scores(path)
    if geometry is not None and geometry != form.digest:
        raise UserError(
            N_("The scores in {name} belong to another sheet."),
            next_step=N_("Name the same profile or geometry as when reading."), name=path.name,
        )  # fmt: skip
    return {**data, **about_scores(form), "sheets": [_decided(path, sheet, form.arrays, rules) for sheet in sheets]}


def _decided(path: Path, sheet: Any, geometry: Geometry, changes: Sequence[str]) -> dict[str, Any]:
    if not isinstance(sheet, dict) or not isinstance(sheet.get("ok"), bool):
        raise _no_scores(path)
    if not sheet["ok"]:
        return sheet
    try:
        scores = base64.b64decode(sheet["scores"], validate=True)
        decision = decide_again(scores, geometry, rules_of(changes, _stored_rules(sheet["thresholds"])))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise _no_scores(path) from error
    groups = {
        name: {str(n): {"state": group.state.value, "values": list(group.values)} for n, group in columns.items()}
        for name, columns in as_fields(decision, geometry).items()
    }
    return {**sheet, "fields": groups, "thresholds": decision.thresholds()}


def _stored_rules(thresholds: Mapping[str, Any]) -> Rules:
    """The rules a page was read with; what an older reader did not know yet keeps its usual value."""
    usual = Rules()
    names = [rule.name for rule in fields(Rules) if rule.name in thresholds]
    return Rules(**{name: type(getattr(usual, name))(thresholds[name]) for name in names})


def _no_scores(path: Path) -> UserError:
    return UserError(N_("{name} holds no scores to decide from."), next_step=NEXT, name=path.name)
