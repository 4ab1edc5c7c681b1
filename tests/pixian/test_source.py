"""What a picture may be handed over as, and that it is sent whole and unchanged."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pictures import PIXEL, encoded, picture
from pixian_shim import errors
from pixian_shim.pixian import Upload
from pixian_shim.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


def test_one_file_object_may_be_sent_by_many_threads_at_once(tmp_path):
    content = os.urandom(3 << 20)
    upload = Upload.of(io.BytesIO(b"before" + content))
    upload = Upload(upload.data, "x", 6)

    def read(_):
        pieces = []
        with upload.open() as file:
            while piece := file.read(1 << 16):
                pieces.append(piece)
        return b"".join(pieces) == content and len(upload) == len(content)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(16)))


def test_one_file_object_may_be_handed_to_several_calls(sandbox):
    file = io.BytesIO(encoded(picture()))

    async def many():
        async with sandbox.async_client() as client:
            return await asyncio.gather(*(client.remove_background(file) for _ in range(4)))

    assert {tuple(result.input_size) for result in asyncio.run(many())} == {(400, 300)}


def test_a_file_that_is_replaced_while_it_is_in_use_is_not_sent(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(PIXEL)
    upload = Upload.of(path)
    assert upload.read() == PIXEL
    path.write_bytes(PIXEL + b"more")
    with pytest.raises(errors.ImageError, match="changed while"):
        upload.read()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_is_read_once(sandbox, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(encoded(picture()),))
    writer.start()
    with sandbox.client() as client:
        assert client.remove_background(path).input_size == (400, 300)
    writer.join()


def test_a_stream_may_give_bytearrays(sandbox):
    class Stream:
        def __init__(self):
            self.pieces = [bytearray(encoded(picture())), bytearray()]

        def read(self, _size=-1):
            return self.pieces.pop(0)

    with sandbox.client() as client:
        assert client.remove_background(Stream()).input_size == (400, 300)


def test_a_read_that_is_a_coroutine_is_refused_with_a_hint():
    class UploadFile:
        async def read(self, size=-1):
            return b""

    with pytest.raises(errors.InvalidParameter, match="coroutine; give the file inside"):
        Upload.of(UploadFile())


def test_a_size_that_stands_at_the_end_of_a_file_is_found(tmp_path):
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in ((256, 123), (257, 45)))
    directory = struct.pack("<H", 2) + entries + bytes(4)
    content = b"II*\0" + struct.pack("<I", 8 + 100_000) + bytes(100_000) + directory
    assert Upload(content).header.size == (123, 45)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("", "a path, an address"),
        ("QUJD" * 100, "image_base64"),
        (io.BytesIO(), "seek\\(0\\)"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_hint(sandbox, image, words):
    with sandbox.client() as client, pytest.raises(errors.ShimError, match=words):
        client.remove_background(image)


@pytest.mark.parametrize("content", [b"\0\0\0\x18ftypheic" + bytes(100), b"hello", b"MM\0*" + bytes(50)])
def test_a_delta_that_could_not_be_put_together_is_not_asked_for(sandbox, content):
    sandbox.reset()
    with sandbox.client() as client, pytest.raises(errors.ImageError, match="Delta PNG of this picture"):
        client.remove_background(content, delta=True)
    assert not sandbox.requests


def test_an_address_in_an_error_shows_neither_user_nor_query(sandbox):
    with sandbox.client() as client, pytest.raises(errors.InvalidParameter) as caught:
        client.remove_background(image_url="ftp://user:hunter2@host/x.png?sig=TOKEN")
    assert "hunter2" not in str(caught.value)
    assert "TOKEN" not in str(caught.value)
    assert "host/x.png" in str(caught.value)
