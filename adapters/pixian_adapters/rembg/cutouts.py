"""What rembg does to an image once there is a mask: the same results, written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pixian_shim import images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixian_shim.images import Pixels


def darkened(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Mix an image with transparent black, as rembg does by default: soft pixels get darker as well."""
    cut = Image.new("RGBA", image.size, 0)
    cut.paste(image, (0, 0), mask)
    return cut


def put_alpha(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Make the mask an image's alpha, in place; its colours stay."""
    image.putalpha(mask)
    return image


def unmixed(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Give the subject's own colours, without the old background in the soft pixels; the mask is the alpha."""
    colours = np.asarray(image.convert("RGB"))
    alpha = np.asarray(mask.convert("L"))
    return Image.fromarray(np.dstack([images.remove_fringe(colours, alpha), alpha]))


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """Put one above the other; a single one stays what it is."""
    if len(pictures) == 1:
        return pictures[0]
    tall = Image.new("RGBA", (pictures[0].width, sum(picture.height for picture in pictures)))
    top = 0
    for picture in pictures:
        tall.paste(picture, (0, top))
        top += picture.height
    return tall


def hard(mask: Pixels) -> Pixels:
    """Open, blur and threshold a mask."""
    return images.harden(mask)


def over_colour(image: Image.Image, colour: Any) -> Image.Image:
    """Put a colour behind an RGBA image, which it stays."""
    return Image.alpha_composite(Image.new("RGBA", image.size, tuple(colour)), image)


def cut(image: Image.Image, mask: Image.Image, arguments: dict[str, Any]) -> Image.Image:
    """Cut out with a mask as the arguments of ``remove`` say."""
    if arguments.get("post_process_mask"):
        mask = Image.fromarray(hard(np.array(mask)))
    if arguments.get("only_mask"):
        return mask
    fine = any(arguments.get(name) for name in ("vitmatte", "alpha_matting", "decontaminate"))
    if arguments.get("putalpha") and not arguments.get("alpha_matting"):
        return put_alpha(image, mask)
    return unmixed(image, mask) if fine else darkened(image, mask)


def of_masks(image: Image.Image, masks: Sequence[Image.Image], arguments: dict[str, Any]) -> Image.Image:
    """Do what ``remove`` does with the masks of a session: cut out each, stack them, put the colour behind."""
    pictures = [cut(image, mask, arguments) for mask in masks]
    picture = stacked(pictures) if pictures else image
    colour = arguments.get("bgcolor")
    return picture if colour is None or arguments.get("only_mask") else over_colour(picture, colour)
