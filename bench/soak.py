"""Let the gateway work for long: a steady rate with all that goes wrong on a network, then 1,000 large uploads.

Usage: python bench/soak.py [seconds, 600 by default] [uploads, 1000 by default]; no uploads with 0.
"""

from __future__ import annotations

import asyncio
import random
import socket
import statistics
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure
from load import children, photo, request, told
from rich.console import Console
from rich.table import Table
from run import cells
from upstream import PICTURE, Message

import gateway

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

SECONDS, RATE, UPLOADS = 600.0, 20.0, 1000
SIZE = 100_000
KEPT = 4
"""Connections that are used again; so few that none is idle for longer than a server keeps it."""

PATIENCE = 60.0
NARROW = 1 << 12
SLOW = 5.0
"""Seconds that a slow client takes to send, and again to read."""


class Lost(Exception):
    """A call without the answer that it should have."""


class Client:
    """Asks in several ways and counts what came of it.

    Attributes:
        counts: how often each way was tried.
        lost: calls without the right answer, and why.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.counts: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.kept: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.good = request(photo(SIZE))
        self.ways: list[tuple[int, str, Callable[[], Coroutine[None, None, None]]]] = [
            (50, "good, connection kept", self.ask_again),
            (26, "good, new connection", lambda: self.ask(self.good)),
            (4, "slow client", self.ask_slowly),
            (3, "client gone while sending", self.leave_while_sending),
            (3, "client gone while waiting", self.leave_while_waiting),
            (2, "client gone while reading", self.leave_while_reading),
            (2, "no key", lambda: self.ask(request(photo(SIZE), key=""), 403)),
            (2, "no picture", lambda: self.ask(request(None), 400)),
            (2, "bad parameter", lambda: self.ask(request(photo(SIZE), size="huge"), 400)),
            (2, "no HTTP", self.send_garbage),
            (2, "upstream 402", lambda: self.ask(self.marked(b"402"), 402)),
            (1, "upstream 500", lambda: self.ask(self.marked(b"500"), 500, 502, 503)),
            (1, "upstream breaks", lambda: self.ask(self.marked(b"break"), 502)),
        ]

    def marked(self, mark: bytes) -> bytes:
        """Write a call to which the upstream answers otherwise."""
        return request(photo(SIZE, b"upstream:%s;" % mark))

    async def one(self) -> None:
        """Ask in one of the ways, and see to it that it comes right."""
        weights, names, ways = zip(*self.ways, strict=True)
        place = random.choices(range(len(ways)), weights)[0]
        self.counts[names[place]] += 1
        try:
            await asyncio.wait_for(ways[place](), PATIENCE)
        except (Lost, OSError, ValueError, EOFError, TimeoutError) as error:
            self.lost[f"{names[place]}: {type(error).__name__} {error}"] += 1

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def connect_narrowly(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection on which little is received unread, so that the server has to wait for who reads slowly."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        return await asyncio.open_connection(sock=connection, limit=NARROW)

    async def ask(self, call: bytes, *statuses: int) -> None:
        """Ask on a connection of its own."""
        reader, writer = await self.connect()
        try:
            writer.write(call)
            expect(await read(reader), *statuses)
        finally:
            await close(writer)

    async def ask_again(self) -> None:
        """Ask on a connection that was used before."""
        reader, writer = self.kept.pop(0) if self.kept else await self.connect()
        try:
            writer.write(self.good)
            message = await read(reader)
            expect(message)
        except BaseException:
            await close(writer)
            raise
        if len(self.kept) >= KEPT or b"\r\nconnection: close" in message.head.lower():
            await close(writer)
        else:
            self.kept.append((reader, writer))

    async def ask_slowly(self) -> None:
        """Send in twenty pieces, and read in as many."""
        reader, writer = await self.connect_narrowly()
        try:
            step = len(self.good) // 20 + 1
            for begin in range(0, len(self.good), step):
                writer.write(self.good[begin : begin + step])
                await asyncio.sleep(SLOW / 20)
            expect(await read(reader, step=len(PICTURE) // 20, pause=SLOW / 20))
        finally:
            await close(writer)

    async def leave_while_sending(self) -> None:
        """Break the connection half-way through the picture."""
        _, writer = await self.connect()
        writer.write(self.good[: len(self.good) // 2])
        await asyncio.sleep(0.1)
        writer.transport.abort()

    async def leave_while_waiting(self) -> None:
        """Send everything, and leave before the answer."""
        _, writer = await self.connect()
        writer.write(self.good)
        await asyncio.wait_for(writer.drain(), PATIENCE)
        await asyncio.sleep(random.uniform(0, 0.02))
        writer.transport.abort()

    async def leave_while_reading(self) -> None:
        """Leave with a part of the answer read."""
        reader, writer = await self.connect_narrowly()
        writer.write(self.good)
        await reader.readexactly(1000)
        writer.transport.abort()

    async def send_garbage(self) -> None:
        """Send what is no HTTP, and expect an error or a closed connection."""
        reader, writer = await self.connect()
        try:
            writer.write(b"\x16\x03\x01 what is this?\r\n\r\n")
            said = await reader.read(1 << 16)
            if said and not said.startswith(b"HTTP/1.1 400"):
                raise Lost(repr(said[:100]))
        except ConnectionError:
            pass
        finally:
            await close(writer)

    async def run(self, seconds: float, rate: float) -> None:
        """Begin a call every so often, however long the others take, and wait for all of them."""
        begin = time.perf_counter()
        tasks: set[asyncio.Task[None]] = set()
        for number in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
            task = asyncio.create_task(self.one())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        for _, writer in self.kept:
            await close(writer)


async def read(reader: asyncio.StreamReader, step: int = 1 << 16, pause: float = 0.0) -> Message:
    """Read an answer whole, slowly if need be."""
    message = Message()
    while data := await reader.read(step):
        if message.feed(memoryview(data)):
            return message
        await asyncio.sleep(pause)
    raise Lost(f"the connection ended in the middle: {message.opening[:100]!r}")


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever it says."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def expect(message: Message, *statuses: int) -> None:
    """Compare status and length.

    Raises:
        Lost: another answer.
    """
    if message.status not in (statuses or (200,)) or (not statuses and message.size != len(PICTURE)):
        raise Lost(told(message))


class Watch:
    """Looks at a process every second.

    Attributes:
        resident: bytes, one value a second.
        files: how many are open, sockets too.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.resident: list[int] = []
        self.files: list[int] = []

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.resident.append(gateway.memory(self.pid, "VmRSS"))
            self.files.append(open_files(self.pid))
            await asyncio.sleep(1)


def open_files(pid: int) -> int:
    """Count the open files of a process and its children."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir())) + sum(map(open_files, children(pid)))


async def steady(server: gateway.Server, seconds: float) -> tuple[Client, Watch]:
    """Ask at the steady rate and watch."""
    client, watch = Client(server.port), Watch(server.pid)
    watching = asyncio.create_task(watch.run())
    try:
        await client.run(seconds, RATE)
        await asyncio.sleep(1)
        watch.files.append(open_files(server.pid))
    finally:
        watching.cancel()
    return client, watch


def soak(seconds: float) -> list[Figure]:
    """Give the figures of a steady rate."""
    with gateway.upstream() as behind, gateway.gateway(behind) as server:
        gateway.checked(server, behind)
        with gateway.on_core(1):
            client, watch = asyncio.run(steady(server, seconds))
        gateway.checked(server, behind)
    settled = int(min(60, seconds / 3))
    before, after = statistics.median(watch.resident[settled - 5 : settled]), statistics.median(watch.resident[-6:-1])
    name = f"{seconds:g} s of {RATE:g} calls a second"
    counts = ", ".join(f"{count} {way}" for way, count in client.counts.most_common())
    beside = [counts, *(f"{count} x {reason}" for reason, count in client.lost.most_common(5))]
    return [
        Figure(f"{name}: lost", client.lost.total(), "", 0, False, "; ".join(beside)),
        Figure(
            f"{name}: memory at the end / after {settled} s",
            after / before,
            "x",
            1.1,
            False,
            f"{before / gateway.MB:.1f} MB, then {after / gateway.MB:.1f}; peak {max(watch.resident) / gateway.MB:.1f}",
        ),
        Figure(
            f"{name}: files open at the end, beyond those at {settled} s",
            watch.files[-1] - max(watch.files[settled - 5 : settled]),
            "",
            0,
            False,
            f"at most {max(watch.files)}, in the end {watch.files[-1]}",
        ),
    ]


def main(seconds: float = SECONDS, uploads: int = UPLOADS) -> None:
    """Print the figures."""
    table = Table(title="Soak", title_justify="left")
    for column in ("what", "measured", "bar", "beside it in this run", ""):
        table.add_column(column)
    for figure in soak(seconds) + (gateway.uploads(uploads) if uploads else []):
        table.add_row(*cells(figure))
    Console().print(table)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3]))
