"""What holds for the project as a whole: floors, public surface, packaging, guides."""

import re
import subprocess
import sys
import tarfile
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.version import Version

from legacy_packages import PINS, WITH

ROOT = Path(__file__).parent.parent
SURFACE = {
    "pixian_shim": "AsyncShim Policy Shim TranslationWarning Verdict alias install intercept providers unalias uninstall using",
    "pixian_shim.translation": "Adapter Arrange BlurOriginal CAPABILITIES Call Capability CastShadow Colour Confidence CropToForeground Cutout "
    "Draft DropShadow Encoding Endpoint ErrorObject FillColour FillImage Form HardenMatte HttpRequest HttpResponse "
    "Incumbent KeepColours LegacyError Note Outcome Outline Output PlaceSubject Plan Policy Refusal Region Rule "
    "RuleTable STATUSES Span Step Task TranslationWarning TransparentInput Unreadable Verdict as_address as_base64 as_colour "
    "as_file as_switch as_text by_class calling_frame calling_from capabilities credits_text enforce explained forget_warnings free_test inset "
    "json_answer kept load no_change one_of own_words parse_colour pixians_words providers put_colour_behind safe said saying "
    "seconds_to_wait served_unasked shown take_source unheard unix_time usual_errors warn "
    "whole_credits within_json",
    "pixian_shim.doors": "StrPath alias check_destination exchange exchange_async fetchable install intercept no_answer "
    "paid_for raise_for_status reason_of refusal response_of save_result unalias uninstall",
    "pixian_shim.shim": "AsyncShim Fetcher LINK_PATH Links Serves Shim default_shim using",
    "pixian_shim.cli": "main",
    "pixian_shim.gateway": "Config Gateway Key LinkSettings create_app serve",
    "pixian_shim.launcher": "run",
    "pixian_shim.legacy": "Budget LegacyHost Reservation gone",
    "pixian_shim.baseline": "BaselineWriter Exchange Question Recording Replay Report Service Store Taken Verified rembg "
    "take_lacking through_shim verify",
    "pixian_shim.compare": "AlphaHistogram CAUSES Comparison Finding Folder Group Item Level Measures Originals Prices "
    "Questions ReportServer Row Rules Side Threshold Verdict Views compare findings limits load_prices load_rules measure side",
    "pixian_shim.rollout": "Breaker Conduct Decision ENVIRONMENT Failure Fallback Flag FromCallable FromEnvironment "
    "FromOpenFeature Observation Origin Reason Recorder Reply Rollout Shadow Side Source Stage Summary WatchedFile "
    "load_rollout observations unit",
}
HEAVY = (
    *("numpy", "PIL", "requests", "starlette", "onnxruntime", "rich", "cyclopts", "uvicorn"),
    *("aiohttp", "httpx2", "urllib3", "prometheus_client", "opentelemetry", "fsspec"),
)
LIGHT = (
    "pixian_shim",
    "pixian_shim.pixian",
    "pixian_shim.images",
    "pixian_shim.sandbox",
    "pixian_shim.cli",
    "pixian_shim.doors",
    "pixian_shim.gateway",
    "pixian_shim.launcher",
    "pixian_shim.rollout",
    "pixian_shim.baseline",
    *sorted({point.module for kind in ("adapters", "aliases") for point in entry_points(group=f"pixian_shim.{kind}")}),
    "pixian_adapters.removebg.remove_bg",
    "pixian_adapters.photoroom.remove_background",
    "pixian_adapters.rembg.cli",
)
"""Every adapter and drop-in that is registered, and what is imported by hand only."""


def fresh(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_legacy_packages_are_pinned_to_versions():
    wanted = [f"{name}=={pin}" for name, pin in PINS.items()] + [one for needs in WITH.values() for one in needs]
    assert all(Version(one.partition("==")[2]) for one in wanted)


@pytest.mark.parametrize("module", SURFACE)
def test_public_surface_is_pinned(module):
    assert sorted(import_module(module).__all__) == SURFACE[module].split()


@pytest.mark.parametrize("module", LIGHT)
def test_import_is_light(module):
    assert fresh(f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])") == ""


def test_floors_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_adapters_import_public_names_only():
    private = re.compile(
        r"^\s*(?:from|import) pixian_shim\S*\._|^\s*from pixian_shim\S* import .*\b_[a-z]", re.MULTILINE
    )
    adapters = [*(ROOT / "adapters").rglob("*.py")]
    assert adapters
    assert not [str(path) for path in adapters if private.search(path.read_text("utf-8"))]


def test_guides_are_current():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "tables.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stderr}; run: make docs"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    code = "import os, hatchling.build as b; print(b.build_wheel({0!r})); print(b.build_sdist({0!r}))".format(
        str(folder)
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return [folder / name for name in done.stdout.split()]


def test_wheel_holds_two_packages_and_nothing_else(built):
    names = ZipFile(built[0]).namelist()
    packages = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert packages == {"pixian_shim", "pixian_adapters"}
    assert {"pixian_shim/py.typed", "pixian_adapters/py.typed", "pixian_shim/sandbox/assets.toml"} <= set(names)
    assert "pixian_shim/rollout/conformance.json" in names


def test_source_distribution_holds_no_picture_or_model(built):
    with tarfile.open(built[1]) as archive:
        assert not [name for name in archive.getnames() if name.endswith((".onnx", ".png", ".jpg"))]


def test_modules_stay_small():
    large = {
        str(path.relative_to(ROOT)): count
        for folder in ("src", "adapters")
        for path in (ROOT / folder).rglob("*.py")
        if (count := len(path.read_text("utf-8").splitlines())) > 400 and path.name != "rules.py"
    }
    assert not large


def test_every_provider_has_code_test_and_guide_of_its_name():
    from pixian_shim.translation import providers

    for provider in providers():
        assert (ROOT / "adapters" / "pixian_adapters" / provider).is_dir()
        assert list((ROOT / "tests" / "adapters").glob(f"test_{provider}*.py")), provider
        assert (ROOT / "docs" / "migration" / f"{provider.replace('_', '-')}.md").is_file()


PAGES = [
    ROOT / "README.md",
    ROOT / "EXTENDING.md",
    ROOT / "deploy" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_in_the_pages_runs(page, tmp_path, monkeypatch):
    """Every snippet is executed against the sandbox, in a folder that holds the files it names."""
    from pictures import photo
    from pixian_shim import uninstall
    from pixian_shim.sandbox import Sandbox
    from pixian_shim.shim import _default

    snippets = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    if not snippets:
        return
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(photo("JPEG"))
    for folder in ("old", "new", "photos"):
        Path(folder).mkdir()
        Path(folder, "photo.png").write_bytes(photo())
    with Sandbox(engine="fast", http=True) as sandbox:
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            monkeypatch.setenv(f"PIXIAN_{name}", value)
        monkeypatch.setattr(_default, "_own", [])
        monkeypatch.setattr("warnings.showwarning", lambda *_: None)
        try:
            for snippet in snippets:
                exec(compile(snippet, page.name, "exec"), {"__name__": "snippet"})
        finally:
            uninstall()
            for shim in _default._own:
                shim.close()
    asking = [snippet for snippet in snippets if "Sandbox(" not in snippet and "pixian_shim.compare" not in snippet]
    assert sandbox.requests or not asking
