"""The names that rembg's sessions have, where their classes are imported from, and what each of them is here."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen
class Model:
    """One name that ``new_session`` takes.

    Attributes:
        name: as callers write it.
        home: the module below ``rembg.sessions``.
        session: its class there.
        kind: ``general`` finds whatever is in front, as Pixian does; ``subject`` looks for one kind of subject;
            ``remote`` is another paid service; ``refused`` does what Pixian cannot.
        instead: what it does, where that cannot be had.
    """

    name: str
    home: str
    session: str
    kind: Literal["general", "subject", "remote", "refused"] = "general"
    instead: str = ""

    @property
    def refusal(self) -> str:
        """Say why it cannot be had."""
        return f"the model {self.name!r} {self.instead}, which Pixian cannot do"


_OWN = "runs a network of your own"

MODELS = (
    Model("birefnet-general", "birefnet_general", "BiRefNetSessionGeneral"),
    Model("birefnet-general-lite", "birefnet_general_lite", "BiRefNetSessionGeneralLite"),
    Model("birefnet-general-fp16", "birefnet_general_fp16", "BiRefNetSessionGeneralFP16"),
    Model("birefnet-portrait", "birefnet_portrait", "BiRefNetSessionPortrait", "subject"),
    Model("birefnet-dis", "birefnet_dis", "BiRefNetSessionDIS"),
    Model("birefnet-hrsod", "birefnet_hrsod", "BiRefNetSessionHRSOD"),
    Model("birefnet-cod", "birefnet_cod", "BiRefNetSessionCOD"),
    Model("birefnet-massive", "birefnet_massive", "BiRefNetSessionMassive"),
    Model("isnet-anime", "dis_anime", "DisSession", "subject"),
    Model("dis_custom", "dis_custom", "DisCustomSession", "refused", _OWN),
    Model("isnet-general-use", "dis_general_use", "DisSession"),
    Model("sam", "sam", "SamSession", "refused", "cuts out what points and rectangles mark"),
    Model("silueta", "silueta", "SiluetaSession"),
    Model("u2net_cloth_seg", "u2net_cloth_seg", "Unet2ClothSession", "refused", "separates pieces of clothing"),
    Model("u2net_custom", "u2net_custom", "U2netCustomSession", "refused", _OWN),
    Model("u2net_human_seg", "u2net_human_seg", "U2netHumanSegSession", "subject"),
    Model("u2net", "u2net", "U2netSession"),
    Model("u2netp", "u2netp", "U2netpSession"),
    Model("bria-rmbg", "bria_rmbg", "BriaRmBgSession"),
    Model("ben_custom", "ben_custom", "BenCustomSession", "refused", _OWN),
    Model("withoutbg", "withoutbg", "WithoutBgSession", "remote"),
    Model("atlascloud", "atlascloud", "AtlasCloudSession", "remote"),
)
"""Those of 2.0.86, in its order."""

OWN = Model("pixian", "pixian", "PixianSession")
"""The name that this library adds, inside rembg and here."""

BY_NAME = {model.name: model for model in (*MODELS, OWN)}
