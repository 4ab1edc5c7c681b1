"""A load generator on loopback, in a process of its own: keep-alive connections, each asking as soon as it is answered.

Requests are bytes made beforehand; of every answer the status and the length of the body are looked at.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import asdict, field, frozen
from upstream import PICTURE, ROOM, Message, run

if TYPE_CHECKING:
    from pathlib import Path

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc000110803e803e803012200021101031101")
BOUNDARY = b"----pixian-shim-bench"
TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Plan:
    """What to ask for.

    Attributes:
        port: on 127.0.0.1.
        connections: opened within the ``spread`` seconds; a closed one is opened anew.
        spread: seconds over which the connections begin evenly; 0 is all in one instant.
        size: bytes of the photo.
        total: how many calls, or 0 to go on for the seconds.
        seconds: how long to measure, after the ``warm`` seconds.
        warm: seconds that are not counted.
        patience: seconds after which a call is lost.
        watch: the process whose CPU time is read meanwhile, with its children.
    """

    port: int
    connections: int = 32
    spread: float = 0.0
    size: int = 100_000
    total: int = 0
    seconds: float = 0.0
    warm: float = 0.0
    patience: float = 60.0
    watch: int = 0


@frozen
class Outcome:
    """What came of it.

    Attributes:
        answered: complete and right answers, those while warming up not counted.
        lost: calls without one, and why; those while warming up too.
        seconds: how long it took.
        busy: how much of one core the watched process used.
        latencies: seconds of each answered call; its first on a connection includes the connecting.
    """

    answered: int
    lost: dict[str, int]
    seconds: float
    busy: float
    latencies: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def photo(size: int, mark: bytes = b"") -> bytes:
    """Make something that looks like a JPEG of a megapixel; a mark tells the upstream what to answer."""
    return JPEG + mark + os.urandom(size - len(JPEG) - len(mark))


def part(name: str, content: bytes, more: str = "") -> bytes:
    """Write one part of a form."""
    return b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (
        BOUNDARY,
        name.encode(),
        more.encode(),
        content,
    )


def request(content: bytes | None, *, size: str = "auto", key: str = "X-Api-Key: x\r\n") -> bytes:
    """Write a call of remove.bg's interface."""
    body = part("size", size.encode())
    if content is not None:
        body = part("image_file", content, '; filename="photo.jpg"\r\nContent-Type: image/jpeg') + body
    body += b"--%s--\r\n" % BOUNDARY
    head = (
        f"POST /v1.0/removebg HTTP/1.1\r\nHost: localhost\r\n{key}Accept: */*\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def cpu_seconds(pid: int) -> float:
    """Read the CPU time of a process and its children so far."""
    with open(f"/proc/{pid}/stat") as file:
        used = sum(map(int, file.read().rpartition(")")[2].split()[11:13])) / TICKS
    return used + sum(map(cpu_seconds, children(pid)))


def children(pid: int) -> list[int]:
    """Name the processes that a process has started."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


class Load:
    """What all connections share."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.request = request(photo(plan.size))
        self.left = plan.total or sys.maxsize
        self.measuring = not plan.warm
        self.latencies: list[float] = []
        self.lost: Counter[str] = Counter()
        self.open: set[Connection] = set()

    def may_ask(self) -> bool:
        """Take one of the calls that are left."""
        self.left -= 1
        return self.left >= 0

    def answered(self, message: Message, seconds: float) -> None:
        """Count an answer."""
        if message.status != 200 or message.size != len(PICTURE):
            self.lost[told(message)] += 1
        elif self.measuring:
            self.latencies.append(seconds)

    async def run(self) -> Outcome:
        """Let all connections ask until the end."""
        timing = asyncio.create_task(self.timed()) if self.plan.seconds else None
        begin, used = time.perf_counter(), self.used()
        workers = [asyncio.create_task(self.work(place)) for place in range(self.plan.connections)]
        if timing is not None:
            seconds, busy = await timing
        _, late = await asyncio.wait(workers, timeout=self.plan.patience)
        if timing is None:
            seconds = time.perf_counter() - begin
            busy = (self.used() - used) / seconds
        latencies = self.latencies.copy()
        if late:
            self.lost[f"no answer within {self.plan.patience:g} s"] += len(late)
        return Outcome(len(latencies), dict(self.lost), seconds, busy, latencies)

    async def timed(self) -> tuple[float, float]:
        """Count for some seconds only, and let no call begin after them."""
        await asyncio.sleep(self.plan.warm)
        begin, used = time.perf_counter(), self.used()
        self.measuring = True
        await asyncio.sleep(self.plan.seconds)
        self.measuring, self.left = False, 0
        seconds = time.perf_counter() - begin
        return seconds, (self.used() - used) / seconds

    def used(self) -> float:
        """Read the CPU time of who is watched."""
        return cpu_seconds(self.plan.watch) if self.plan.watch else 0.0

    async def work(self, place: int) -> None:
        """Keep one connection open as long as there is something to ask."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.plan.spread * place / self.plan.connections)
        while self.may_ask():
            begin = time.perf_counter()
            try:
                _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)
            except OSError as error:
                self.lost[f"no connection: {error}"] += 1
                await asyncio.sleep(0.1)
                continue
            connection.ask(begin)
            await connection.closed


class Connection(asyncio.BufferedProtocol):
    """One connection: asks, and asks again when it is answered."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.message = Message()
        self.asking = False
        self.begin = 0.0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(6, 1, 1)  # TCP_NODELAY

    def ask(self, begin: float) -> None:
        """Send the request."""
        self.begin, self.asking = begin, True
        self.transport.write(self.load.request)

    def get_buffer(self, _size: int) -> memoryview:
        return ROOM

    def buffer_updated(self, size: int) -> None:
        if not self.asking:
            self.load.lost["bytes that nobody asked for"] += 1
            self.transport.abort()
            return
        if not self.message.feed(ROOM[:size]):
            return
        now = time.perf_counter()
        self.load.answered(self.message, now - self.begin)
        closes = b"\r\nconnection: close" in self.message.head.lower()
        self.message.clear()
        self.asking = False
        if not closes and self.load.may_ask():
            self.ask(now)
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.asking:
            self.load.lost[f"connection lost with {self.message.size} bytes announced: {error}"] += 1
        if not self.closed.done():
            self.closed.set_result(None)


def told(message: Message) -> str:
    """Say what came instead of a picture; a picture itself is not quoted."""
    said = "" if message.status == 200 else message.opening[:200].decode(errors="replace")
    return f"{message.status}, {message.size} bytes {said}".strip()


def tied(command: list[str | Path]) -> list[str | Path]:
    """Let a command end when its parent does, even if that is killed."""
    tie = shutil.which("setpriv")
    return [tie, "--pdeathsig", "TERM", *command] if tie else command


def generate(plan: Plan) -> Outcome:
    """Run a plan in a process of its own."""
    command = tied([sys.executable, __file__, json.dumps(asdict(plan))])
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, start_new_session=True)
        try:
            failed = process.wait(timeout=plan.warm + plan.seconds + plan.patience + 60)
        finally:
            process.kill()
            process.wait()
        if failed:
            raise SystemExit("the load generator broke down")
        output.seek(0)
        return Outcome(**json.load(output))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        print(json.dumps(asdict(run(Load(Plan(**json.loads(sys.argv[1]))).run()))))
