"""The parameters of version 2 that say how large the result is, and where on it the subject stands.

By its default, version 2 does not leave the subject in place: it is scaled until it touches the edges of the canvas.
"""

from __future__ import annotations

from pixian_adapters.photoroom import effects, values
from pixian_shim.translation import (
    Rule,
    Verdict,
    one_of,
)

INSETS = "0 to 0.49, `30%`, `100px`"
LONGEST = 65_535
"""Pixels on a side: the most that a JPEG can tell of."""


def _insets(name: str, says: str) -> tuple[Rule, ...]:
    """Make the rules of ``padding`` or ``margin``: the general one, and one for each side."""
    general = Rule(
        name=name,
        values=INSETS,
        default="0",
        verdict=Verdict.CONVERTED,
        says=f"{says} `result.margin`, where Pixian lays the picture out.",
        here=says,
        read=values.inset,
        apply=effects.general_inset,
        capability="margin",
    )
    return general, *(
        Rule(
            name=f"{name}{side}",
            values=INSETS,
            verdict=Verdict.CONVERTED,
            says=f"Instead of `{name}` on this side.",
            here=f"Instead of `{name}` on this side.",
            read=values.inset,
            capability="margin",
        )
        for side in effects.SIDES
    )


LAYOUT = (
    Rule(
        name="outputSize",
        values="auto, originalImage, croppedSubject, `800x600`",
        default="auto",
        verdict=Verdict.CONVERTED,
        says="The canvas, on which the subject is scaled and placed here: by default it touches the edges of a canvas "
        "as large as the original. Given in pixels and with both alignments (which switch snapping off), it is "
        "`result.target_size`. croppedSubject has margins and padding around the subject (assumption). At most 36 "
        "megapixels; croppedSubject's canvas is known after the call only, and then scaled down to that as a whole.",
        here="The canvas, on which the subject, or the whole picture, is scaled and placed here. At most 36 "
        "megapixels; croppedSubject's is scaled down to that as a whole.",
        read=values.output_size,
        apply=effects.arrange,
        default_matters=True,
        capability="size",
    ),
    *(
        Rule(
            name=name,
            values="pixels",
            verdict=Verdict.EMULATED,
            says="The canvas is scaled down to it, aspect kept; with outputSize=originalImage or croppedSubject only.",
            read=values.whole(1, LONGEST),
            apply=effects.limit,
            capability="size",
        )
        for name in ("maxWidth", "maxHeight")
    ),
    Rule(
        name="referenceBox",
        values="subjectBox, originalImage",
        default="subjectBox",
        verdict=Verdict.CONVERTED,
        says="What is laid out: originalImage keeps the subject where it stands in the photo.",
        here="What is laid out here.",
        read=one_of("subjectBox", "originalImage"),
        apply=effects.choose_reference,
        capability="position",
    ),
    Rule(
        name="scaling",
        values="fit, fill",
        default="fit",
        verdict=Verdict.EMULATED,
        says="Done here: fill covers the target area, and what lies beside it is cut off.",
        read=one_of("fit", "fill"),
        capability="scale",
    ),
    *(
        Rule(
            name=name,
            values=", ".join(places),
            verdict=Verdict.CONVERTED,
            says=f"{says} Sides that the photo cuts off are then treated as any other.",
            here="The subject is placed here; sides that the photo cuts off are then treated as any other.",
            read=one_of(*places),
            capability="position",
        )
        for name, places, says in (
            ("horizontalAlignment", effects.ACROSS, "Pixian always centres; left and right are done here."),
            ("verticalAlignment", effects.DOWN, "`result.vertical_alignment`, where Pixian lays the picture out."),
        )
    ),
    Rule(
        name="ignorePaddingAndSnapOnCroppedSides",
        values="true, false",
        default="true",
        verdict=Verdict.EMULATED,
        says="Where the subject touches the photo's edge, it stands against that side of the canvas, without padding.",
        read=values.boolean,
        apply=effects.snap,
        capability="position",
    ),
    *_insets("margin", "Kept free around everything; shares are of the canvas, on the same axis."),
    *_insets("padding", "Kept free inside the margins; shares are of what the margins leave, on the same axis."),
)
