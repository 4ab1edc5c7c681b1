"""Run the scripts for rembg on one side, and write down what their callers can see.

``python rembg_observer.py (real | inside | straight | darkened) LEGACY_FOLDER OUT.json``: the real package with a session whose mask
is known; the real package with our session inside, and the sandbox behind; the drop-in under the package's name, with its own colours or
rembg's, and the sandbox behind. In a process of its own, as the same name means different packages.
"""

import hashlib
import importlib.util
import inspect
import json
import os
import sys
import types
import warnings
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

NOT_NEEDED = {
    "pymatting.alpha.estimate_alpha_cf": "estimate_alpha_cf",
    "pymatting.foreground.estimate_foreground_ml": "estimate_foreground_ml",
    "pymatting.util.util": "stack_images",
    "jsonschema": "validate",
}
"""Imported by rembg for matting and prompts, which nobody here asks for; they bring a compiler along."""


def known_matte(height: int, width: int):
    """Make a mask with a hard middle, a soft edge, and specks that an opening takes away."""
    down, across = np.mgrid[0:height, 0:width]
    distance = np.hypot((down - height * 0.45) / (height * 0.35), (across - width * 0.4) / (width * 0.3))
    matte = np.clip((1.25 - distance) * 600, 0, 255).astype(np.uint8)
    matte[height // 10, width - width // 8] = 255
    return matte


class Known:
    """The sandbox's engine with the same mask."""

    def matte(self, rgb):
        return known_matte(*rgb.shape[:2])


def stub_what_is_not_needed() -> None:
    for name, used in NOT_NEEDED.items():
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:depth]), types.ModuleType(".".join(parts[:depth])))
        setattr(sys.modules[name], used, None)


def real(legacy: str) -> None:
    """Let every model of the real package be a session with the known mask."""
    sys.path.insert(0, legacy)
    stub_what_is_not_needed()
    import rembg.sessions as known
    from rembg.sessions.base import BaseSession

    def made(model):
        def init(self, model_name, sess_opts=None, *args, **kwargs):
            self.model_name, self.inner_session = model_name, None

        def predict(self, img, *args, **kwargs):
            return [Image.fromarray(known_matte(img.height, img.width))]

        members = {"__init__": init, "predict": predict, "name": classmethod(lambda cls, *a, **k: model)}
        return type("Known", (BaseSession,), members)

    known.sessions_class[:] = [made(cls.name()) for cls in known.sessions_class]
    known.sessions.update({cls.name(): cls for cls in known.sessions_class})


def inside(legacy: str) -> None:
    """Let the real package's default be our session."""
    sys.path.insert(0, legacy)
    stub_what_is_not_needed()
    import rembg
    import rembg.bg

    from pixian_adapters.rembg import register

    register()
    plain = rembg.new_session

    def ours(model_name="pixian", *args, **kwargs):
        return plain("pixian" if model_name in ("bria-rmbg", "u2net", "isnet-general-use") else model_name)

    rembg.new_session = rembg.bg.new_session = rembg.session_factory.new_session = ours


def behind(stack: ExitStack) -> None:
    from pixian_shim import Shim, using
    from pixian_shim.sandbox import Sandbox

    sandbox = stack.enter_context(Sandbox(engine=Known()))
    os.environ.update(PIXIAN_API_ID="sandbox", PIXIAN_API_SECRET="sandbox")
    stack.enter_context(using(Shim(stack.enter_context(sandbox.client()), policy="silent")))


def digest(array) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def pixels(array, whole: bool):
    """Tell shape, alpha and colours; of soft pixels only where both sides promise the same."""
    seen = {"shape": array.shape, "dtype": str(array.dtype)}
    if array.ndim == 3 and array.shape[2] == 4 and not whole:
        alpha = array[..., 3]
        clear, full = (
            np.where((alpha == 0)[..., None], array[..., :3], 0),
            np.where((alpha == 255)[..., None], array[..., :3], 0),
        )
        return seen | {"alpha": digest(alpha), "opaque": digest(full), "clear": digest(clear)}
    return seen | {"pixels": digest(array)}


def described(value, whole: bool):
    from io import BytesIO

    if isinstance(value, bytes):
        with Image.open(BytesIO(value)) as image:
            return {"bytes": image.format, "mode": image.mode, "info": sorted(image.info)} | pixels(
                np.asarray(image), whole
            )
    if isinstance(value, Image.Image):
        kind = type(value).__name__
        return {"image": kind, "mode": value.mode, "info": sorted(value.info)} | pixels(np.asarray(value), whole)
    if isinstance(value, np.ndarray):
        return {"array": type(value).__name__} | pixels(value, whole)
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(described(item, whole) for item in value)]
    if isinstance(value, dict):
        return {key: described(item, whole) for key, item in value.items()}
    return repr(value)


def raised(error: BaseException) -> dict:
    ancestors = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ in ("builtins", "PIL")]
    text = str(error)
    at = text.find(" object at 0x")
    return {"ancestors": ancestors, "text": text if at < 0 else text[:at]}


def served(stack: ExitStack, side: str) -> str:
    """Serve the HTTP interface, and give its address."""
    if side == "real":
        return real_server(stack)
    from pixian_shim.gateway import Config, Gateway
    from pixian_shim.sandbox import Sandbox

    sandbox = stack.enter_context(Sandbox(engine=Known(), http=True))
    os.environ["PIXIAN_BASE_URL"] = sandbox.url
    return stack.enter_context(Gateway(Config(port=0, providers=("rembg",)))).url


def real_server(stack: ExitStack) -> str:
    import socket
    import time
    import webbrowser
    from threading import Thread

    import uvicorn

    servers = []

    def run(app, host, **_):
        servers.append(uvicorn.Server(uvicorn.Config(app, host=host, port=0, log_level="critical")))
        servers[0].config.load()
        servers[0].lifespan = servers[0].config.lifespan_class(servers[0].config)
        listening = socket.create_server((host, 0))
        servers.append(listening.getsockname()[1])
        import asyncio

        asyncio.run(servers[0]._serve([listening]))

    uvicorn.run, webbrowser.open = run, lambda *_: None
    from rembg.commands.s_command import s_command

    with open(os.devnull, "w") as nowhere:
        sys.stdout, shown = nowhere, sys.stdout
        Thread(target=lambda: s_command.callback(0, "127.0.0.1", "critical", None, True), daemon=True).start()
        while len(servers) < 2 or not servers[0].started:
            time.sleep(0.02)
        sys.stdout = shown
    stack.callback(setattr, servers[0], "should_exit", True)
    return f"http://127.0.0.1:{servers[1]}"


def answered(base: str) -> dict:
    """Ask everything that ``scripts/rembg_server.py`` asks, and describe the answers."""
    import httpx

    sys.path.insert(0, str(HERE / "scripts"))
    from rembg_server import REQUESTS

    seen = {}
    afresh = httpx.Limits(max_keepalive_connections=0)  # uvicorn closes after an error, whatever is on its way
    with httpx.Client(base_url=base, timeout=30, limits=afresh, headers={"Connection": "close"}) as client:
        for name, (method, path, options) in REQUESTS.items():
            answer = client.request(method, path, **options)
            kind = answer.headers.get("content-type", "")
            body = described(answer.content, False) if kind == "image/png" else answer.text
            seen[name] = {
                "status": answer.status_code,
                "kind": kind.partition(";")[0],
                "body": answer.json() if kind == "application/json" else body,
                "open": "Origin" in options.get("headers", {}) and answer.headers.get("access-control-allow-origin"),
            }
    return seen


def typed(side: str, folder: Path) -> dict:
    """Type the commands of ``scripts/rembg_commands.py``, each in a fresh folder, and tell the exit code and files."""
    import io
    import shutil

    sys.path.insert(0, str(HERE / "scripts"))
    from rembg_commands import COMMANDS, START

    def run(arguments):
        if side == "real":
            from rembg.cli import main

            main(arguments, prog_name="rembg")
        else:
            from pixian_adapters.rembg.cli import main

            raise SystemExit(main(arguments))

    seen = {}
    for name, (arguments, stdin) in COMMANDS.items():
        shutil.rmtree(folder, ignore_errors=True)
        for path, content in START.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        os.chdir(folder)
        was = sys.stdin, sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(data)) for data in (stdin, b"", b""))
        code, out = 0, sys.stdout
        try:
            run(arguments)
        except SystemExit as end:
            code = end.code or 0
        except Exception:  # noqa: BLE001 (which Python would end with)
            code = 1
        finally:
            out.flush()
            sys.stdin, sys.stdout, sys.stderr = was
        written = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        given = out.buffer.getvalue()
        seen[name] = {
            "code": code,
            "out": described(given, False) if given.startswith(b"\x89PNG") else None,
            "gone": sorted(set(START) - set(written)),
            "files": {
                path: described(content, False)
                for path, content in written.items()
                if START.get(path) != content and content.startswith(b"\x89PNG")
            },
        }
    return seen


def signatures():
    from rembg import bg, session_factory

    names = "remove download_models naive_cutout alpha_matting_cutout decontaminate_cutout putalpha_cutout post_process get_concat_v "
    functions = [
        getattr(bg, name)
        for name in (names + "get_concat_v_multi apply_background_color fix_image_orientation").split()
    ]
    found = {}
    for function in (*functions, session_factory.new_session):
        parameters = inspect.signature(function).parameters.values()
        found[function.__name__] = [
            (p.name, p.kind.name, repr(p.default)) for p in parameters if p.default is not inspect
        ]
    return found


def surface():
    """Tell each model's class, and where it is imported from."""
    import rembg.sessions as known

    modules = {name: module for name, module in vars(known).items() if isinstance(module, types.ModuleType)}
    classes = {
        f"{name}.{thing}" for name, module in modules.items() for thing in vars(module) if thing.endswith("Session")
    }
    return {"modules": sorted(name for name in modules if name not in ("sys", "os")), "classes": sorted(classes)}


def main(side: str, legacy: str, out: str) -> None:
    work = Path(out).parent / side
    work.mkdir()
    os.chdir(work)
    with ExitStack() as stack:
        if side == "real":
            real(legacy)
        else:
            behind(stack)
        if side == "inside":
            inside(legacy)
        if side in ("straight", "darkened"):
            from pixian_shim import alias

            alias("rembg")
            os.environ["PIXIAN_REMBG_COLOURS"] = side
        told = surface()
        spec = importlib.util.spec_from_file_location("script", HERE / "scripts" / "rembg.py")
        scripts = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(scripts)
        seen = {}
        for name, script in list(vars(scripts).items()):
            own = inspect.isfunction(script) and script.__module__ == "script"
            if own and not inspect.signature(script).parameters:
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        value = script()
                    endings = [{"returned": described(value, whole)} for whole in (True, False)]
                except Exception as error:  # noqa: BLE001 (whatever the script's caller would see)
                    endings = [{"raised": raised(error)}] * 2
                seen[f"{name}, to the last pixel"], seen[name] = endings
        told = {"seen": seen, "signatures": signatures(), "surface": told}
        if side in ("real", "straight"):
            base = served(stack, side)  # a sandbox on loopback is free, so the commands ask no questions
            told["answered"] = answered(base)
            told["typed"] = typed(side, work / "typed")
        Path(out).write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
