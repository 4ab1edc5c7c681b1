"""The same request with each library that has a door, written as programs write it."""

import asyncio
import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import ClassVar
from uuid import uuid4

import aiohttp
import httpx
import httpx2
import requests
import urllib3


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json()["errors"][0].get("code")


def answer(status, headers, body):
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def multipart(fields, picture):
    """Write a form by hand, for libraries that cannot."""
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()
    ]
    if picture is not None:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="image_file"; filename="a.png"\r\n\r\n'
        parts += [head.encode(), picture, b"\r\n"]
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


class Requests:
    no_answer: ClassVar = {
        "lost": requests.ConnectionError,
        "refused": requests.ConnectionError,
        "silent": requests.ReadTimeout,
    }

    def form(self, url, headers, fields, picture, **options):
        files = {} if picture is None else {"image_file": ("a.png", picture)}
        reply = requests.post(url, data=fields, files=files, headers=headers, **options)
        return answer(reply.status_code, reply.headers, reply.content)

    def streamed(self, url, headers, content_type, pieces):
        with requests.post(
            url, data=iter(pieces), headers={**headers, "Content-Type": content_type}, stream=True
        ) as reply:
            return answer(reply.status_code, reply.headers, b"".join(reply.iter_content(700)))

    def get(self, url, headers=None):
        reply = requests.get(url, headers=headers)
        return answer(reply.status_code, reply.headers, reply.content)


class Httpx:
    def __init__(self, module):
        self.module = module
        self.no_answer = {
            "lost": module.RemoteProtocolError,
            "refused": module.ConnectError,
            "silent": module.ReadTimeout,
        }

    def form(self, url, headers, fields, picture, **options):
        files = {} if picture is None else {"image_file": ("a.png", picture)}
        reply = self.module.post(url, data=fields, files=files, headers=headers, **options)
        return answer(reply.status_code, reply.headers, reply.content)

    def streamed(self, url, headers, content_type, pieces):
        headers = {**headers, "Content-Type": content_type}
        with self.module.stream("POST", url, content=iter(pieces), headers=headers) as reply:
            return answer(reply.status_code, reply.headers, b"".join(reply.iter_bytes(700)))

    def get(self, url, headers=None):
        reply = self.module.get(url, headers=headers)
        return answer(reply.status_code, reply.headers, reply.content)


class AsyncHttpx(Httpx):
    def form(self, url, headers, fields, picture, **options):
        async def run():
            async with self.module.AsyncClient() as client:
                files = {} if picture is None else {"image_file": ("a.png", picture)}
                reply = await client.post(url, data=fields, files=files, headers=headers, **options)
                return answer(reply.status_code, reply.headers, reply.content)

        return asyncio.run(run())

    def streamed(self, url, headers, content_type, pieces):
        async def body():
            for piece in pieces:
                yield piece

        async def run():
            async with (
                self.module.AsyncClient() as client,
                client.stream("POST", url, content=body(), headers={**headers, "Content-Type": content_type}) as reply,
            ):
                return answer(
                    reply.status_code, reply.headers, b"".join([piece async for piece in reply.aiter_bytes(700)])
                )

        return asyncio.run(run())

    def get(self, url, headers=None):
        async def run():
            async with self.module.AsyncClient() as client:
                reply = await client.get(url, headers=headers)
                return answer(reply.status_code, reply.headers, reply.content)

        return asyncio.run(run())


class Aiohttp:
    no_answer: ClassVar = {
        "lost": aiohttp.ServerDisconnectedError,
        "refused": aiohttp.ClientConnectionError,
        "silent": asyncio.TimeoutError,
    }

    def form(self, url, headers, fields, picture, timeout=None):
        async def run():
            form = aiohttp.FormData(fields)
            if picture is not None:
                form.add_field("image_file", io.BytesIO(picture), filename="a.png")
            options = {"timeout": aiohttp.ClientTimeout(total=timeout)} if timeout else {}
            async with (
                aiohttp.ClientSession() as session,
                session.post(url, data=form, headers=headers, **options) as reply,
            ):
                return answer(reply.status, reply.headers, await reply.read())

        return asyncio.run(run())

    def streamed(self, url, headers, content_type, pieces):
        async def body():
            for piece in pieces:
                yield piece

        async def run():
            given = {**headers, "Content-Type": content_type}
            async with aiohttp.ClientSession() as session, session.post(url, data=body(), headers=given) as reply:
                return answer(
                    reply.status, reply.headers, b"".join([piece async for piece in reply.content.iter_chunked(700)])
                )

        return asyncio.run(run())

    def get(self, url, headers=None):
        async def run():
            async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
                return answer(reply.status, reply.headers, await reply.read())

        return asyncio.run(run())


class Urllib3:
    no_answer: ClassVar = {
        "lost": urllib3.exceptions.ProtocolError,
        "refused": urllib3.exceptions.MaxRetryError,
        "silent": urllib3.exceptions.ReadTimeoutError,
    }

    def form(self, url, headers, fields, picture, **options):
        fields = fields if picture is None else {**fields, "image_file": ("a.png", picture)}
        with urllib3.PoolManager() as pool:
            reply = pool.request("POST", url, fields=fields, headers=headers, **options)
            return answer(reply.status, reply.headers, reply.data)

    def streamed(self, url, headers, content_type, pieces):
        given = {**headers, "Content-Type": content_type}
        with urllib3.PoolManager() as pool:
            reply = pool.request("POST", url, body=iter(pieces), headers=given, preload_content=False)
            body = b"".join(reply.stream(700))
            reply.release_conn()
            return answer(reply.status, reply.headers, body)

    def get(self, url, headers=None):
        with urllib3.PoolManager() as pool:
            reply = pool.request("GET", url, headers=headers)
            return answer(reply.status, reply.headers, reply.data)


class Urllib:
    no_answer: ClassVar = dict.fromkeys(("lost", "refused", "silent"), urllib.error.URLError)

    def form(self, url, headers, fields, picture, **options):
        content_type, body = multipart(fields, picture)
        return self._ask(urllib.request.Request(url, body, {**headers, "Content-Type": content_type}), **options)

    def streamed(self, url, headers, content_type, pieces):
        return self._ask(urllib.request.Request(url, iter(pieces), {**headers, "Content-Type": content_type}), step=700)

    def get(self, url, headers=None):
        return self._ask(urllib.request.Request(url, headers=headers or {}))

    def _ask(self, request, step=None, **options):
        try:
            with urllib.request.urlopen(request, **options) as reply:
                body = b"".join(iter(lambda: reply.read(step or -1), b""))
                return answer(reply.status, reply.headers, body)
        except urllib.error.HTTPError as error:
            with error:
                return answer(error.code, error.headers, error.read())


ASKERS = {
    "requests": Requests(),
    "httpx": Httpx(httpx),
    "httpx async": AsyncHttpx(httpx),
    "httpx2": Httpx(httpx2),
    "httpx2 async": AsyncHttpx(httpx2),
    "aiohttp": Aiohttp(),
    "urllib3": Urllib3(),
    "urllib.request": Urllib(),
}
