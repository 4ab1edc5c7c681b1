"""Folders of answers for tests of comparisons: drawn cut-outs, and one of each way to go wrong."""

from io import BytesIO

from PIL import Image, ImageDraw


def cutout(size=(160, 120), subject=(40, 30, 110, 95), *, hole=None, colour=(200, 60, 40)):
    """Draw an ellipse (left, top, right, bottom) on nothing, with a soft edge; a hole is cut out of it."""
    scale = 4
    matte = Image.new("L", (size[0] * scale, size[1] * scale))
    drawn = ImageDraw.Draw(matte)
    drawn.ellipse([side * scale for side in subject], fill=255)
    if hole:
        drawn.ellipse([side * scale for side in hole], fill=0)
    image = Image.new("RGBA", size, (*colour, 255))
    image.putalpha(matte.resize(size, Image.Resampling.BOX))
    return image


def png(image):
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


FINE, HOLED, MOVED = cutout(), cutout(hole=(60, 50, 90, 75)), cutout(subject=(44, 30, 114, 95))


def two_sides(folder, *, fine=6, bad=1, broken=0, lonely=0):
    """Write ``old/`` and ``new/``, and give their paths."""
    old, new = folder / "old", folder / "new"
    for side in (old, new):
        side.mkdir(parents=True)
    kinds = [("fine", FINE)] * fine + [("bad", HOLED)] * bad
    for number, (kind, right) in enumerate(kinds):
        (old / f"{kind}-{number}.png").write_bytes(png(FINE))
        (new / f"{kind}-{number}_no_bg.png").write_bytes(png(right))
    for number in range(broken):
        (old / f"broken-{number}.png").write_bytes(png(FINE))
        (new / f"broken-{number}.png").write_bytes(png(FINE)[:200])
    for number in range(lonely):
        (old / f"lonely-{number}.png").write_bytes(png(FINE))
    return old, new
