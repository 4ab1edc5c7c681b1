"""Addresses for finished pictures: what they lead to, for how long, and how much is kept."""

import gc
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import pytest

from pixian_shim.errors import ConfigurationError, LinkFailed, MissingExtra
from pixian_shim.pixian import ImageUrl, Upload
from pixian_shim.shim import LINK_PATH, Links
from pixian_shim.shim._stores import MemoryStore, open_store
from pixian_shim.translation import Plan

ORIGIN = "https://api.example.com"


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "{}/folder", "file://{}/remote", "memory://{}"])
def links(request, tmp_path, clock):
    return Links.at(request.param.format(tmp_path), seconds=60, max_bytes=1000, clock=clock)


def test_an_address_leads_to_the_picture(links):
    url = links.keep(ORIGIN, b"picture", "image/png")
    assert url.startswith(f"{ORIGIN}{LINK_PATH}")
    assert links.find(url).read() == b"picture"
    answer = links.answer("GET", url)
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "image/png", b"picture")
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    assert links.find(f"{url}?download=1").read() == b"picture"


def test_addresses_may_be_those_of_whoever_shares_the_store(tmp_path):
    links = Links.at(str(tmp_path), origin="https://cutouts.example/")
    url = links.keep(ORIGIN, b"picture", "image/png")
    assert url.startswith(f"https://cutouts.example{LINK_PATH}")
    assert Links.at(str(tmp_path)).find(url).read() == links.find(url).read() == b"picture"


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("image/png", "png"),
        ("image/jpeg", "jpg"),
        ("image/webp", "webp"),
        ("image/avif", "avif"),
        ("application/zip", "zip"),
        ("x/y", "bin"),
    ],
)
def test_its_name_tells_the_type(links, kind, ending):
    url = links.keep(ORIGIN, b"x", kind)
    assert url.endswith(f".{ending}")
    assert links.answer("GET", url).headers["Content-Type"] == (kind if ending != "bin" else "application/octet-stream")


def test_nobody_guesses_it(links):
    names = {links.keep(ORIGIN, b"same", "image/png").rpartition("/")[2] for _ in range(50)}
    assert len(names) == 50
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{32}\.png", name) for name in names)


def test_it_ends_with_its_lifetime(links, clock):
    url = links.keep(ORIGIN, b"picture", "image/png")
    clock.now += 59.9
    assert links.find(url) is not None
    clock.now += 0.1
    assert links.find(url) is None
    assert links.answer("GET", url).status == 404


def test_a_longer_life_cannot_be_had_by_changing_it(links):
    url = links.keep(ORIGIN, b"picture", "image/png")
    assert links.find(url.replace(url.rpartition("/")[2][:8], "ffffffff")) is None


@pytest.mark.parametrize(
    "path",
    [
        "/other/x.png",
        f"{LINK_PATH}",
        f"{LINK_PATH}../../etc/passwd",
        f"{LINK_PATH}%2e%2e/x.png",
        f"{LINK_PATH}ffffffff-{'0' * 32}.png",
        f"{LINK_PATH}ffffffff-{'0' * 32}.png/x",
        f"{LINK_PATH}zzzzzzzz-{'0' * 32}.png",
    ],
)
def test_any_other_address_is_none_of_ours(links, path):
    assert links.find(f"{ORIGIN}{path}") is None


def test_only_reading_is_possible(links):
    url = links.keep(ORIGIN, b"picture", "image/png")
    answer = links.answer("DELETE", url)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_what_has_expired_is_dropped(links, clock):
    links.keep(ORIGIN, b"old", "image/png")
    clock.now += 61
    links.keep(ORIGIN, b"new", "image/png")
    assert list(links.store.sizes().values()) == [3]


@pytest.fixture(params=["{}/folder", "file://{}/remote", "memory://{}/limits"])
def shared(request, tmp_path, clock):
    return Links.at(request.param.format(tmp_path), max_bytes=1000, clock=clock)


def fill(links, count, clock=None, size=400):
    """Keep so many pictures, a look at the store's size apart."""
    urls = []
    for number in range(count):
        urls.append(links.keep(ORIGIN, bytes([number]) * size, "image/png"))
        if clock is not None:
            clock.now += 61
    return urls


def found(links, urls):
    return [links.find(url) is not None for url in urls]


def test_beyond_a_shared_stores_limit_the_oldest_go_and_it_is_told(shared, clock, caplog):
    urls = fill(shared, 4, clock)
    assert found(shared, urls) == [False, False, True, True]
    told = [record.getMessage() for record in caplog.records]
    assert told == ["a result whose link nobody followed here was dropped before its time: more than 1,000 bytes"] * 2


def test_what_was_fetched_goes_first_and_in_silence(shared, clock, caplog):
    first, second = fill(shared, 2, clock)
    shared.answer("HEAD", first)
    assert shared.answer("GET", second).status == 200
    (third,) = fill(shared, 1, clock)
    assert found(shared, [first, second, third]) == [True, False, True]
    assert not caplog.records


FOLDERS = "pixian-shim-results-*"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return lambda: list((tmp_path / "tmp").glob(FOLDERS))


class TestBeyondMemory:
    """What memory has no room for is on disk until it was fetched, or has expired."""

    def test_nothing_is_lost_that_was_not_fetched(self, clock, caplog):
        links = Links(max_bytes=1000, clock=clock)
        urls = fill(links, 50)
        assert sum(links.store.sizes().values()) <= 1000
        assert [links.answer("GET", url).body for url in urls] == [bytes([number]) * 400 for number in range(50)]
        assert not caplog.records

    def test_what_was_fetched_makes_room_first(self, folders, clock):
        links = Links(max_bytes=1000, clock=clock)
        first, second = fill(links, 2)
        links.answer("GET", second)
        (third,) = fill(links, 1)
        assert found(links, [first, second, third]) == [True, False, True]
        assert not folders(), "no disk was needed"

    def test_the_disk_has_a_limit_as_well_where_the_fetched_go_first(self, clock, caplog):
        links = Links(max_bytes=1000, max_disk_bytes=1000, clock=clock)
        urls = fill(links, 4)  # two of them on disk
        on_disk = [url for url in urls if url.rpartition("/")[2] not in links.store.sizes()]
        links.answer("GET", on_disk[1])
        (fifth,) = fill(links, 1)
        assert found(links, on_disk) == [True, False]
        assert not caplog.records
        urls = [url for url in (*urls, fifth) if url != on_disk[1]]
        urls += fill(links, 1)
        assert found(links, urls).count(False) == 1
        assert "dropped before its time: more than 1,000 bytes" in caplog.text
        assert not any(url.rpartition("/")[2] in caplog.text for url in urls), "an address protects itself"

    def test_its_folder_is_for_nobody_else_and_goes_with_the_links(self, folders, clock):
        links = Links(max_bytes=100, clock=clock)
        fill(links, 3)
        (folder,) = folders()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(list(folder.iterdir())) == 2
        del links
        gc.collect()
        assert not folders()

    def test_what_has_expired_is_removed(self, folders, clock):
        links = Links(max_bytes=100, seconds=60, clock=clock)
        fill(links, 3)
        clock.now += 61
        fill(links, 1)
        (folder,) = folders()
        assert not list(folder.iterdir())

    def test_a_process_takes_its_folder_away_and_those_that_it_forked_leave_it(self):
        code = (
            "import os, sys; from pixian_shim.shim import Links\n"
            "links = Links(max_bytes=1)\n"
            "urls = [links.keep('', b'xx', 'image/png') for _ in range(3)]\n"
            "if not os.fork(): sys.exit()\n"
            "os.wait(); assert all(map(links.find, urls))"
        )
        before = set(Path(gettempdir()).glob(FOLDERS))
        subprocess.run([sys.executable, "-c", code], check=True)
        assert set(Path(gettempdir()).glob(FOLDERS)) <= before

    def test_threads_that_need_the_folder_at_once_share_it(self, clock, monkeypatch):
        def slow(**options):
            time.sleep(0.2)
            return mkdtemp(**options)

        monkeypatch.setattr("pixian_shim.shim._stores.mkdtemp", slow)
        links = Links(max_bytes=1000, clock=clock)
        urls = fill(links, 2)
        with ThreadPoolExecutor(2) as pool:
            large = pool.submit(fill, links, 1, None, 900)  # for which both make room
            time.sleep(0.1)
            small = pool.submit(fill, links, 1)  # for which one does
        assert all(found(links, [*urls, *large.result(), *small.result()]))

    def test_a_disk_that_fails_loses_no_answer(self, monkeypatch, tmp_path, clock, caplog):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
        links = Links(max_bytes=500, clock=clock)
        urls = fill(links, 2)
        assert found(links, urls).count(True) == 1
        assert "more than 500 bytes, and [Errno 2]" in caplog.text

    def test_a_folder_that_somebody_tidied_away_is_made_again(self, folders, clock, caplog):
        links = Links(max_bytes=500, clock=clock)
        fill(links, 3)
        (folder,) = folders()
        shutil.rmtree(folder)
        urls = fill(links, 4)
        assert found(links, urls) == [True] * 4
        assert "the store of links failed" not in caplog.text

    def test_a_result_costs_no_look_at_all_that_is_on_disk(self, clock, monkeypatch):
        looks = []
        monkeypatch.setattr(Path, "iterdir", lambda self: looks.append(self) or iter(()))
        links = Links(max_bytes=500, clock=clock)
        urls = fill(links, 20)
        assert not looks
        monkeypatch.undo()
        assert found(links, urls) == [True] * 20

    def test_without_a_disk_the_oldest_go(self, folders, clock, caplog):
        links = Links(max_bytes=500, max_disk_bytes=0, clock=clock)
        assert found(links, fill(links, 2)).count(True) == 1
        assert "before its time" in caplog.text
        assert not folders()

    def test_only_what_never_needs_a_disk_does_not_block(self, tmp_path):
        assert Links().blocks
        assert Links.at(str(tmp_path), max_disk_bytes=0).blocks
        assert not Links(max_disk_bytes=0).blocks


def test_the_newest_is_kept_however_large(links):
    url = links.keep(ORIGIN, b"x" * 5000, "image/png")
    assert len(links.find(url)) == 5000


def test_files_of_others_are_left_alone(tmp_path, clock):
    (tmp_path / "notes.txt").write_text("x" * 5000)
    links = Links.at(str(tmp_path), max_bytes=10, clock=clock)
    links.keep(ORIGIN, b"x" * 50, "image/png")
    assert (tmp_path / "notes.txt").exists()


def test_several_processes_share_a_store(tmp_path, clock):
    first, second = (Links.at(str(tmp_path / "shared"), clock=clock) for _ in range(2))
    assert second.find(first.keep(ORIGIN, b"picture", "image/png")).read() == b"picture"


def test_a_plan_takes_the_picture_itself(links):
    url = links.keep(ORIGIN, b"picture", "image/png")
    assert links.resolved(Plan(source=ImageUrl(url))).source.read() == b"picture"
    for source in (ImageUrl("https://example.com/x.png"), ImageUrl(f"{ORIGIN}{LINK_PATH}gone"), Upload(b"x"), None):
        plan = Plan(source=source)
        assert links.resolved(plan) is plan


class Broken(MemoryStore):
    def put(self, *_):
        raise OSError("disk full")

    def get(self, *_):
        raise OSError("disk gone")


def test_a_store_that_fails_is_told():
    with pytest.raises(LinkFailed, match="cannot be read: disk gone"):
        Links(Broken()).find(f"{ORIGIN}{LINK_PATH}ffffffff-{'0' * 32}.png")


def test_what_was_paid_for_and_cannot_be_stored_is_kept_in_memory(caplog):
    links = Links(Broken(), max_bytes=10)
    contents = (b"1234567", b"7654321")
    urls = [links.keep(ORIGIN, content, "image/png") for content in contents]
    assert "the store of links failed (disk full)" in caplog.text
    assert tuple(links.find(url).read() for url in urls) == contents


@pytest.mark.parametrize("where", ["nosuchprotocol://x", "/proc/nothing/here"])
def test_a_store_that_cannot_be_is_told_at_once(where):
    with pytest.raises(ConfigurationError, match="for links cannot be used"):
        open_store(where)


def test_without_fsspec_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtra, match=r'pip install "pixian-shim\[links\]"'):
        open_store("s3://bucket")


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"max_bytes": 0}])
def test_limits_are_positive(limits):
    with pytest.raises(ValueError, match="must be > 0"):
        Links(**limits)
