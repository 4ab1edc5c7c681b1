"""Every argument of ``remove()`` and every option of the server, and what becomes of each on Pixian.

Two tables of the same rows: the function's, under the names that Python code writes, and the server's, under its short
ones. Facts about rembg are from its released packages unless ``confidence`` says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.rembg import effects, values
from pixian_adapters.rembg.models import MODELS
from pixian_shim.translation import Confidence, Rule, RuleTable, Verdict, free_test

if TYPE_CHECKING:
    from pixian_shim.translation import Capability

_NAMES = ", ".join(model.name for model in MODELS)
_MODELS = f"{_NAMES}; and pixian"
_EDGES = "Accepted and left aside: Pixian always mattes finely and takes the old background out of the edges."
_SOURCE = "Sent as Pixian's `image`."
_REWRITTEN = "WebP and AVIF are rewritten as PNG first; what Pixian does not list beside is no picture here."


def _hint(
    name: str, values_: str, default: str | None, says: str = _EDGES, capability: Capability | None = "transparency"
) -> Rule:
    """Make the row of what only says how hard to try, or how to run what is not run here."""
    return Rule(
        name=name,
        values=values_,
        default=default,
        verdict=Verdict.IGNORED,
        says=says,
        hint=True,
        capability=capability,
    )


DATA = Rule(
    name="data",
    values="bytes of a picture, a Pillow image, or an array of `uint8`; the kind decides what comes back",
    verdict=Verdict.CONVERTED,
    says=f"{_SOURCE} Formats that Pixian does not list are rewritten as PNG first, as far as Pillow reads them. Images "
    "and arrays are turned upright and sent as PNG; the channels of an array keep their order.",
    read=values.picture,
    apply=effects.take_source,
    source=True,
    upload=True,
    capability="source",
)
MODEL = Rule(
    name="session",
    values=f"what `new_session` gave; `pixian-shim explain` takes the name of its model: {_MODELS}",
    verdict=Verdict.IGNORED,
    says="Pixian has one way for whatever is in front. `u2net_human_seg`, `birefnet-portrait` and `isnet-anime` look "
    "for one kind of subject: a warning says once that Pixian does not. `sam`, `u2net_cloth_seg`, `u2net_custom`, "
    "`dis_custom` and `ben_custom` are refused. A session of your own class, whose `predict` is yours, is asked as in "
    "rembg, and Pixian is not.",
    apply=effects.choose_model,
    capability="subject class",
)
TEST = free_test("rembg", read=values.flag)
MATTING = (
    _hint("alpha_matting", "true, false", "false"),
    _hint("alpha_matting_foreground_threshold", "whole number", "240"),
    _hint("alpha_matting_background_threshold", "whole number", "10"),
    _hint("alpha_matting_erode_size", "whole number", "10"),
    _hint("decontaminate", "true, false", "false"),
    _hint("vitmatte", "true, false", "false"),
)
POST_PROCESS = Rule(
    name="post_process_mask",
    values="true, false",
    default="false",
    verdict=Verdict.EMULATED,
    says="Opening, blur and threshold are done here on Pixian's matte, which becomes hard: 0 or 255. "
    "The colours are the original's own, as in rembg.",
    read=values.flag,
    apply=effects.harden,
    capability="mask",
)
PUT_ALPHA = Rule(
    name="putalpha",
    values="true, false",
    default="false",
    verdict=Verdict.EMULATED,
    says="Pixian's matte is put onto the original's own pixels, in place of any alpha that they had.",
    read=values.flag,
    apply=effects.keep_colours,
    capability="transparency",
)
ONLY_MASK = Rule(
    name="only_mask",
    values="true, false",
    default="false",
    verdict=Verdict.EMULATED,
    says="The alpha channel of Pixian's result is taken out here, as grey.",
    read=values.flag,
    apply=effects.give_mask,
    default_matters=True,  # a result is a PNG in any case
    capability="mask",
)
COLOUR = Rule(
    name="bgcolor",
    values="R, G, B, A, each 0 to 255",
    verdict=Verdict.CONVERTED,
    says="`background.color`; a translucent colour is put behind the subject here. The result stays RGBA.",
    here="Put behind the subject here; the result stays RGBA.",
    read=values.colour,
    apply=effects.fill,
    capability="background colour",
)


def _sessions_own(name: str, values_: str, model: str) -> Rule:
    return Rule(
        name=name,
        values=values_,
        verdict=Verdict.REFUSED,
        says=f"Refused together with {model}, which alone listens to it. With any other model it has no effect, here "
        "and in rembg.",
        apply=effects.leave_to_model,
        capability="region" if name == "sam_prompt" else "subject class",
    )


REST = (
    _hint("vitmatte_model", "name of a checkpoint", None),
    Rule(
        name="force_return_bytes",
        values="true (a PNG as bytes), false",
        default="false",
        verdict=Verdict.EXACT,
        says="The input is taken as an encoded file, and bytes come back.",
        capability="format",
    ),
    _hint("providers", "list of execution providers", None, "There is nothing to execute here.", None),
    _hint("sess_opts", "options of onnxruntime", None, "There is nothing to execute here.", None),
    _sessions_own("sam_prompt", "list of points and rectangles", "`sam`"),
    _sessions_own("sam_model", "name of a network", "`sam`"),
    _sessions_own("sam_quant", "true, false", "`sam`"),
    _sessions_own("cc", "upper, lower, full, attire", "`u2net_cloth_seg`"),
    _sessions_own("cloth_category", "upper, lower, full, attire", "`u2net_cloth_seg`"),
    _sessions_own("model_path", "file", "`u2net_custom`, `dis_custom` and `ben_custom`"),
    _hint(
        "api_key", "text", None, "`id:secret` of Pixian with the model `pixian`; a key of another service stays here."
    ),
    _hint("timeout", "seconds", None, "Of the clouds' sessions; Pixian's client has its own patience of 180 s.", None),
    _hint("poll_timeout", "seconds", None, "Of `atlascloud`; Pixian answers at once.", None),
    _hint("model", "name", None, "Of `atlascloud`, which is not asked.", "subject class"),
    Rule(
        name="model_name",
        values="name of a model",
        verdict=Verdict.IGNORED,
        says="What 1.x called the session's model; read like `session`.",
        apply=effects.choose_model,
        confidence=Confidence.LOW,
        capability="subject class",
    ),
    _hint("*args", "anything", None, "Handed on to the session, which has no use for it.", None),
)

RULES = RuleTable("rembg", (DATA, MODEL, TEST, *MATTING, POST_PROCESS, PUT_ALPHA, ONLY_MASK, COLOUR, *REST))

SHORT = {
    "model": MODEL,
    **dict(zip(("a", "af", "ab", "ae", "dc", "vm"), MATTING, strict=True)),
    "ppm": POST_PROCESS,
    "om": ONLY_MASK,
}
"""The server's names of the function's arguments; on POST they are form fields."""

IN_ADDRESS = ("bgc", "extras")
"""What the server takes from the address only, also on POST."""


def _renamed(rule: Rule, name: str, **changes: Any) -> Rule:
    return attrs.evolve(rule, name=name, **changes)


def _extra(name: str, value: str, draft: Any) -> Any:
    """Do what the function does with an argument of that name."""
    return effects.apply_as(RULES.find(name), name, value, draft)


SERVER = RuleTable(
    "rembg's server",
    (
        _renamed(DATA, "file", values="file part; POST only", says=f"{_SOURCE} {_REWRITTEN}"),
        Rule(
            name="url",
            values="http or https address; GET only",
            verdict=Verdict.CONVERTED,
            says="Pixian fetches it (`image.url`); where the original's pixels are needed here, it is fetched here. "
            "Addresses that are not public are refused, as by rembg since 2.0.75 at the latest.",
            read=values.address,
            apply=effects.take_source,
            source=True,
            capability="source",
        ),
        TEST,
        *(
            _renamed(rule, name, values=_MODELS if rule is MODEL else rule.values)
            for name, rule in SHORT.items()
            if rule is not ONLY_MASK
        ),
        Rule(
            name="extras",
            values="JSON object of further arguments of `remove`",
            verdict=Verdict.CONVERTED,
            says="Taken apart; what becomes of each is told as `extras[name]`. On POST they are read from the address "
            "only.",
            apply=effects.tell_of_extras,
            apply_variant=_extra,
        ),
        _renamed(ONLY_MASK, "om"),
        _renamed(COLOUR, "bgc", values="R,G,B,A", says=f"{COLOUR.says} On POST it is read from the address only."),
    ),
)
