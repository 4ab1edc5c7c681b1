"""Files that are not ours: fetched once, checked always, and a clear word when they cannot be had."""

import hashlib
import os
import re
import subprocess
import sys
import threading
import zipfile

import pytest

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian._file import exclusive
from pixian_shim.sandbox import _assets, _download, asset
from pixian_shim.sandbox._assets import Asset, manifest

CONTENT = b"not ours"
PACKAGE = _download.Package("demo", "1.0")
OTHER = _download.Package("demo", "0.9")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXIAN_SHIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PIXIAN_SANDBOX_MODEL", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def index(monkeypatch, tmp_path):
    """Stand in for pip: a table of wheels, and what was asked of it."""
    asked, wheels = [], {}

    def download(package, folder):
        asked.append(package)
        if package not in wheels:
            raise _download.DownloadFailed("no such wheel")
        path = folder / "demo.whl"
        if isinstance(wheels[package], bytes):
            path.write_bytes(wheels[package])
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in wheels[package].items():
                    archive.writestr(name, content)
        return path

    monkeypatch.setattr(_assets, "download", download)
    return asked, wheels


@pytest.fixture
def listed(monkeypatch):
    """Replace the manifest by two files of one wheel."""
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    rows = [
        Asset(name, f"{name}.bin", len(CONTENT), sha256, "CC0-1.0", "nobody", {PACKAGE: f"demo/{name}", OTHER: "x"})
        for name in ("one", "two")
    ]
    table = {row.name: row for row in rows}
    monkeypatch.setattr(_assets, "manifest", lambda: table)
    return table


def test_manifest_is_complete():
    assert [row.name for row in manifest().values() if row.photo] == [
        "coffee",
        "flower",
        "grace_hopper",
        "chelsea",
        "astronaut",
        "rocket",
    ]
    for row in manifest().values():
        assert re.fullmatch(r"[0-9a-f]{64}", row.sha256)
        assert row.size > 0
        assert row.licence
        assert row.credit
        assert len(row.sources) >= 2, "a second source"


def test_one_download_brings_everything_in_the_wheel(cache, index, listed):
    asked, wheels = index
    wheels[PACKAGE] = {"demo/one": CONTENT, "demo/two": CONTENT}
    assert asset("one").read_bytes() == CONTENT
    assert asset("two") == cache / "two.bin"
    assert asked == [PACKAGE]
    assert sorted(path.name for path in cache.iterdir()) == ["lock", "one.bin", "two.bin"]


def test_second_source_is_tried(cache, index, listed):
    asked, wheels = index
    wheels[OTHER] = {"x": CONTENT}
    assert asset("one").read_bytes() == CONTENT
    assert asked == [PACKAGE, OTHER]


@pytest.mark.parametrize(
    "wheel",
    [
        {"demo/one": b"NOT OURS", "demo/two": CONTENT},
        {"demo/one": CONTENT + b"!", "demo/two": CONTENT},
        {"demo/two": CONTENT},
        b"no zip",
    ],
)
def test_wheel_with_something_else_inside_is_not_taken(cache, index, listed, wheel):
    _, wheels = index
    wheels[PACKAGE] = wheel
    with pytest.raises(ConfigurationError):
        asset("one")
    assert not (cache / "one.bin").exists()


def test_damaged_file_in_the_cache_is_fetched_anew(cache, index, listed):
    _, wheels = index
    wheels[PACKAGE] = {"demo/one": CONTENT, "demo/two": CONTENT}
    cache.mkdir()
    (cache / "one.bin").write_bytes(b"NOT OURS")
    assert asset("one").read_bytes() == CONTENT


def test_failure_says_what_to_run_elsewhere_and_where_to_put_the_file(cache, index, listed):
    with pytest.raises(ConfigurationError) as caught:
        asset("one")
    said = str(caught.value)
    for words in ("pip download --no-deps", "demo==1.0", "demo/one", str(cache / "one.bin"), "no such wheel"):
        assert words in said


def test_own_model_file(cache, index, tmp_path, monkeypatch):
    own = tmp_path / "own.onnx"
    monkeypatch.setenv("PIXIAN_SANDBOX_MODEL", str(own))
    with pytest.raises(ConfigurationError, match="PIXIAN_SANDBOX_MODEL"):
        asset("u2netp")
    own.write_bytes(b"anything")
    assert asset("u2netp") == own
    assert index[0] == []


def test_unknown_asset(cache):
    with pytest.raises(ConfigurationError, match="u2netp"):
        asset("nonsense")


def test_cache_that_cannot_be_used(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("PIXIAN_SHIM_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ConfigurationError, match="PIXIAN_SHIM_CACHE"):
        asset("coffee")


def test_those_who_come_at_the_same_time_download_once(cache, index, listed):
    asked, wheels = index
    wheels[PACKAGE] = {"demo/one": CONTENT, "demo/two": CONTENT}
    threads = [threading.Thread(target=asset, args=("one",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [PACKAGE]


def test_lock_keeps_another_process_out(tmp_path):
    code = (
        "import sys, pathlib\nfrom pixian_shim.pixian._file import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])): print('in')"
    )
    with exclusive(tmp_path / "lock"):
        other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "lock")], stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.8)
    assert other.communicate(timeout=20)[0].strip() == b"in"


def test_pip_is_run_quietly_and_its_error_passed_on(tmp_path, monkeypatch):
    empty = tmp_path / "index"
    empty.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(empty))
    with pytest.raises(_download.DownloadFailed, match="demo"):
        _download.download(PACKAGE, tmp_path)


def test_pip_takes_a_wheel_for_another_machine_if_there_is_none_for_this(tmp_path, monkeypatch):
    links, folder = tmp_path / "links", tmp_path / "folder"
    links.mkdir()
    folder.mkdir()
    name = "demo-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    if sys.version_info[:2] == (3, 11) and sys.platform == "linux":
        pytest.skip("this is that machine")
    _empty_wheel(links / name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    assert _download.download(PACKAGE, folder).name == name


def _empty_wheel(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("demo-1.0.dist-info/RECORD", "")


def test_python_without_pip_gets_a_clear_word(tmp_path, monkeypatch):
    monkeypatch.setattr(_download, "find_spec", lambda _: None)
    with pytest.raises(_download.DownloadFailed, match="has no pip"):
        _download.download(PACKAGE, tmp_path)
