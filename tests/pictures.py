"""Pictures for tests: a plain background and one subject whose place is known."""

from io import BytesIO

from PIL import Image, ImageDraw

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0f01f00050001ff56c7"
    "2f0d0000000049454e44ae426082"
)
"""The smallest PNG, for where only bytes matter."""

RED, WHITE, BLUE = (200, 30, 30), (255, 255, 255), (20, 40, 200)


def picture(size=(400, 300), subject=(100, 80, 200, 220), *, colour=RED, background=WHITE) -> Image.Image:
    """Draw a rectangle (left, top, right, bottom; right and bottom excluded) on a plain background."""
    image = Image.new("RGB", size, background)
    if subject:
        left, top, right, bottom = subject
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), fill=colour)
    return image


def encoded(image: Image.Image, kind="PNG", **options) -> bytes:
    """Write a picture."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(kind="PNG", **options) -> bytes:
    """Write the standard picture."""
    return encoded(picture(**options), kind)


def opened(content: bytes) -> Image.Image:
    """Read a result."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


def subject_box(image: Image.Image, *, least=128):
    """Find the subject (left, top, right, bottom) by alpha."""
    return image.getchannel("A").point(lambda value: 255 if value >= least else 0).getbbox()
