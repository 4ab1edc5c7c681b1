"""What version 2 does with artificial intelligence and with templates, none of which is a background remover's work.

Each feature is refused by its name: a picture without what was asked for would be a wrong picture. Parameters that only
adjust a feature, and ask for nothing by themselves, are let pass.
"""

from __future__ import annotations

from functools import partial

from pixian_adapters.photoroom import values
from pixian_shim.translation import Rule, Verdict

FEATURES = {
    "background.prompt": ("text", "backgrounds are not generated"),
    "background.guidance.imageUrl": ("http or https address", "backgrounds are not generated"),
    "background.guidance.imageFile": ("file part", "backgrounds are not generated"),
    "segmentation.*": ("prompt, negativePrompt, mode", "subjects are not chosen by text"),
    "shadow.*": ("mode, and overrides", "shadows are not generated"),
    "lighting.*": ("mode", "lighting is not changed"),
    "textRemoval.*": ("mode", "text is not removed from pictures"),
    "expand.*": ("mode, seed", "pictures are not continued beyond their edges"),
    "uncrop.*": ("mode, seed", "subjects are not completed"),
    "upscale.*": ("mode", "pictures are not upscaled by a model"),
    "beautify.*": ("mode, seed", "products are not beautified"),
    "flatLay.*": ("mode, prompt, size", "flat lays are not generated"),
    "ghostMannequin.*": ("mode, prompt, size", "mannequins are not removed from clothes"),
    "ironing.*": ("mode", "clothes are not ironed"),
    "virtualModel.*": ("mode, and more", "models are not generated"),
    "editWithAI.*": ("mode, prompt, seed, additionalImages", "pictures are not edited by text"),
    "describeAnyChange.*": ("mode, prompt, seed", "pictures are not edited by text"),
    "imageFromPrompt.*": ("prompt, seed, size", "pictures are not generated"),
    "templateId": ("id", "templates of PhotoRoom are known to PhotoRoom only"),
    "layers": ("object", "layers are not put together"),
    "layers.*": ("object", "layers are not put together"),
}
"""Of each feature: what may be given, and why not."""

ADJUSTMENTS = (
    "background.negativePrompt",
    "background.seed",
    "background.expandPrompt",
    "background.expandPrompt.mode",
    "background.guidance.scale",
)
"""They only matter with ``background.prompt`` or a guiding picture, which are refused."""

AI_RULES = (
    *(
        Rule(
            name=name,
            values=accepted,
            verdict=Verdict.REFUSED,
            says=f"An error: {why}.",
            read=partial(values.refuse, why),
            upload=accepted == "file part",
            capability="shadow" if name == "shadow.*" else "ai",
        )
        for name, (accepted, why) in FEATURES.items()
    ),
    *(
        Rule(
            name=name,
            values="as on PhotoRoom",
            verdict=Verdict.IGNORED,
            says="No effect without background.prompt or a guiding picture, which are refused.",
            read=values.anything,
            capability="ai",
        )
        for name in ADJUSTMENTS
    ),
)
