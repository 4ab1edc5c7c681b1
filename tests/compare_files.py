"""Files that a folder of answers may hold: damaged, unusual, or no pictures at all. Each really is what it says."""

import os
import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from PIL import Image, ImageCms

from compare_sides import cutout, png

SIZE = (160, 120)


def encoded(image, kind, **options):
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def raw_png(size, depth, colour, rows, *more):
    """Write a PNG of any kind, as Pillow does not: rows are bytes of one row each, without filters."""
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [chunk(b"IHDR", header), *more, chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def deep_rgba():
    """Write the cut-out with 16 bits a channel."""
    deep = np.asarray(cutout(SIZE)).astype(">u2") * 257
    return raw_png(SIZE, 16, 6, [row.tobytes() for row in deep])


def deep_grey():
    levels = np.asarray(cutout(SIZE).getchannel("A")).astype(">u2") * 257
    return raw_png(SIZE, 16, 0, [row.tobytes() for row in levels])


def interlaced():
    """Write the cut-out in the seven passes of Adam7."""
    pixels = np.asarray(cutout(SIZE))
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    data = b"".join(
        b"".join(b"\0" + row.tobytes() for row in pixels[top::down, left::across]) for top, left, down, across in passes
    )
    header = struct.pack(">IIBBBBB", *SIZE, 8, 6, 0, 0, 1)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def bomb():
    """Claim 60,000 x 60,000 pixels in some fifty bytes."""
    return raw_png((60_000, 60_000), 8, 6, [])


def turned():
    """Write the cut-out lying on its side, with the word of EXIF to turn it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(cutout(SIZE).transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)


def profiled():
    return encoded(cutout(SIZE), "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def zipped(*, colour_size=SIZE, level=ZIP_DEFLATED, **changed):
    """Write a zip of colours and matte; a part that is ``None`` is left out."""
    subject = cutout(SIZE)
    colour, matte = subject.convert("RGB").resize(colour_size), subject.getchannel("A")
    parts = {"color.jpg": encoded(colour, "JPEG", quality=95), "alpha.png": encoded(matte, "PNG")}
    out = BytesIO()
    with ZipFile(out, "w", level) as archive:
        for name, content in (parts | {name.replace("_", "."): content for name, content in changed.items()}).items():
            if content is not None:
                archive.writestr(name, content)
    return out.getvalue()


def encrypted():
    """Set the mark that says so, in both of a member's headers."""
    content = bytearray(zipped())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


def unpacking():
    """Give a zip of a few kilobytes that would unpack to far more than any picture has."""
    content = bytearray(zipped(color_jpg=bytes(1 << 20)))
    for at in (22, content.index(b"PK\1\2") + 24):
        content[at : at + 4] = struct.pack("<I", 300 << 20)
    return bytes(content)


def wrong_sum():
    content = bytearray(zipped(level=0))
    content[len(content) // 3] ^= 0xFF
    return bytes(content)


def frames(kind, **options):
    subject = cutout(SIZE)
    return encoded(subject, kind, save_all=True, append_images=[subject.rotate(90), subject.rotate(45)], **options)


def film(brand):
    return b"\0\0\0\x1cftyp" + brand + b"\0\0\0\0mif1miaf" + bytes(64)


def lying_jpeg():
    """Let the first segment claim to be longer than the file."""
    content = bytearray(encoded(cutout(SIZE).convert("RGB"), "JPEG"))
    content[4:6] = b"\xff\xff"
    return bytes(content)


GOOD = png(cutout(SIZE))
JPEG = encoded(cutout(SIZE).convert("RGB"), "JPEG")
WEBP = encoded(cutout(SIZE), "WEBP")

UNREADABLE = {
    "nothing": (b"", "the file is empty"),
    "cut-png": (GOOD[:300], "damaged or cut off"),
    "cut-jpeg": (JPEG[:700], "damaged or cut off"),
    "cut-progressive": (encoded(cutout(SIZE).convert("RGB"), "JPEG", progressive=True)[:500], "damaged or cut off"),
    "cut-webp": (WEBP[:300], "damaged or cut off"),
    "signature": (GOOD[:8], "damaged or cut off"),
    "lying-jpeg": (lying_jpeg(), "damaged or cut off"),
    "text": (b"Rate limit exceeded, try again later\n", "it is text, 'Rate limit exceeded, try again later '"),
    "html": (b"\n<!DOCTYPE html><html><title>502</title></html>", "it is an HTML page"),
    "json": (b'{"errors":[{"title":"Insufficient credits"}]}', 'it is JSON, \'{"errors":[{"title":"Insufficient'),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "it is an SVG drawing"),
    "xml": (b"<Error><Code>AccessDenied</Code></Error>", "it is XML"),
    "noise": (bytes(range(256)) * 4, "no picture of a known kind"),
    "avif": (film(b"avif"), "damaged or cut off"),
    "heic": (film(b"heic"), "it is a HEIC picture"),
    "film": (film(b"isom"), "it is a film"),
    "jxl": (b"\xff\x0a" + bytes(30), "it is a JPEG XL picture"),
    "pdf": (b"%PDF-1.7\n", "it is a PDF"),
    "gzip": (b"\x1f\x8b\x08" + bytes(30), "compressed with gzip"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a pointer of Git LFS"),
    "bomb": (bomb(), "3,600,000,000 pixels; at most 100,000,000"),
    "zip-of-neither": (zipped(color_jpg=None), "there is no color.jpg in the zip; it holds alpha.png"),
    "zip-without-alpha": (zipped(alpha_png=None), "there is no alpha.png in the zip; it holds color.jpg"),
    "zip-encrypted": (encrypted(), "color.jpg in the zip is encrypted"),
    "zip-bomb": (unpacking(), "color.jpg in the zip would have 314,572,800 bytes"),
    "zip-cut": (zipped()[:200], "the zip is damaged or cut off"),
    "zip-changed": (wrong_sum(), "the zip is damaged or cut off"),
    "zip-of-text": (zipped(color_jpg=b"hello"), "color.jpg in the zip: the data is not a picture"),
    "zip-of-cut": (zipped(alpha_png=GOOD[:300]), "alpha.png in the zip: the PNG cannot be decoded"),
}
"""Bytes of what cannot be compared, and what has to be said of it."""

UNUSUAL = {
    "apng": (frames("PNG", default_image=False), "has 3 frames; the first was compared"),
    "gif": (frames("GIF"), "has 3 frames; the first was compared"),
    "webp": (frames("WEBP", lossless=True), "has 3 frames; the first was compared"),
    "deep": (deep_rgba(), "has 16 bits a channel; it was compared with 8"),
    "deep-grey": (deep_grey(), "has 16 bits a channel; it was compared with 8"),
    "deep-tiff": (encoded(Image.new("I;16", SIZE, 40_000), "TIFF"), "has 16 bits a channel"),
    "cmyk": (encoded(cutout(SIZE).convert("RGB").convert("CMYK"), "JPEG"), "is CMYK; it was converted to sRGB"),
    "palette": (encoded(cutout(SIZE).quantize(32), "PNG"), "has a palette"),
    "bit": (encoded(cutout(SIZE).getchannel("A").convert("1"), "PNG"), "has one bit a pixel"),
    "turned": (turned(), "was turned upright (EXIF orientation 6)"),
    "transparent": (png(Image.new("RGBA", SIZE, (9, 9, 9, 0))), "shows nothing: every pixel is transparent"),
    "zip-sizes": (zipped(colour_size=(80, 60)), "different sizes, 80 × 60 and 160 × 120; the matte was scaled"),
}
"""Bytes of what can be compared, and the note that tells what is unusual."""

PLAIN = {
    "png": GOOD,
    "webp-lossless": encoded(cutout(SIZE), "WEBP", lossless=True),
    "tiff": encoded(cutout(SIZE), "TIFF"),
    "grey-alpha": encoded(cutout(SIZE, colour=(80, 80, 80)).convert("LA"), "PNG"),
    "interlaced": interlaced(),
    "profile": profiled(),
    "zip": zipped(),
}
"""Bytes of the cut-out with its alpha as it is, and nothing to say about it."""


def name_of(key, content):
    """Give a file a suffix that fits its content, so that the suffix is not what is told."""
    return f"{key}{'.zip' if content.startswith(b'PK') else ''.join(_suffix(content))}"


def _suffix(content):
    kinds = ((b"\xff\xd8", ".jpg"), (b"GIF", ".gif"), (b"RIFF", ".webp"), (b"II*", ".tiff"), (b"MM\0", ".tiff"))
    return next((suffix for magic, suffix in kinds if content.startswith(magic)), ".png")


def not_files(folder):
    """Make what has a picture's name and is no file, and give what has to be said of each."""
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    (folder / "dangling.png").symlink_to(folder / "nowhere.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "device.png").symlink_to("/dev/zero")
    return {
        "folder.png": "it is a folder, not a file",
        "pipe.png": "it is no file, but a pipe, a socket or a device",
        "dangling.png": "it cannot be read: No such file or directory",
        "loop.png": "it cannot be read: Too many levels of symbolic links",
        "device.png": "it is no file, but a pipe, a socket or a device",
    }
