"""The gateway beside nginx and a bare proxy, all before one upstream: how many calls, how patient, how much memory.

The server under test has one core for itself, the upstream and the load generator share another. nginx only passes
bytes on, so it is shown for orientation; the bare proxy is what one would write in Python without any translation.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen
from figures import Figure
from load import Outcome, Plan, children, generate, photo, request, tied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import StreamingResponse

    Start = Callable[["Server"], AbstractContextManager["Server"]]

HERE = Path(__file__).parent
SHIM = Path(sys.executable).with_name("pixian-shim")
COMMAND = [SHIM, "gateway", "--host", "127.0.0.1", "--port", "0"]
CONFIG = "max_active = 256\n"
"""TOML for ``--config``: more calls at once than the vendor wants unasked, or two hundred could not wait at once."""

ENVIRONMENT = {"PIXIAN_API_ID": "id", "PIXIAN_API_SECRET": "secret", "PIXIAN_SHIM_POLICY": "silent"}
NO_NGINX = "nginx is not installed: apt-get install nginx-light"

ROUNDS, SECONDS, WARM = 5, 3.0, 0.7
DELAY, WAITING, BURSTS = 2.0, 200, 3
UPLOADS, UPLOAD_SIZE, UPLOADING = 100, 20_000_000, 8
MB = 1e6

NGINX = """
{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    client_max_body_size 0;
    client_body_buffer_size 256k;
    proxy_buffer_size 16k;
    proxy_buffers 16 16k;
    keepalive_requests 1000000;
    upstream pixian {{ server {upstream}; keepalive 256; keepalive_requests 1000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://pixian;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


@frozen
class Server:
    """One running process and where it listens."""

    pid: int
    port: int

    def ask(self, message: bytes) -> tuple[int, bytes]:
        """Ask once, on a connection of its own, and read the answer whole."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(message)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.read()

    def seen(self) -> dict[str, int]:
        """Ask the upstream how many uploads and bytes have arrived there."""
        return json.loads(self.ask(b"GET /seen HTTP/1.1\r\nHost: localhost\r\n\r\n")[1])


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """Let processes that are started meanwhile run on this core only, where there are two."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(allowed)[number]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def started(command: list[str | Path], core: int, port: int = 0, env: dict[str, str] | None = None) -> Iterator[Server]:
    """Start a process, wait until it listens, and end it; its port stands in its output if it is not given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIXIAN_")}
    with tempfile.TemporaryFile() as output:
        with on_core(core):
            process = subprocess.Popen(
                tied(command), stdout=output, stderr=output, start_new_session=True, env=clean | (env or {})
            )
        try:
            yield Server(process.pid, listening(process, output, port))
        finally:
            end(process)


def listening(process: subprocess.Popen[bytes], output: object, port: int) -> int:
    """Wait until a port is open, and give it."""
    for _ in range(600):
        text = os.pread(output.fileno(), 1 << 16, 0).decode(errors="replace")
        told = re.search(r"http://127\.0\.0\.1:(\d+)", text)
        known = port or (int(told[1]) if told else 0)
        with suppress(OSError):
            if known:
                socket.create_connection(("127.0.0.1", known), timeout=5).close()
                return known
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"{' '.join(map(str, process.args))} does not listen:\n{text[-3000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and make sure of it."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def upstream(delay: float = 0.0) -> AbstractContextManager[Server]:
    """Start an upstream that answers after so many seconds."""
    return started([sys.executable, HERE / "upstream.py", "--delay", str(delay)], core=1)


@contextmanager
def direct(behind: Server) -> Iterator[Server]:
    """Be no proxy at all: the load generator asks the upstream."""
    yield behind


@contextmanager
def nginx(behind: Server) -> Iterator[Server]:
    """Start nginx from a folder of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(NGINX.format(user=user, upstream=f"127.0.0.1:{behind.port}", port=port))
        with started([nginx_path(), "-p", folder, "-e", "stderr", "-c", config], core=0, port=port) as server:
            yield server


def nginx_path() -> str | None:
    """Find nginx, also where only root looks for it."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def bare(behind: Server) -> Iterator[Server]:
    """Start the bare proxy."""
    port = free_port()
    command = [sys.executable, __file__, "bare", str(port), f"http://127.0.0.1:{behind.port}"]
    with started(command, core=0, port=port) as server:
        yield server


def bare_proxy(url: str) -> Starlette:
    """Write the proxy that any competent engineer would: one shared client, bodies streamed both ways."""
    import httpx
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    hop_by_hop = {b"host", b"connection", b"keep-alive", b"transfer-encoding", b"te", b"trailer", b"upgrade"}
    # Its pool looks at every idle connection at every turn: keeping all of them makes it a third slower.
    limits = httpx.Limits(max_connections=512, max_keepalive_connections=20)
    client = httpx.AsyncClient(base_url=url, timeout=180, limits=limits, trust_env=False)

    async def forward(request: Request) -> StreamingResponse:
        headers = [(name, value) for name, value in request.headers.raw if name not in hop_by_hop]
        outgoing = client.build_request(
            request.method, "/api/v2/remove-background", headers=headers, content=request.stream()
        )
        answer = await client.send(outgoing, stream=True)
        response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = [
            (name.lower(), value) for name, value in answer.headers.raw if name.lower() not in hop_by_hop
        ]
        return response

    return Starlette(routes=[Route("/{path:path}", forward, methods=["POST"])])


@contextmanager
def gateway(behind: Server) -> Iterator[Server]:
    """Start the gateway, logging each call as it does by itself."""
    env = ENVIRONMENT | {"PIXIAN_BASE_URL": f"http://127.0.0.1:{behind.port}"}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "gateway.toml"
        config.write_text(CONFIG)
        with started([*COMMAND, *(["--config", config] if CONFIG else [])], core=0, env=env) as server:
            yield server


def checked(server: Server, behind: Server) -> Server:
    """Make sure that a side answers the upstream's picture, byte for byte, before it is measured."""
    call = request(photo(100_000))
    status, body = server.ask(call)
    if (status, body) != behind.ask(call):
        raise SystemExit(f"not the upstream's picture but {status}, {len(body)} bytes: {body[:300]!r}")
    return server


def load(plan: Plan) -> Outcome:
    """Run the load generator beside the upstream."""
    with on_core(1):
        return generate(plan)


def throughput(rounds: int = ROUNDS) -> list[Figure]:
    """Measure calls a second, taking turns, and compare them round by round."""
    sides = {"upstream itself": direct, "nginx": nginx, "bare proxy": bare, "gateway": gateway}
    if nginx_path() is None:
        print(NO_NGINX, file=sys.stderr)
        del sides["nginx"]
    turns: dict[str, list[Outcome]] = {name: [] for name in sides}
    with ExitStack() as stack:
        behind = stack.enter_context(upstream())
        servers = {name: checked(stack.enter_context(start(behind)), behind) for name, start in sides.items()}
        for turn in range(rounds):
            for name in rotated(list(sides), turn):
                plan = Plan(servers[name].port, seconds=SECONDS, warm=WARM, watch=servers[name].pid)
                turns[name].append(load(plan))
    ratios = [ours.rate / theirs.rate for ours, theirs in zip(turns["gateway"], turns["bare proxy"], strict=True)]
    beside = [told(name, outcomes) for name, outcomes in turns.items()] + ([] if "nginx" in sides else [NO_NGINX])
    return [
        Figure(
            "calls a second, 100 KB, 32 connections: gateway / bare proxy",
            statistics.median(ratios),
            "x",
            0.8,
            True,
            f"{', '.join(beside)}; rounds {min(ratios):.2f} to {max(ratios):.2f}",
        ),
        lost("of these calls lost by the gateway", turns["gateway"]),
    ]


def rotated(names: list[str], turn: int) -> list[str]:
    """Let another one begin in every turn."""
    return names[turn % len(names) :] + names[: turn % len(names)]


def told(name: str, outcomes: list[Outcome]) -> str:
    """Say how fast a side was and how much of its core it used: far below 100 %, something else was the limit."""
    rate, busy = (statistics.median(pick) for pick in zip(*((o.rate, o.busy) for o in outcomes), strict=True))
    failed = sum(sum(outcome.lost.values()) for outcome in outcomes)
    cost = f"{busy / rate * 1e6:.0f} us CPU a call, {busy:.0%} busy"
    return f"{name} {rate:.0f}/s ({cost}{f', {failed} lost' if failed else ''})"


def lost(name: str, outcomes: list[Outcome]) -> Figure:
    """Count what was lost, and quote the reasons."""
    reasons = [f"{times} x {reason}" for outcome in outcomes for reason, times in outcome.lost.items()]
    failed = sum(sum(outcome.lost.values()) for outcome in outcomes)
    answered = sum(outcome.answered for outcome in outcomes)
    return Figure(name, failed, "", 0, False, "; ".join([f"{answered} answered", *reasons[:5]]))


def waiting() -> list[Figure]:
    """Keep 200 clients waiting for an upstream that takes two seconds: evenly, in step, and all in one instant."""
    name = f"{WAITING} clients waiting, upstream {DELAY:g} s"
    steady = Plan(0, connections=WAITING, seconds=5 * DELAY, warm=2 * DELAY)
    even = evolve(steady, spread=DELAY)
    burst = Plan(0, connections=WAITING, total=WAITING)
    resident, sides, evens = [], [], []
    with upstream(DELAY) as behind, bare(behind) as other, gateway(behind) as server:
        for side in (server, behind, other):
            checked(side, behind)
            evens.append([load(evolve(even, port=side.port))])
            sides.append([load(evolve(steady, port=side.port))])
            resident += [memory(server.pid, "VmRSS")] if side is server else []
        bursts: list[list[Outcome]] = [[], [], []]
        for _ in range(BURSTS):
            for place, side in enumerate((server, behind, other)):
                bursts[place].append(load(evolve(burst, port=side.port)))
            time.sleep(1)
            resident.append(memory(server.pid, "VmRSS"))
    sizes = ", ".join(f"{size / MB:.0f}" for size in resident)
    return [
        lost(f"{name}: lost", evens[0] + sides[0] + bursts[0]),
        late(f"{name}, each asking again, evenly: p99 beyond it", evens),
        late(f"{name}, each asking again, in step: p99 beyond it", sides),
        late(f"{name}, all in one instant: p99 beyond it", bursts),
        Figure(f"{name}: memory in the end / at first", resident[-1] / resident[0], "x", 1.1, False, f"MB: {sizes}"),
    ]


def late(name: str, sides: list[list[Outcome]]) -> Figure:
    """Say how much longer than the upstream's own time the slowest calls took, ours first."""
    ours, theirs, simple = (1e3 * (p99(outcomes) - DELAY) for outcomes in sides)
    return Figure(name, ours, "ms", 200, False, f"upstream itself {theirs:.0f} ms, bare proxy {simple:.0f} ms")


def p99(outcomes: list[Outcome]) -> float:
    """Give the latency that 99 of 100 calls of all rounds keep to."""
    latencies = sorted(seconds for outcome in outcomes for seconds in outcome.latencies)
    return latencies[-1 - len(latencies) // 100] if latencies else float("inf")


def memory(pid: int, name: str) -> int:
    """Read the bytes of a line such as VmRSS or VmHWM, of a process and its children."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024
    return own + sum(memory(child, name) for child in children(pid))


def forget_peak(pid: int) -> None:
    """Let VmHWM begin anew at what is resident now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    for child in children(pid):
        forget_peak(child)


def uploads(total: int = UPLOADS) -> list[Figure]:
    """Send large photos, several at once, and look at the peak of resident memory."""
    gateways, outcome = peak(gateway, total)
    bares, _ = peak(bare, min(total, UPLOADS))
    rate = outcome.answered * UPLOAD_SIZE / outcome.seconds / MB
    name = f"{total:,} uploads of {UPLOAD_SIZE / MB:.0f} MB, {UPLOADING} at once"
    return [
        lost(f"{name}: lost", [outcome]),
        Figure(
            f"{name}: peak memory above rest",
            gateways / MB,
            "MB",
            150,
            False,
            f"bare proxy {bares / MB:.0f} MB; gateway {rate:.0f} MB/s",
        ),
    ]


def peak(start: Start, total: int) -> tuple[int, Outcome]:
    """Measure one side's peak above rest, and make sure that every byte has arrived behind it."""
    plan = Plan(0, connections=UPLOADING, size=UPLOAD_SIZE, total=total, patience=60 + total)
    with upstream() as behind, start(behind) as server:
        checked(server, behind)
        before, rest = behind.seen()["bytes"], memory(server.pid, "VmRSS")
        forget_peak(server.pid)
        outcome = load(evolve(plan, port=server.port))
        top = memory(server.pid, "VmHWM")
        if behind.seen()["bytes"] - before < outcome.answered * UPLOAD_SIZE:
            raise SystemExit("the upstream has not received every byte of the uploads")
    return top - rest, outcome


def measure() -> list[Figure]:
    """Give all of them."""
    return [figure for part in (throughput, waiting, uploads) for figure in part()]


def serve_bare(port: str, url: str) -> None:
    """Run the bare proxy."""
    import uvicorn

    uvicorn.run(bare_proxy(url), host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        serve_bare(*sys.argv[2:])
    else:
        print(*measure(), sep="\n")
