"""What programs do with rembg: the patterns of public code, and the corners of its contract.

Each function is run with the real package, whose session has a known mask, and with the drop-in, whose sandbox has it.
"""

import io

import numpy as np
import rembg
from PIL import Image
from rembg import new_session, remove

from pictures import encoded, picture

SIZE, SUBJECT = (64, 48), (12, 8, 40, 36)
PHOTO = picture(SIZE, SUBJECT)
PNG, JPEG = encoded(PHOTO), encoded(PHOTO, "JPEG", dpi=(300, 300), quality=95)


def turned(kind="JPEG", orientation=6, **options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(PHOTO, kind, exif=exif, **options)


def bytes_to_bytes():
    return remove(PNG)


def jpeg_written_as_png():
    with open("out.png", "wb") as file:
        file.write(remove(JPEG))
    return Image.open("out.png")


def image_to_image():
    return remove(PHOTO)


def image_saved_and_its_alpha():
    cut = remove(Image.open(io.BytesIO(JPEG)))
    cut.save("cut.png")
    return cut, cut.split()[-1]


def white_background_made_rgb():
    return remove(PHOTO, bgcolor=(255, 255, 255, 255)).convert("RGB")


def rgba_saved_as_jpeg():
    remove(PHOTO, bgcolor=(255, 255, 255, 255)).save("cut.jpg")


def one_session_for_several():
    session = new_session("u2net")
    return [remove(PHOTO, session=session) for _ in range(2)]


def bgr_array_as_from_opencv():
    bgr = np.ascontiguousarray(np.asarray(PHOTO)[..., ::-1])
    cut = remove(bgr)
    return cut, cut[20, 20].tolist() == [*bgr[20, 20].tolist(), 255]


def grey_array():
    return remove(np.asarray(PHOTO.convert("L")))


def rgba_array():
    return remove(np.dstack([np.asarray(PHOTO), np.full((48, 64), 255, np.uint8)]))


def bool_array():
    return remove(np.asarray(PHOTO.convert("L")) > 100)


def array_of_16_bits():
    return remove(np.asarray(PHOTO.convert("L")).astype(np.uint16)).shape


def with_matting_thresholds_and_only_the_mask():
    return remove(
        PHOTO,
        alpha_matting=True,
        alpha_matting_foreground_threshold=270,
        alpha_matting_background_threshold=20,
        alpha_matting_erode_size=11,
        only_mask=True,
    )


def mask_of_bytes():
    return remove(PNG, only_mask=True)


def mask_of_image():
    return remove(PHOTO, only_mask=True)


def mask_of_array():
    return remove(np.asarray(PHOTO), only_mask=True)


def mask_positionally():
    return remove(PHOTO, False, 240, 10, 10, None, True)


def hard_mask():
    return remove(PHOTO, only_mask=True, post_process_mask=True)


def hard_mask_of_bytes():
    return remove(PNG, only_mask=True, post_process_mask=True)


def hard_cutout():
    return remove(PHOTO, post_process_mask=True)


def hard_cutout_of_bytes_on_white():
    return remove(PNG, post_process_mask=True, bgcolor=(255, 255, 255, 255))


def hard_cutout_of_array_on_translucent_colour():
    return remove(np.asarray(PHOTO), post_process_mask=True, bgcolor=(10, 200, 30, 100))


def colour_of_three_parts():
    return remove(PHOTO, bgcolor=[1, 2, 3], post_process_mask=True)


def colour_beyond_its_range():
    return remove(PHOTO, bgcolor=(-7, 2, 300, 255), post_process_mask=True)


def transparent_colour():
    return remove(PHOTO, bgcolor=(0, 0, 0, 0))


def colour_with_mask():
    return remove(PHOTO, bgcolor="nonsense", only_mask=True)


def original_colours():
    return remove(PHOTO, putalpha=True)


def original_colours_of_bytes():
    return remove(PNG, putalpha=True)


def original_colours_of_grey():
    return remove(PHOTO.convert("L"), putalpha=True)


def original_colours_keep_what_the_file_told():
    return sorted(remove(Image.open(io.BytesIO(JPEG)), putalpha=True).info)


def original_colours_on_white():
    return remove(PHOTO, putalpha=True, bgcolor=(255, 255, 255, 255), post_process_mask=True)


def original_colours_of_translucent():
    return remove(translucent(), putalpha=True)


def mask_of_translucent():
    return remove(translucent(), only_mask=True)


def translucent():
    image = PHOTO.convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    return image


def turned_bytes():
    return remove(turned(), post_process_mask=True)


def turned_png():
    return remove(turned("PNG"), post_process_mask=True)


def turned_image():
    image = Image.open(io.BytesIO(turned()))
    return remove(image, only_mask=True), image.size


def turned_image_keeps_its_own():
    image = Image.open(io.BytesIO(turned(orientation=8)))
    remove(image)
    return image.getexif().get(0x0112), image.mode


def callers_image_is_not_changed():
    image = PHOTO.copy()
    remove(image, putalpha=True)
    return image.mode, image.tobytes() == PHOTO.tobytes()


def every_mode():
    found = {}
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "I", "F", "YCbCr", "HSV"):
        cut = remove(PHOTO.convert(mode), post_process_mask=True)
        found[mode] = (cut.mode, cut.size, cut.getpixel((0, 0)), cut.getchannel("A").tobytes() == hard_mask().tobytes())
    return found


def every_format():
    kinds = ("BMP", "GIF", "TIFF", "WEBP", "PPM", "ICO", "TGA")
    return {kind: Image.open(io.BytesIO(remove(encoded(PHOTO, kind)))).mode for kind in kinds}


def forced_bytearray():
    return remove(bytearray(PNG), force_return_bytes=True)


def forced_memoryview():
    return remove(memoryview(PNG), force_return_bytes=True)


def forced_array_of_a_file():
    return remove(np.frombuffer(PNG, np.uint8), force_return_bytes=True)


def forced_positionally():
    return remove(PNG, False, 240, 10, 10, None, False, False, False, False, None, (1, 2, 3, 255), True)


def forced_image():
    return remove(PHOTO, force_return_bytes=True)


def forced_text():
    return remove("photo.png", force_return_bytes=True)


def bytearray_unforced():
    return remove(bytearray(PNG))


def path():
    return remove("photo.png")


def nothing():
    return remove(None)


def no_argument():
    return remove()


def no_picture():
    return remove(b"this is no picture")


def no_bytes():
    return remove(b"")


def image_cut_off():
    return remove(Image.open(io.BytesIO(JPEG[:-200])))


def floats():
    return remove(np.asarray(PHOTO) / 255)


def five_channels():
    return remove(np.zeros((4, 4, 5), np.uint8))


def one_channel():
    return remove(np.zeros((4, 4, 1), np.uint8))


def colour_of_two_parts():
    return remove(PHOTO, bgcolor=(1, 2))


def colour_by_name():
    return remove(PHOTO, bgcolor="white")


def colour_of_floats():
    return remove(PHOTO, bgcolor=(1.5, 2, 3, 255))


def colour_that_is_a_number():
    return remove(PHOTO, bgcolor=7)


def unknown_keyword():
    return remove(PHOTO, bg_threshold=10)


def unknown_model():
    return new_session("u3net")


def session_with_what_it_takes():
    session = new_session("isnet-general-use", providers=["CPUExecutionProvider"])
    return session.model_name, [mask.mode for mask in session.predict(PHOTO)], session.predict(PHOTO)[0]


def names_that_are_imported():
    from rembg.bg import remove as from_bg
    from rembg.session_factory import new_session as from_factory
    from rembg.sessions import sessions_class, sessions_names
    from rembg.sessions.base import BaseSession

    known = "u2net u2netp u2net_human_seg silueta isnet-general-use isnet-anime birefnet-general sam bria-rmbg".split()
    assert from_bg is remove
    assert from_factory is new_session
    assert rembg.remove is remove
    return set(known) <= set(sessions_names), all(issubclass(known, BaseSession) for known in sessions_class)


def colours_of_numpys_numbers():
    wide, narrow = np.array([1, 2, 3, 255]), np.array([1, 2, 3, 100], np.uint8)
    return [remove(PHOTO, bgcolor=colour, putalpha=True) for colour in (wide, narrow, tuple(wide), list(narrow))]


def colour_of_numpys_floats():
    return remove(PHOTO, bgcolor=np.array([1.0, 2.0, 3.0, 255.0]))


def colour_in_two_dimensions():
    return remove(PHOTO, bgcolor=np.array([[1, 2, 3, 255]]))


def damaged_and_kept_in_its_own_colours():
    return remove(PNG[:60], putalpha=True)


def webp_that_is_cut_off():
    return remove(encoded(PHOTO, "WEBP", lossless=True)[:90], putalpha=True)


class Input:
    name = "input.1"


class Network:
    """What onnxruntime gives, as far as sessions look at it."""

    def get_inputs(self):
        return [Input]


def own_session_of_the_usual_kind():
    from rembg.sessions.base import BaseSession

    seen = []

    class Usual(BaseSession):
        def __init__(self):
            self.model_name, self.inner_session = "usual", Network()

        def predict(self, img, *args, **kwargs):
            given = self.normalize(img, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), (20, 30), *args, **kwargs)
            seen.append(given)
            found = given["input.1"][0, 0] > 1
            return [Image.fromarray((found * 255).astype(np.uint8)).resize(img.size, Image.Resampling.LANCZOS)]

    return [
        remove(data, session=Usual(), only_mask=True, level=4) for data in (PHOTO, PNG, np.asarray(PHOTO)[..., 0])
    ], seen


def inputs_of_every_mode():
    from rembg.sessions.base import BaseSession

    session = BaseSession.__new__(BaseSession)
    session.inner_session = Network()
    images = [PHOTO.convert(mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "CMYK")] + [Image.new("RGB", (5, 5))]
    return [session.normalize(image, [0.5, 0.4, 0.3], [1.0, 0.5, 0.2], (13, 7)) for image in images]


def normalized_by_two_numbers():
    from rembg.sessions.base import BaseSession

    session = BaseSession.__new__(BaseSession)
    session.inner_session = Network()
    return session.normalize(PHOTO, (0.5, 0.5), (1.0, 1.0), (13, 7))


def places_of_a_session_of_ones_own():
    import os
    from unittest import mock

    from rembg.sessions.base import BaseSession

    class Own(BaseSession):
        @classmethod
        def name(cls, *args, **kwargs):
            return "own"

    def told():
        return {
            "places": [Own.u2net_home(1), Own.rembg_home(x=2), Own.legacy_home(), Own.model_dir()],
            "unchecked": Own.checksum_disabled(),
            "found": [Own.resolve_existing("own.onnx"), Own.resolve_existing("old.onnx"), Own.resolve_existing("none")],
        }

    os.makedirs("data/rembg/models/own", exist_ok=True)
    os.makedirs("data/.u2net", exist_ok=True)
    for path in ("data/rembg/models/own/own.onnx", "data/.u2net/own.onnx", "data/.u2net/old.onnx"):
        with open(path, "wb"):
            pass
    settings = (
        {},
        {"XDG_DATA_HOME": "data"},
        {"XDG_DATA_HOME": "~/data", "MODEL_CHECKSUM_DISABLED": ""},
        {"XDG_DATA_HOME": "data", "REMBG_HOME": "~/mine"},
        {"XDG_DATA_HOME": "data", "REMBG_HOME": "mine", "U2NET_HOME": "~/old", "MODEL_CHECKSUM_DISABLED": "0"},
    )
    names = ("XDG_DATA_HOME", "REMBG_HOME", "U2NET_HOME", "MODEL_CHECKSUM_DISABLED")
    bare = {name: value for name, value in os.environ.items() if name not in names}
    seen = []
    for chosen in settings:
        with mock.patch.dict(os.environ, bare | chosen, clear=True):
            seen.append(told())
    return seen


def path_of_a_model_of_ones_own():
    import os
    from unittest import mock

    from rembg.sessions.base import BaseSession

    with mock.patch.dict(os.environ, {"U2NET_HOME": os.path.abspath("home")}):
        seen = [os.path.relpath(BaseSession.validate_model_path(model_path="home/deep/x.onnx"))]
        for given in ({}, {"model_path": ""}, {"model_path": "homely/x.onnx"}, {"model_path": "home/../x.onnx"}):
            try:
                BaseSession.validate_model_path(**given)
            except ValueError as error:
                seen.append(str(error).replace(os.getcwd(), ""))
    return seen


def network_of_a_session_of_ones_own():
    from types import SimpleNamespace
    from unittest import mock

    from rembg.sessions.base import BaseSession

    made = []

    class Own(BaseSession):
        @classmethod
        def name(cls, *args, **kwargs):
            return "own"

        @classmethod
        def download_models(cls, *args, **kwargs):
            made.append((args, kwargs))
            return "own.onnx"

    def session(path, **options):
        made.append((path, sorted(options), options["providers"], options["sess_options"]))
        return SimpleNamespace(get_providers=lambda: options["providers"], path=path)

    seen = []
    for device, fast in (("CPU", "Azure"), ("GPU", "CUDA"), ("GPU", "ROCM"), ("CPU", "CUDA"), ("CPU", "OpenVINO")):
        available = ["TensorrtExecutionProvider", f"{fast}ExecutionProvider", "CPUExecutionProvider"]
        with (
            mock.patch("onnxruntime.InferenceSession", session),
            mock.patch("onnxruntime.get_available_providers", lambda found=available: found),
            mock.patch("onnxruntime.get_device", lambda found=device: found),
        ):
            seen += [
                Own("own", None).inner_session.path,
                Own("own", "options", "more", providers=["CPUExecutionProvider"], model_path="x").inner_session.path,
            ]
    return seen, made


def own_session_of_three_masks():
    from rembg.sessions.base import BaseSession

    class Three(BaseSession):
        def __init__(self):
            self.model_name = "three"

        def predict(self, img, *args, **kwargs):
            masks = [Image.new("L", img.size, level) for level in (255, 128, 0)]
            masks[1].paste(kwargs["level"], (0, 0, 20, 20))
            return masks

    return (
        remove(PHOTO, session=Three(), level=40),
        remove(PNG, session=Three(), level=200, only_mask=True),
        remove(np.asarray(PHOTO), session=Three(), level=9, bgcolor=(9, 8, 7, 200), post_process_mask=True),
    )


def own_session_without_a_mask():
    from rembg.sessions.base import BaseSession

    class Blind(BaseSession):
        def __init__(self):
            self.model_name = "blind"

        def predict(self, img, *args, **kwargs):
            return []

    return remove(PHOTO, session=Blind())


def helpers():
    from rembg import bg

    mask = Image.linear_gradient("L").resize(SIZE)
    return (
        bg.naive_cutout(PHOTO, mask),
        bg.putalpha_cutout(PHOTO.copy(), mask),
        bg.post_process(np.array(mask)),
        bg.get_concat_v(PHOTO, PHOTO),
        bg.get_concat_v_multi([PHOTO, PHOTO, PHOTO]),
        bg.apply_background_color(translucent(), (1, 2, 3, 250)),
        bg.fix_image_orientation(Image.open(io.BytesIO(turned()))).size,
    )


def from_several_threads():
    from concurrent.futures import ThreadPoolExecutor

    session = new_session("u2net")
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: remove(PHOTO, session=session, only_mask=True), range(4)))


def version():
    return rembg.__version__
