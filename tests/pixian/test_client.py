"""What goes out for what is handed over, what is refused before, and that both clients are the same."""

from __future__ import annotations

import base64
import inspect
import io
import os
import struct
from email import message_from_bytes
from pathlib import Path
from urllib.parse import parse_qsl

import attrs
import httpx
import pytest

from pixian_shim import errors
from pixian_shim.pixian import (
    MAX_UPLOAD_BYTES,
    AsyncPixian,
    Base64Text,
    Credentials,
    ImageUrl,
    Parameters,
    Pixian,
    Retry,
    Upload,
)


class Wire:
    """Keep what is sent, answer with a picture."""

    def __init__(self, front, png):
        self.front, self.png = front, png
        self.requests = []

    def answer(self, request):
        self.requests.append(request)
        return httpx.Response(200, content=self.png, headers={"content-type": "image/png", "x-credits-charged": "1"})

    @property
    def settings(self):
        kind = httpx.Client if self.front.kind == "sync" else httpx.AsyncClient
        return {"http_client": kind(transport=httpx.MockTransport(self.answer))}

    def ask(self, *args, client=None, **kwargs):
        return self.front.remove_background(*args, client={**self.settings, **(client or {})}, **kwargs)

    @property
    def form(self):
        """The fields of the last request, the file as ``(name, content type, content)``."""
        request = self.requests[-1]
        content_type, body = request.headers["content-type"], request.content
        if content_type == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode("ascii"), strict_parsing=True))
        message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
        fields = {}
        for part in message.get_payload():
            name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            file_name = part.get_filename()
            fields[name] = content.decode() if file_name is None else (file_name, part.get_content_type(), content)
        return fields


@pytest.fixture
def wire(front, png):
    return Wire(front, png)


def unseekable(content):
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    return os.fdopen(read, "rb")


def png_header(width, height):
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06\x00\x00\x00" + bytes(40)
    )


@pytest.mark.parametrize("size", [0, 3 << 20], ids=["small", "streamed"])
@pytest.mark.parametrize("how", ["bytes", "bytearray", "memoryview", "str", "path", "file", "offset", "pipe", "upload"])
def test_a_picture_in_any_form_is_sent_as_one_multipart_file(wire, png, tmp_path, how, size):
    content = png + bytes(size if how != "pipe" else 100)
    path = tmp_path / "cat.png"
    path.write_bytes(content)
    with path.open("rb") as file, io.BytesIO(b"skipped" + content) as offset, unseekable(content[:60000]) as pipe:
        offset.seek(7)
        image = {
            "bytes": content,
            "bytearray": bytearray(content),
            "memoryview": memoryview(content),
            "str": str(path),
            "path": path,
            "file": file,
            "offset": offset,
            "pipe": pipe,
            "upload": Upload.of(path, "other.png"),
        }[how]
        wire.ask(image)
    name, content_type, sent = wire.form["image"]
    assert (content_type, sent) == ("image/png", content)
    assert name == {"str": "cat.png", "path": "cat.png", "upload": "other.png"}.get(how, name)
    assert int(wire.requests[0].headers["content-length"]) == len(wire.requests[0].content)
    assert "transfer-encoding" not in wire.requests[0].headers


def test_only_what_differs_from_the_defaults_is_sent(wire, png):
    wire.ask(png, max_pixels=25_000_000, margin="0px", output_format="auto")
    assert set(wire.form) == {"image"}
    wire.ask(
        png,
        test=True,
        max_pixels=1000,
        background_color="#00ff00",
        crop_to_foreground=True,
        margin=("10px", "5%"),
        target_size=(640, 480),
        vertical_alignment="top",
        output_format="jpeg",
        jpeg_quality=90,
    )
    fields = wire.form
    del fields["image"]
    assert fields == {
        "test": "true",
        "max_pixels": "1000",
        "background.color": "#00ff00",
        "result.crop_to_foreground": "true",
        "result.margin": "10px 5%",
        "result.target_size": "640 480",
        "result.vertical_alignment": "top",
        "output.format": "jpeg",
        "output.jpeg_quality": "90",
    }


def test_single_parameters_go_before_those_in_parameters(wire, png):
    wire.ask(png, parameters=Parameters(max_pixels=5000, jpeg_quality=50), jpeg_quality=60)
    assert {**wire.form, "image": None} == {"image": None, "max_pixels": "5000", "output.jpeg_quality": "60"}


@pytest.mark.parametrize("image", ["https://example.com/a b?x=1&y=ü", ImageUrl("HTTP://example.com/ü")])
def test_an_address_is_sent_as_a_plain_form(wire, image):
    wire.ask(image)
    wire.ask(image_url=image if isinstance(image, str) else image.url)
    assert wire.form == {"image.url": image if isinstance(image, str) else image.url}
    assert wire.requests[0].content == wire.requests[1].content


@pytest.mark.parametrize("write", [str, "data:image/png;base64,{}".format, Base64Text])
def test_base64_is_sent_as_text_in_its_canonical_form(wire, write):
    content = bytes(range(256)) + b"\xfb\xff"
    text = base64.urlsafe_b64encode(content).decode().rstrip("=")
    lines = "\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    image = write(lines)
    wire.ask(**({"image": image} if isinstance(image, Base64Text) else {"image_base64": image}), test=True)
    assert wire.form == {"image.base64": base64.b64encode(content).decode(), "test": "true"}


def test_a_data_address_is_base64_too(wire, png):
    wire.ask(f"data:image/png;base64,{base64.b64encode(png).decode()}")
    assert base64.b64decode(wire.form["image.base64"]) == png


@pytest.mark.parametrize(("length", "field"), [(786_432, "image.base64"), (786_433, "image")])
def test_base64_beyond_a_mebibyte_is_sent_as_binary(wire, png, length, field):
    content = png.ljust(length, b"\0")
    wire.ask(image_base64=base64.b64encode(content).decode())
    assert list(wire.form) == [field]


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({}, "image"),
        ({"image": b"x", "image_url": "https://x.example"}, "image"),
        ({"image_base64": "AAAA", "image_url": "https://x.example"}, "image"),
        ({"image_base64": "not base64!"}, "image.base64"),
        ({"image_base64": b"AAAA"}, "image_base64"),
        ({"image_url": "ftp://x.example/a.png"}, "image_url"),
        ({"image_url": "https://"}, "image_url"),
        ({"image_url": "https://x.example/\r\nX: y"}, "image_url"),
        ({"image": ImageUrl("file:///etc/passwd")}, "image"),
        ({"image": 5}, "image"),
        ({"image": io.StringIO("text")}, "image"),
        ({"image": "A" * 5000}, "image"),
        ({"image": b"x", "max_pixels": 99}, "max_pixels"),
        ({"image": b"x", "background_color": "red"}, "background.color"),
        ({"image": b"x", "margin": "1em"}, "result.margin"),
        ({"image": b"x", "target_size": (0, 5)}, "result.target_size"),
        ({"image": b"x", "output_format": "webp"}, "output.format"),
        ({"image": b"x", "jpeg_quality": 101}, "output.jpeg_quality"),
        ({"image": b"x", "vertical_alignment": "left"}, "result.vertical_alignment"),
        ({"image": b"x", "test": "maybe"}, "test"),
        ({"image": b"x", "delta": True, "background_color": "#ffffff"}, "background.color"),
        ({"image": b"x", "delta": True, "crop_to_foreground": True}, "result.crop_to_foreground"),
        ({"image": b"x", "delta": True, "margin": "1px"}, "result.margin"),
        ({"image": b"x", "delta": True, "target_size": (5, 5)}, "result.target_size"),
        ({"image": b"x", "delta": True, "vertical_alignment": "top"}, "result.vertical_alignment"),
        ({"image": b"x", "delta": True, "output_format": "jpeg"}, "output.format"),
        ({"image_url": "https://x.example", "delta": True}, "delta"),
        ({"image": png_header(200, 100), "delta": True, "max_pixels": 19_999}, "max_pixels"),
    ],
)
def test_a_bad_value_is_refused_by_name_before_anything_is_sent(wire, given, parameter):
    with pytest.raises(errors.InvalidParameter) as caught:
        wire.ask(**given)
    assert caught.value.parameter == parameter
    assert wire.requests == []


def test_too_many_bytes_or_pixels_are_refused_before_anything_is_sent(wire, tmp_path):
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(MAX_UPLOAD_BYTES + 1)
    with pytest.raises(errors.TooLarge) as caught:
        wire.ask(large)
    assert (caught.value.found, caught.value.limit, caught.value.unit) == (
        MAX_UPLOAD_BYTES + 1,
        MAX_UPLOAD_BYTES,
        "bytes",
    )
    with pytest.raises(errors.TooLarge) as caught:
        wire.ask(png_header(8000, 4001))
    assert (caught.value.found, caught.value.unit) == (32_008_000, "pixels")
    assert wire.requests == []
    wire.ask(png_header(8000, 4000))


@pytest.mark.parametrize("content", [b"anything", b"....ftypheic...."])
def test_a_format_that_is_not_known_here_is_left_to_pixian(wire, content):
    wire.ask(content)
    assert wire.form["image"][2] == content


def test_an_empty_or_missing_file_is_refused_before_anything_is_sent(wire, tmp_path):
    with pytest.raises(errors.ImageError, match="empty"):
        wire.ask(b"")
    with pytest.raises(FileNotFoundError):
        wire.ask(tmp_path / "none.png")
    with pytest.raises(IsADirectoryError):
        wire.ask(tmp_path)
    assert wire.requests == []


def test_a_file_that_shrinks_while_it_is_sent_is_told(wire, png):
    class Shrinking(io.BytesIO):
        def read(self, count=-1):
            return super().read(count) if count < 70_000 else b""

    with pytest.raises(errors.ImageError, match="shorter"):
        wire.ask(Shrinking(png + bytes(2 << 20)))


def test_a_file_name_cannot_break_out_of_its_header(wire, png):
    wire.ask(Upload.of(png, 'a"b\r\nX-Evil: 1.png'))
    assert wire.form["image"][0] == "a_b__X-Evil: 1.png"


@pytest.mark.parametrize(
    ("of_client", "of_call", "sent"),
    [(False, None, False), (True, None, True), (True, False, False), (False, True, True)],
)
def test_test_mode_of_the_call_goes_before_that_of_the_client(wire, png, of_client, of_call, sent):
    wire.ask(png, client={"test": of_client}, test=of_call)
    assert (wire.form.get("test") == "true") is sent


def test_authorization_host_agent_and_timeouts_are_as_they_must_be(wire, png, secret):
    wire.ask(png)
    request = wire.requests[0]
    assert str(request.url) == "https://api.pixian.ai/api/v2/remove-background"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"px-id:{secret}".encode()).decode()
    assert request.headers["user-agent"].startswith("pixian-shim/")
    assert request.extensions["timeout"] == {"connect": 10.0, "read": 180.0, "write": 180.0, "pool": 600.0}


def test_credentials_of_an_injected_client_are_not_used(front, png, wire, secret):
    settings = wire.settings
    settings["http_client"].auth = ("legacy", "key")
    settings["http_client"].headers["Authorization"] = "Bearer legacy"
    front.remove_background(png, client=settings)
    assert wire.requests[0].headers.get_list("authorization") == [Credentials("px-id", secret).authorization]


def test_an_injected_client_is_left_open_and_an_own_one_closed(front, wire):
    injected = wire.settings["http_client"]
    front.with_client(lambda client: None, http_client=injected)
    assert not injected.is_closed
    own = front.with_client(lambda client: client._connections.client)
    assert own.is_closed


def test_a_client_for_other_credentials_shares_the_connections(front, wire, png):
    settings = wire.settings

    def derive(client):
        other = client.with_credentials(Credentials("other-id", "other-secret"))
        assert other._connections.client is client._connections.client
        assert "other-id" in repr(other)
        return other.remove_background(png)

    front.with_client(derive, **settings)
    assert wire.requests[0].headers["authorization"] == Credentials("other-id", "other-secret").authorization


def test_exceptions_are_known_by_their_names_whatever_library_they_come_from(front, png):
    class TransportError(Exception):
        pass

    class NetworkError(TransportError):
        pass

    class ConnectError(NetworkError):
        pass

    class ReadError(NetworkError):
        pass

    class Strange(Exception):
        pass

    for raised, expected in [
        (ConnectError, errors.ConnectFailed),
        (ReadError, errors.ConnectionLost),
        (httpx.PoolTimeout, errors.ConnectFailed),
        (httpx.WriteTimeout, errors.TimedOut),
        (Strange, Strange),
    ]:

        def fail(_request, raised=raised):
            raise raised("x")

        kind = httpx.Client if front.kind == "sync" else httpx.AsyncClient
        injected = kind(transport=httpx.MockTransport(fail))
        with pytest.raises(expected) as caught:
            front.remove_background(png, client={"http_client": injected, "retry": Retry(connect_retries=0)})
        assert type(caught.value) is expected
        if expected is not Strange:
            assert type(caught.value.__cause__) is raised


def test_an_answer_shorter_than_announced_is_found_whatever_the_transport(front, png):
    kind = httpx.Client if front.kind == "sync" else httpx.AsyncClient
    headers = {"content-length": str(len(png) + 5), "content-type": "image/png"}
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=png, headers=headers))
    with pytest.raises(errors.IncompleteBody):
        front.remove_background(png, client={"http_client": kind(transport=transport)})


@pytest.fixture
def rebuilding(monkeypatch):
    def install(rebuild):
        monkeypatch.setattr("pixian_shim.pixian._job.rebuilder", lambda: rebuild)
        monkeypatch.setattr("pixian_shim.pixian._result.rebuilder", lambda: rebuild)

    return install


@pytest.mark.parametrize("how", ["bytes", "path", "base64"])
def test_delta_asks_for_a_delta_png_and_rebuilds_it_from_the_original(wire, png, rebuilding, tmp_path, how):
    rebuilding(lambda delta, original: b"rebuilt " + bytes([delta == png, original == png]))
    (tmp_path / "a.png").write_bytes(png)
    image = {"bytes": png, "path": tmp_path / "a.png", "base64": Base64Text(base64.b64encode(png).decode())}[how]
    result = wire.ask(image, delta=True)
    assert wire.form["output.format"] == "delta_png"
    assert (result.content, result.content_type, result.credits_charged) == (b"rebuilt \x01\x01", "image/png", 1.0)


def test_a_delta_that_does_not_fit_is_handed_over_with_the_error(wire, png, rebuilding):
    def fail(_delta, _original):
        raise errors.ImageError("other size")

    rebuilding(fail)
    with pytest.raises(errors.RebuildFailed, match="other size") as caught:
        wire.ask(png, delta=True)
    assert (caught.value.result.content, caught.value.result.credits_charged) == (png, 1.0)


def test_without_the_images_extra_a_delta_is_refused_before_anything_is_paid(wire, png, monkeypatch):
    def missing():
        raise errors.MissingExtra("images", "Delta PNG")

    monkeypatch.setattr("pixian_shim.pixian._job.rebuilder", missing)
    with pytest.raises(errors.MissingExtra, match=r"pixian-shim\[images\]"):
        wire.ask(png, delta=True)
    assert wire.requests == []


def test_a_raw_delta_png_can_be_had_too(wire, png):
    assert wire.ask(png, output_format="delta_png").content == png


@pytest.mark.parametrize("name", ["remove_background", "account", "with_credentials"])
def test_both_clients_have_the_same_methods_with_the_same_parameters_and_words(name):
    ours, theirs = getattr(Pixian, name), getattr(AsyncPixian, name)
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert ours.__doc__ == theirs.__doc__


def test_both_clients_are_made_the_same_way():
    ours, theirs = (inspect.signature(kind).parameters for kind in (Pixian, AsyncPixian))
    assert list(ours) == list(theirs)
    assert [p.default for n, p in ours.items() if n != "sleep"] == [
        p.default for n, p in theirs.items() if n != "sleep"
    ]
    public = {name for name in vars(Pixian) if not name.startswith("_")}
    assert public - {"close"} == {name for name in vars(AsyncPixian) if not name.startswith("_")} - {"aclose"}


def test_every_parameter_of_v2_is_an_argument():
    arguments = set(inspect.signature(Pixian.remove_background).parameters)
    assert {field.name for field in attrs.fields(Parameters)} <= arguments


def test_an_unknown_argument_is_a_type_error():
    with Pixian("a", "b", base_url="http://127.0.0.1:9") as client, pytest.raises(TypeError, match="colour"):
        client.remove_background(b"x", colour="#ffffff")


def test_only_one_module_names_httpx():
    folder = Path(inspect.getfile(Pixian)).parent
    naming = {
        path.name
        for path in folder.glob("*.py")
        if "except httpx" in path.read_text() or "    import httpx\n\n    return" in path.read_text()
    }
    assert naming == {"_connections.py"}
