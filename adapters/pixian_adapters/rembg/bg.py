"""The module ``rembg.bg``: ``remove()``, and the helpers that can be imported beside it.

::

    from pixian_adapters.rembg import remove  # was: from rembg import remove

What goes in decides what comes out, as there. What is different, on purpose: the colours of soft pixels are straight,
not darkened, unless ``PIXIAN_REMBG_COLOURS=darkened`` says so; an array of one dimension is taken for a file, as code
for 1.x reads it; and what cannot be had is told before anything is paid.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeGuard, Union, overload

from pixian_adapters.rembg import versions
from pixian_adapters.rembg.exchange import ask
from pixian_adapters.rembg.failures import Rejected
from pixian_adapters.rembg.session_factory import new_session
from pixian_adapters.rembg.sessions import sessions, sessions_names_downloadable
from pixian_adapters.rembg.sessions.base import BaseSession, OnPixian
from pixian_shim.pixian import Upload
from pixian_shim.translation import warn

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    Array = np.ndarray[Any, np.dtype[Any]]
    Result = Union[bytes, Image, Array]  # noqa: UP007 (a name for readers, at run time nothing)

COLOURS = "PIXIAN_REMBG_COLOURS"
"""``darkened`` gives the soft pixels of rembg's default, pixel for pixel; anything else leaves colours straight."""


@overload
def remove(data: bytes, *args: Any, **kwargs: Any) -> bytes: ...
@overload
def remove(data: Image, *args: Any, **kwargs: Any) -> Image: ...
@overload
def remove(data: Array, *args: Any, **kwargs: Any) -> Array: ...
@overload
def remove(data: Any, *args: Any, **kwargs: Any) -> Any: ...
def remove(*args: Any, **kwargs: Any) -> Any:
    """Remove the background of a picture.

    The arguments are those of rembg, in the order of the release that is imitated: the newest, unless
    ``PIXIAN_REMBG_VERSION`` or ``imitate`` say otherwise. What becomes of each is in the guide's table.

    Args:
        args: the picture first: bytes of a file, an image of Pillow, or an array.
        kwargs: ``session``, ``only_mask``, ``post_process_mask``, ``putalpha``, ``bgcolor``, ...

    Returns:
        Bytes of a PNG for bytes, an image for an image, ``(height, width, 4)`` for an array; grey with ``only_mask``.

    Raises:
        ValueError: another type, or a model that Pixian cannot stand in for.
        TypeError: arguments that do not fit.
        RuntimeError: Pixian answered with an error, or not at all.
        PIL.UnidentifiedImageError: it is no picture.
        OSError: it is damaged.
    """
    given = versions.bound(args, kwargs)
    data, forced = given.pop("data"), bool(given.get("force_return_bytes"))
    _check_order(given)
    array_of_file = not forced and _is_array(data) and data.ndim == 1
    if isinstance(data, bytes) or forced or array_of_file:
        return _of_file(_content(data, whole=array_of_file), given)
    if _is_image(data):
        from pixian_adapters.rembg import pictures

        return _of_image(pictures.upright(data), given)
    if _is_array(data):
        import numpy as np

        from pixian_adapters.rembg import pictures

        return np.asarray(_of_image(pictures.of_array(data), given))
    raise Rejected(
        f"Input type {type(data)} is not supported. Try using force_return_bytes=True to force python bytes output"
    )


remove.__signature__ = versions.signature(versions.NEWEST)  # type: ignore[attr-defined]


def _is_image(data: Any) -> bool:
    """Tell without importing Pillow: where nobody has, there is no image of it."""
    import sys

    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(data, pillow.Image)


def _is_array(data: Any) -> bool:
    import sys

    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(data, numpy.ndarray)


def _check_order(given: dict[str, Any]) -> None:
    """Tell of a colour where none is expected: the order of another release is meant."""
    if isinstance(given.get("decontaminate"), tuple | list):
        warn(
            f"a colour is given where rembg {versions.imitated()} takes decontaminate; set {versions.ENVIRONMENT} to "
            "the release that this program was written for, or write bgcolor="
        )


def _content(data: Any, *, whole: bool) -> bytes:
    """Take an encoded file from whatever holds bytes.

    Raises:
        TypeError: it holds none.
    """
    from io import BytesIO

    if not whole:
        return data if isinstance(data, bytes) else BytesIO(data).getvalue()
    from pixian_adapters.rembg.pictures import completed

    return completed(data.tobytes())


def _arguments(given: dict[str, Any]) -> tuple[BaseSession, dict[str, Any]]:
    """Give the session, and what is told to Pixian, with every switch as one."""
    arguments: dict[str, Any] = {name: bool(value) if name in _SWITCHES else value for name, value in given.items()}
    colour = arguments.get("bgcolor")
    if colour is not None and arguments.get("only_mask"):
        arguments["bgcolor"] = (0, 0, 0, 0)  # whatever it is: rembg does not look at it either
    elif colour is not None:
        from pixian_adapters.rembg.pictures import colour_of

        arguments["bgcolor"] = colour_of(colour)
    session = arguments.pop("session", None)
    if session is None:
        return new_session(), arguments
    if not isinstance(session, OnPixian):
        return session, arguments
    return session, {"session": session.model_name, **session.options, **arguments}


_SWITCHES = frozenset(
    "alpha_matting only_mask post_process_mask putalpha decontaminate vitmatte force_return_bytes test".split()  # noqa: SIM905
)


def _of_file(content: bytes, given: dict[str, Any]) -> bytes:
    session, arguments = _arguments(given)
    upload = Upload(content)
    if upload.header is not None and _on_pixian(session) and not _darkened() and not _puts_alpha(arguments):
        return ask(upload, arguments, key=session.key, timeout=session.timeout)
    from pixian_adapters.rembg import pictures

    return pictures.png(_of_image(pictures.of_file(content), given))


def _on_pixian(session: Any) -> TypeGuard[OnPixian]:
    """Tell whether Pixian is asked; a session with a ``predict`` of its own is asked itself."""
    return isinstance(session, OnPixian) and type(session).predict is OnPixian.predict


def _puts_alpha(arguments: dict[str, Any]) -> bool:
    """Tell whether the result is the original itself with another alpha: its mode, and what its file told, stay."""
    return bool(arguments.get("putalpha")) and not arguments.get("only_mask") and arguments.get("bgcolor") is None


def _darkened() -> bool:
    return os.environ.get(COLOURS, "").lower() == "darkened"


def _of_image(image: Image, given: dict[str, Any]) -> Image:
    from pixian_adapters.rembg import cutouts, pictures

    session, arguments = _arguments(given)
    if not _on_pixian(session):
        further = {name: value for name, value in given.items() if name not in versions.OF_REMOVE}
        return cutouts.of_masks(image, session.predict(image, *further.pop("*args", ()), **further), arguments)
    if _darkened():
        mask = pictures.matte(image, arguments, session.key, session.timeout)
        return cutouts.of_masks(image, [mask], arguments | {"post_process_mask": False})
    if _puts_alpha(arguments):
        pictures.check_mode(image)
    content = ask(pictures.upload_of(image), arguments, key=session.key, timeout=session.timeout)
    if arguments.get("only_mask"):
        return pictures.read(content, "L")
    cut = pictures.read(content, "RGBA")
    return cutouts.put_alpha(image, cut.getchannel("A")) if _puts_alpha(arguments) else cut


def alpha_matting_cutout(
    img: Image,
    mask: Image,
    foreground_threshold: int,  # noqa: ARG001 (the mask is fine already)
    background_threshold: int,  # noqa: ARG001
    erode_structure_size: int,  # noqa: ARG001
) -> Image:
    """Cut out with clean colours; the thresholds are left aside."""
    return decontaminate_cutout(img, mask)


def naive_cutout(img: Image, mask: Image) -> Image:
    """Cut out with darkened soft pixels, as rembg does by default."""
    from pixian_adapters.rembg import cutouts

    return cutouts.darkened(img, mask)


def decontaminate_cutout(img: Image, mask: Image) -> Image:
    """Cut out without the old background's colour in soft pixels."""
    from pixian_adapters.rembg import cutouts

    return cutouts.unmixed(img, mask)


def putalpha_cutout(img: Image, mask: Image) -> Image:
    """Make the mask the image's alpha, in place."""
    from pixian_adapters.rembg import cutouts

    return cutouts.put_alpha(img, mask)


def get_concat_v_multi(imgs: list[Image]) -> Image:
    """Stack images; the list loses its first, as in rembg."""
    from pixian_adapters.rembg import cutouts

    return cutouts.stacked([imgs.pop(0), *imgs])


def get_concat_v(img1: Image, img2: Image) -> Image:
    """Put the first above the second."""
    from pixian_adapters.rembg import cutouts

    return cutouts.stacked([img1, img2])


def post_process(mask: Array) -> Array:
    """Open, blur and threshold a mask: 0 or 255."""
    from pixian_adapters.rembg import cutouts

    return cutouts.hard(mask)


def apply_background_color(img: Image, color: tuple[int, int, int, int]) -> Image:
    """Put a colour behind an RGBA image."""
    from pixian_adapters.rembg import cutouts

    return cutouts.over_colour(img, color)


def fix_image_orientation(img: Image) -> Image:
    """Turn an image as its EXIF data say."""
    from pixian_adapters.rembg import pictures

    return pictures.upright(img)


def download_models(models: tuple[str, ...]) -> None:
    """Say that there is nothing to download.

    Raises:
        SystemExit: no model has one of the names.
    """
    for model in models or sessions_names_downloadable:
        if model not in sessions:
            print(f"Error: no model found: {model}")  # noqa: T201 (as in rembg)
            raise SystemExit(1)
        print(f"Skipping {model}: Pixian takes its place, nothing to download")  # noqa: T201
