"""The real legacy packages, unmodified: their calls come in by a door, whether it is opened in the program or around it."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from legacy_packages import Unavailable, folder
from pictures import opened, photo
from pixian_shim.sandbox import Sandbox

PIXIAN_V2 = "api.pixian.ai/api/v2/remove-background"

PROGRAMS = {
    "removebg": """
        from removebg import RemoveBg
        remover = RemoveBg("legacy-key", "error.log")
        remover.remove_background_from_img_file("photo.png", size="full", bg_color="white")
        remover.remove_background_from_base64_img(__import__("base64").b64encode(open("photo.png", "rb").read()))
        print(sorted(__import__("os").listdir(".")))
    """,
    "remove-bg-api": """
        from remove_bg_api import RemoveBg
        remover = RemoveBg("legacy-key")
        print(remover.account.get_balance_dict()["total"] > 0)
        open("no-bg.png", "wb").write(remover.remove_bg_file("photo.png", size="full", data={"test": "true"}))
    """,
    "rembgpy": """
        from rembgpy import RemBg
        import base64
        RemBg("legacy-key", "error.log").remove_b64(base64.b64encode(open("photo.png", "rb").read()), nfn="no-bg.png")
    """,
    "removebgplus": """
        from removebgplus import RemoveBg
        print(RemoveBg("legacy-key").remove_from_file("photo.png", "no-bg.png"))
    """,
    "removebg-cli": """
        import sys
        from removebg_cli import main
        sys.argv = ["removebg", "photo.png", "-o", "no-bg.png", "-s", "full"]
        main()
    """,
    "pixian-ai": """
        from pixian_ai.client import PixianAI
        PixianAI("sandbox", "sandbox").remove_background(image_path="photo.png").save("no-bg.png")
    """,
    "pyclipdrop": """
        from pyclipdrop import ClipdropClient
        client = ClipdropClient(api_key="legacy-key")
        client.remove_background("photo.png", output_file="no-bg.png")
    """,
}
"""A program for each package, as its README has it."""

PROVIDERS = {"pixian-ai": "pixian_v1", "pyclipdrop": "clipdrop"}
"""Of each package; any other one is for remove.bg."""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", http=True, formula=lambda _pixels: 1.0) as sandbox:
        yield sandbox


@pytest.fixture(params=PROGRAMS)
def package(request):
    try:
        return request.param, folder(request.param)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["install", "run"])
def start(request, package, sandbox, tmp_path):
    """Start the package's program, with a door opened inside of it or around it."""
    name, place = package
    sandbox.reset()
    provider, also = PROVIDERS.get(name, "removebg"), PIXIAN_V2 if name == "pixian-ai" else None
    (tmp_path / "photo.png").write_bytes(photo())
    program = dedent(PROGRAMS[name])
    if request.param == "install":
        program = f"import pixian_shim\npixian_shim.install({provider!r}, also={[also] if also else []!r})\n{program}"
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "program.py"]
    if request.param == "run":
        chosen = ["--provider", provider, *(["--also", also] if also else [])]
        command = [sys.executable, "-m", "pixian_shim.cli", "run", *chosen, "--", *command]
    environment = os.environ | {
        "PYTHONPATH": str(place),
        "PIXIAN_BASE_URL": sandbox.url,
        "PIXIAN_API_ID": "sandbox",
        "PIXIAN_API_SECRET": "sandbox",
        "PIXIAN_SHIM_POLICY": "silent",
        "REMOVE_BG_API_KEY": "legacy-key",
        "PYTHONIOENCODING": "utf-8",
    }

    def run():
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
        )

    return run


def test_its_program_runs_and_its_pictures_are_written(start, package, tmp_path, sandbox):
    done = start()
    assert done.returncode == 0, done.stderr
    written = tmp_path / ("photo.png_no_bg.png" if package[0] == "removebg" else "no-bg.png")
    assert opened(written.read_bytes()).size == (400, 300), done.stdout + done.stderr
    assert all(entry.path.startswith("/api/v2/") for entry in sandbox.requests)
    assert sandbox.requests


def test_its_key_goes_nowhere(start, package, sandbox):
    start()
    assert not [entry for entry in sandbox.requests if "legacy-key" in repr(entry)]
