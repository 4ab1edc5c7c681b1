"""From a call to a plan: the function's as it is; the server's after what FastAPI would do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.rembg import effects, values
from pixian_adapters.rembg.rules import DATA, IN_ADDRESS, RULES, SERVER, SHORT, TEST
from pixian_shim.errors import TranslationError
from pixian_shim.translation import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.pixian import Upload
    from pixian_shim.translation import Call, Note, Plan

FUNCTION, GET, POST = "remove", "server-url", "server"
"""The operations: the function, and the two ways to ask the server."""

MAX_INPUT_PIXELS = 100_000_000

_ALSO_IN_EXTRAS = frozenset({rule.name for rule in SHORT.values()} | {"bgcolor"}) - {"model"}
"""What the server hands to ``remove`` itself: with extras of the same name it fails."""


def plan(call: Call) -> Plan:
    """Translate a call.

    Raises:
        TranslationError: with the server's status as its code.
    """
    found = _of_server(call) if call.operation in (GET, POST) else RULES.plan(call, max_input_pixels=MAX_INPUT_PIXELS)
    if found.source is None:
        raise TranslationError("no picture is given", code=values.UNPROCESSABLE, parameter="data")
    opaque = not found.local and found.parameters.background_color is not None
    return attrs.evolve(found, when_answered=(_WITH_ALPHA,)) if opaque else found


_WITH_ALPHA = "write it as RGBA, as Pixian writes no alpha channel with an opaque colour behind the subject"


def _of_server(call: Call) -> Plan:
    source, place = ("url", "query") if call.operation == GET else ("file", "body")
    read, left = _looked_at(call, source)
    problems = [
        problem
        for option in values.CHECKED
        if (value := read.get(option.name)) is not None and (problem := option.problem(place, value))
    ]
    if read.get(source) is None and ("url", "") not in call.query.items:
        problems.append({"type": "missing", "loc": [place, source], "msg": "Field required", "input": None})
    if problems:
        raise effects.unprocessable(problems)
    if read.get(source) is None:
        values.address("")  # is none, and refused as such
    found = SERVER.plan(attrs.evolve(call, form=_taken_apart(read)), max_input_pixels=MAX_INPUT_PIXELS)
    vain = {note.name for note in left}
    return attrs.evolve(found, notes=(*(note for note in found.notes if note.name not in vain), *left))


def _looked_at(call: Call, source: str) -> tuple[Form, list[Note]]:
    """Keep what the server reads, each from its place, and say of the rest where it stands in vain."""
    other = {"url", "file"} - {source}
    if call.operation == GET:
        kept = [item for item in call.form.items if item[0] not in other]
    else:
        body = call.form.items[len(call.query.items) :]
        kept = [item for item in call.query.items if item[0] in IN_ADDRESS or SERVER.find(item[0]) in (None, TEST)]
        kept += [item for item in body if item[0] not in (*IN_ADDRESS, *other)]
    names = Form(tuple(kept)).names
    return Form(tuple(kept)), [_in_vain(name, value, call) for name, value in call.form if name not in names]


def _in_vain(name: str, value: str | Upload, call: Call) -> Note:
    where = "the address only" if name in IN_ADDRESS else "the form only"
    says = f"On POST it is read from {where}, here and by rembg."
    if name in ("file", "url"):
        says = f"{'GET' if call.operation == GET else 'POST'} has no such parameter."
    return (SERVER.find(name) or DATA).note(name, value, effects.ignored(says), given=True)


def _taken_apart(form: Form) -> Form:
    """Put each of the extras beside them.

    Raises:
        TranslationError: too many of them; or one that the server has an option for, on which it fails.
    """
    text = form.get("extras")
    found = {} if text is None else values.extras(text)
    for name in found:
        if name in _ALSO_IN_EXTRAS:
            raise TranslationError(f"extras hold {name}, which has an option of its own", code=values.FAILED)
    return Form.received([*_without_keys(form, found), *_apart(found)])


def _without_keys(form: Form, found: dict[str, Any]) -> Iterator[tuple[str, str | Upload]]:
    """Let nothing that may be a key stand in a note."""
    for name, value in form.items:
        yield name, f"{{{', '.join(found)}}}" if name == "extras" and found else value


def _apart(found: dict[str, Any]) -> Iterator[tuple[str, str | Upload]]:
    for name, value in found.items():
        text = values.written(name, value)
        if text is not None:
            yield f"extras[{name}]", text
