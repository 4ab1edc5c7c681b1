"""Addresses for finished pictures: what they lead to, for how long, and how much is kept."""

import re
import sys

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


def test_beyond_the_limit_the_oldest_go(links, clock):
    urls = []
    for number in range(4):
        urls.append(links.keep(ORIGIN, bytes([number]) * 400, "image/png"))
        clock.now += 1
        links._swept = 0.0  # a minute later, without a minute's life
    assert [links.find(url) is not None for url in urls] == [False, False, True, True]


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
    first, second = (links.keep(ORIGIN, content, "image/png") for content in (b"1234567", b"7654321"))
    assert "the store of links failed (disk full)" in caplog.text
    assert links.find(second).read() == b"7654321"
    with pytest.raises(LinkFailed):
        links.find(first)  # the oldest had to make room


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
