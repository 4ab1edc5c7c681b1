"""Pictures for tests: a plain background and one subject whose place is known."""

from io import BytesIO

from PIL import Image, ImageDraw

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
