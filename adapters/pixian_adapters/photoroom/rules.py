"""From a call of any operation to a plan: the two tables are in ``rules_segment`` and ``rules_edit``."""

from __future__ import annotations

import attrs

from pixian_adapters.photoroom import rules_edit, rules_segment
from pixian_shim.errors import TranslationError
from pixian_shim.translation import Call, Form, Plan, Task

SEGMENT, EDIT = rules_segment.RULES, rules_edit.RULES

MAX_INPUT_PIXELS = 36_000_000
"""PhotoRoom takes at most 6,000 pixels on the longer side."""

_MISSING = {
    "segment": (rules_segment.SOURCES, "missing_image", "Please provide an image."),
    "edit": (rules_edit.SOURCES, "missing_image", "Please provide an image: imageFile, or imageUrl"),
    "render": ((), "missing_template", "templateId is required, and only PhotoRoom has templates"),
}
"""Of each operation: where its picture may stand, the error's code and words without one (those of the first are
documented). No picture is enough for a template."""


def plan(call: Call) -> Plan:
    """Translate a call.

    Raises:
        TranslationError: with the word for PhotoRoom's ``type`` as its code, where there is one.
    """
    if call.operation not in _MISSING:
        return Plan(task=Task.ACCOUNT)
    if call.trial:
        call = attrs.evolve(call, form=Form((*call.form.items, ("test", "true"))))
    sources, code, message = _MISSING[call.operation]
    given = call.form.names
    asked = SEGMENT if call.operation == "segment" else EDIT
    if not any(name in sources for name in given):
        asked.plan(call)  # a feature that cannot be had is the better answer
        raise TranslationError(message, code=code)
    if call.operation == "segment":
        return SEGMENT.plan(call, max_input_pixels=MAX_INPUT_PIXELS)
    own_alpha = call.form.get("keepExistingAlphaChannel")
    keeps = isinstance(own_alpha, str) and own_alpha.strip().lower() == "auto"
    return EDIT.plan(call, max_input_pixels=MAX_INPUT_PIXELS, transparent_input="matte" if keeps else "merge")
