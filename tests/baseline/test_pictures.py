"""Answers that are no pictures themselves: what they hold inside, or link to, is kept beside them while it is there."""

import base64
import gzip
import json
import os
import subprocess
import sys
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import attrs
import pytest
import requests

import pixian_shim
from doubles.photoroom_double import GOOD as PHOTOROOM_KEY
from doubles.photoroom_double import PhotoRoomDouble
from doubles.picsart_double import PicsartDouble
from doubles.removebg_double import GOOD as REMOVEBG_KEY
from doubles.removebg_double import RemoveBgDouble
from pictures import photo
from pixian_shim.baseline import BaselineWriter, Question, Recording, Store, take_lacking, verify
from pixian_shim.baseline._later import Later
from pixian_shim.baseline._pictures import relinked
from pixian_shim.baseline._server import ReplayServer
from pixian_shim.compare import side
from pixian_shim.legacy import LegacyHost
from pixian_shim.rollout import Flag, Recorder, Rollout, load_rollout, observations
from pixian_shim.shim import Fetcher
from pixian_shim.translation import HttpResponse, load, within_json

KEY = "picsart-key-of-mine"
URL = "https://api.picsart.io/tools/1.0/removebg"
SHIM = [sys.executable, "-m", "pixian_shim.cli"]
JSON = {"Content-Type": "application/json; charset=utf-8"}


@pytest.fixture
def double():
    with PicsartDouble() as double:
        yield double


@pytest.fixture
def adapter():
    return load("picsart")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(photo(size=(60 + number, 60), subject=(10, 10, 50, 50)))
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "baseline"


@pytest.fixture
def record(adapter, double, photos, out):
    def run(**options):
        recording = Recording(adapter, [photos], out)
        with LegacyHost({"picsart": double.url}, timeout=5) as host:
            return recording.run(KEY, 1000, host=host, **options)

    return run


def command(*arguments, **options):
    environ = os.environ | {"PICSART_API_KEY": KEY}
    return subprocess.run(
        [*SHIM, *map(str, arguments)], env=environ, capture_output=True, text=True, timeout=60, check=False, **options
    )


def exchanges(out):
    return list(Store(out).exchanges())


def asked(double):
    return sum(method == "POST" for method, _ in double.requests)


def expire(double):
    """Take results away as a CDN does after its time."""
    taken = dict(double.results)
    double.results.clear()
    return taken


# What an answer leads to


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"data": {"picture": base64.b64encode(b"bytes").decode()}}, b"bytes"),
        ({"data": {"picture": "data:image/png;base64," + base64.b64encode(b"bytes").decode()}}, b"bytes"),
        ({"data": {"picture": "no base64!"}}, None),
        ({"data": {"picture": 7}, "url": "https://cdn.example/1.png"}, "https://cdn.example/1.png"),
        ({"data": [], "url": "file:///etc/passwd"}, None),
        ({"url": {"nested": 1}}, None),
        ([], None),
    ],
)
def test_json_holds_a_picture_or_an_address_or_neither(told, found):
    find = within_json(base64=("data.picture",), links=("url",))
    assert find(HttpResponse(200, JSON, json.dumps(told).encode())) == found


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(200, JSON, b"{half"),
        HttpResponse(200, JSON, b"[" * 100_000),
        HttpResponse(200, JSON, b"\xff\xfe\xff"),
        HttpResponse(200, {"Content-Type": "image/png"}, b'{"url": "https://cdn.example"}'),
        HttpResponse(200, {}, b'{"url": "https://cdn.example"}'),
    ],
)
def test_what_is_no_json_leads_nowhere(answer):
    assert within_json(links=("url",))(answer) is None


@pytest.mark.parametrize("provider", ["clipdrop", "rembg", "pixian_v1"])
def test_most_providers_answer_with_the_picture_itself(provider):
    assert load(provider).picture(HttpResponse(200, JSON, b'{"url": "https://cdn.example"}')) is None


# Recording


def test_a_link_is_followed_and_its_picture_kept_beside_the_answer(record, double, out):
    report = record()
    assert (report.made, report.pictures, report.missing, report.complete) == (3, 3, 0, True)
    for exchange in exchanges(out):
        told = json.loads(Store(out).body(exchange))
        path = told["data"]["url"].removeprefix(double.url)
        assert Store(out).picture(exchange) == double.results[path][1]
        assert (exchange.suffix, exchange.picture_suffix, exchange.missing) == (".json", ".png", "")
        assert (exchange.width, exchange.height) in {(60, 60), (61, 60), (62, 60)}
    assert verify(out).problems == []
    assert verify(out).missing == 0


def test_a_link_is_followed_without_the_key(record, double, monkeypatch, out):
    seen = []
    fetch = Fetcher.afetch

    async def watched(self, url):
        seen.append(url)
        return await fetch(self, url)

    monkeypatch.setattr(Fetcher, "afetch", watched)
    headers = double_headers(double)
    record(limit=1)
    assert len(seen) == 1
    (got,) = headers
    assert KEY not in str(got)
    assert not any(KEY.encode() in path.read_bytes() for path in out.rglob("*") if path.is_file())


def double_headers(double):
    """Note the headers of whatever is fetched from the double's results."""
    seen = []
    handler = double._server.RequestHandlerClass
    answer = handler.answer

    def noted(self):
        if self.path.startswith("/cdn/"):
            seen.append(dict(self.headers.items()))
        answer(self)

    handler.answer = noted
    return seen


def replayed(server, photo):
    return requests.post(
        f"{server.url}/tools/1.0/removebg",
        files={"image": photo.read_bytes()},
        headers={"X-Picsart-API-Key": "any"},
        timeout=10,
    )


def test_replay_answers_as_before_except_for_the_link(record, photos, out):
    record()
    exchange = next(one for one in exchanges(out) if one.name == "0.png")
    with ReplayServer(out) as server:
        answer = replayed(server, photos / "0.png")
    link, recorded = answer.json()["data"]["url"], Store(out).body(exchange)
    assert link.startswith(f"{server.url}/")
    assert answer.content == recorded.replace(json.loads(recorded)["data"]["url"].encode(), link.encode())


def test_a_replayed_link_leads_to_the_recorded_picture(record, double, photos, out):
    record()
    expire(double)
    with ReplayServer(out) as server:
        for exchange in exchanges(out):
            link = replayed(server, photos / exchange.name).json()["data"]["url"]
            picture = requests.get(link, timeout=10)
            assert picture.content == Store(out).picture(exchange)
            assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
            assert link.endswith(".png")


def test_a_replayed_link_without_a_picture_says_what_to_do(record, double, photos, out, monkeypatch):
    forget_results(double, monkeypatch)
    record()
    with ReplayServer(out) as server:
        picture = requests.get(replayed(server, photos / "0.png").json()["data"]["url"], timeout=10)
        nowhere = requests.get(f"{server.url}/pixian-shim/recorded/{'0' * 64}.png", timeout=10)
    assert (picture.status_code, nowhere.status_code) == (404, 404)
    assert "holds no picture for this link (the provider's link had expired: HTTP Status 404)" in picture.text
    assert f"pixian-shim baseline pictures {out}" in picture.text
    assert "record the photo once more" in picture.text
    assert "holds no answer with this link" in nowhere.text


@pytest.mark.parametrize(
    "written", ['"https:\\/\\/cdn.example\\/1.png?a=1\\u0026b=2"', '"https://cdn.example/1.png?a=1&b=2"']
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_link_is_replaced_however_it_is_written(adapter, written, pack):
    body = f'{{"status":  "success", "data": {{"id": "a\\"b", "url": {written}}}}}'
    headers = JSON | ({"content-encoding": "gzip"} if pack is gzip.compress else {})
    answer = relinked(adapter, HttpResponse(200, headers, pack(body.encode())), "http://here/1.png")
    assert answer.body.decode() == body.replace(written, '"http://here/1.png"')
    assert dict(answer.headers) == JSON


def test_the_fixture_serves_links_in_a_users_tests(record, double, photos, out, tmp_path):
    record()
    expire(double)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nlegacy_baseline = {out}\n")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["pixian_shim.baseline.pytest"]\n')
    exchange = next(one for one in exchanges(out) if one.name == "1.png")
    (tmp_path / "test_mine.py").write_text(
        textwrap.dedent(f"""
        import requests

        def test_it(legacy_baseline):
            with open({str(photos / "1.png")!r}, "rb") as file:
                answer = requests.post({URL!r}, files={{"image": file}}, headers={{"X-Picsart-API-Key": "k"}})
            picture = requests.get(answer.json()["data"]["url"])
            assert picture.status_code == 200
            with open({str(out / exchange.picture_file)!r}, "rb") as file:
                assert picture.content == file.read()
        """)
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert "1 passed" in ended.stdout, ended.stdout


def test_a_link_that_has_expired_loses_no_answer(record, double, out, monkeypatch):
    forget_results(double, monkeypatch)
    report = record()
    assert (report.made, report.pictures, report.missing, report.complete) == (3, 0, 3, True)
    assert report.why_missing == "the provider's link had expired: HTTP Status 404"
    found = verify(out)
    assert (found.exchanges, found.missing, found.problems) == (3, 3, [])
    (item, *_) = side(out).items
    assert item.file is None
    assert item.error == "the picture is not here: the provider's link had expired: HTTP Status 404"


def forget_results(double, monkeypatch):
    call = double.call

    def forgetful(*arguments):
        told = call(*arguments)
        double.results.clear()
        return told

    monkeypatch.setattr(double, "call", forgetful)


def test_the_next_run_fetches_what_is_missing_and_pays_nothing(record, double, out):
    refusing = Fetcher(max_bytes=10, chosen=frozenset({("127.0.0.1", double.port)}))
    first = record(fetcher=refusing)
    assert (first.missing, asked(double)) == (3, 3)
    again = record()
    assert (again.recorded, again.made, again.pictures, again.missing) == (3, 0, 3, 0)
    assert asked(double) == 3
    assert all(exchange.picture and not exchange.missing for exchange in exchanges(out))


def test_what_was_cut_off_between_answer_and_picture_is_fetched_by_the_next_run(record, double, out):
    record(limit=2)
    for path in (out / "exchanges").glob("*.json"):  # as it is on disk before the link is followed
        told = {name: value for name, value in json.loads(path.read_text()).items() if "picture" not in name}
        path.write_text(json.dumps(told))
    assert verify(out).missing == 2
    report = record()
    assert (report.made, report.pictures, report.missing) == (1, 3, 0)
    assert asked(double) == 3


def test_a_picture_that_is_too_large_is_told(record, double, out):
    report = record(fetcher=Fetcher(max_bytes=10, chosen=frozenset({("127.0.0.1", double.port)})))
    assert report.why_missing == "the provider's link could not be followed: the file is larger than 10 bytes"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:1/secret.png", "the address is not public"),
        ("http://169.254.169.254/latest", "the address is not public"),
        ("http://[", "could not be followed"),
        ("https://", "only http and https addresses"),
    ],
)
def test_a_link_or_a_redirect_to_somewhere_private_is_refused(record, double, monkeypatch, url, said):
    call = double.call
    monkeypatch.setattr(double, "call", lambda *told: (call(*told)[0], {"status": "success", "data": {"url": url}}))
    report = record(limit=1)
    assert (report.made, report.missing) == (1, 1)
    assert said in report.why_missing
    assert "secret" not in report.why_missing


@pytest.fixture
def elsewhere():
    """A server at another port, that nobody has chosen; tells how often it was asked."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(photo())

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/inside.png", seen
    server.shutdown()
    server.server_close()


def test_a_redirect_to_somewhere_private_is_refused(record, double, elsewhere, monkeypatch):
    url, seen = elsewhere
    handler = double._server.RequestHandlerClass
    give = handler.give

    def redirected(self, status, content_type, content, headers=None):
        away = {"Location": url} if self.path.startswith("/cdn/") else {}
        give(self, 302 if away else status, content_type, content, (headers or {}) | away)

    monkeypatch.setattr(handler, "give", redirected)
    report = record(limit=1)
    assert report.missing == 1
    assert "not public" in report.why_missing
    assert not seen


def test_a_link_to_a_page_is_no_picture(record, double, monkeypatch):
    handler = double._server.RequestHandlerClass
    give = handler.give

    def page(self, status, content_type, content, headers=None):
        give(self, status, content_type, b"<html>" if self.path.startswith("/cdn/") else content, headers)

    monkeypatch.setattr(handler, "give", page)
    assert record(limit=1).why_missing == "the provider's link leads to something else than a picture"


def test_a_disk_that_is_full_loses_no_answer(record, double, out, monkeypatch):
    from pixian_shim.pixian import _file

    write = _file.write

    def full(path, content, **options):
        if "/pictures/" in str(path):
            raise OSError(28, "No space left on device", str(path))
        return write(path, content, **options)

    with monkeypatch.context() as patched:
        patched.setattr(_file, "write", full)
        report = record(jobs=1)
    assert "No space left" in report.stopped
    assert report.made == 1
    again = record()
    assert (again.recorded, again.made, again.pictures) == (1, 2, 3)
    assert asked(double) == 3


def test_the_command_says_what_is_missing_and_mends_it(double, photos, out):
    arguments = ["baseline", "record", photos, "--out", out, "--provider", "picsart", "--credits", 100]
    ended = command(*arguments, "--at", double.url)
    assert ended.returncode == 0, ended.stderr
    assert "3 pictures kept beside answers that are none" in ended.stdout
    for path in (out / "exchanges").glob("*.json"):
        told = {name: value for name, value in json.loads(path.read_text()).items() if "picture" not in name}
        path.write_text(json.dumps(told))
    assert "3 pictures that answers hold or link to are missing" in command("baseline", "verify", out).stdout
    away = expire(double)
    ended = command(*arguments, "--at", double.url)
    assert ended.returncode == 1
    assert "3 pictures are missing (the provider's link had expired: HTTP Status 404)" in ended.stdout
    double.results.update(away)
    ended = command("baseline", "pictures", out, "--at", double.url)
    assert (ended.returncode, ended.stdout) == (0, "3 pictures are kept now, 0 are missing\n")
    assert command("baseline", "pictures", out, "--json").stdout.split() == [
        *("{", '"pictures":', "0,", '"missing":', "0,", '"why":', '""', "}")
    ]
    assert asked(double) == 3


# Damage, and baselines of earlier versions


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda out, one: next((out / "pictures").rglob("*.png")).write_bytes(b"other"), "not what was stored"),
        (lambda out, one: next((out / "pictures").rglob("*.png")).unlink(), "cannot be read"),
        (lambda out, one: one.write_text(one.read_text().replace('"picture": "', '"picture": "../')), "no picture of"),
        (
            lambda out, one: one.write_text(one.read_text().replace('fix": ".png"', 'fix": "/../../x"')),
            "no picture of",
        ),
        (
            lambda out, one: one.write_text(one.read_text().replace('"picture": "', '"picture": 1, "x": "')),
            "has no 'x'",
        ),
    ],
)
def test_damage_is_found(record, out, damage, said):
    record()
    damage(out, next((out / "exchanges").glob("*.json")))
    assert any(said in problem for problem in verify(out).problems)


def test_a_baseline_without_linked_pictures_is_written_as_before(photos, out):
    with RemoveBgDouble() as double, LegacyHost({"removebg": double.url}) as host:
        report = Recording(load("removebg"), [photos], out).run(REMOVEBG_KEY, 100, host=host)
    assert (report.made, report.pictures, report.missing) == (3, 0, 0)
    told = json.loads(next((out / "exchanges").glob("*.json")).read_text())
    assert not {"picture", "picture_suffix", "missing"} & told.keys()
    assert not (out / "pictures").exists()


def test_a_baseline_of_an_earlier_version_says_what_to_do_and_is_mended(record, double, out):
    record()
    for path in (out / "exchanges").glob("*.json"):
        told = {name: value for name, value in json.loads(path.read_text()).items() if "picture" not in name}
        path.write_text(json.dumps(told))
    (item, *_) = side(out).items
    assert item.file is None
    assert "pixian-shim baseline pictures" in item.error
    told = take_lacking(Store(out), LegacyHost({"picsart": double.url}).fetcher)
    assert (told.pictures, told.missing) == (3, 0)
    assert all(item.file.read_bytes() for item in side(out).items)


# Pictures inside JSON, and live traffic


def rolled(provider, double, writer):
    return Rollout(Flag(stage="off"), legacy={provider: double.url}, baseline=writer)


@pytest.mark.parametrize(
    ("provider", "double_of", "url", "field", "key"),
    [
        ("photoroom", PhotoRoomDouble, "https://sdk.photoroom.com/v1/segment", "image_file", PHOTOROOM_KEY),
        ("removebg", RemoveBgDouble, "https://api.remove.bg/v1.0/removebg", "image_file", REMOVEBG_KEY),
    ],
)
def test_a_picture_inside_json_is_kept_beside_it(provider, double_of, url, field, key, out):
    headers = {"X-Api-Key": key, "Accept": "application/json"}
    writer = BaselineWriter(out)
    with (
        double_of() as double,
        rolled(provider, double, writer) as rollout,
        pixian_shim.intercept(provider, shim=rollout),
    ):
        answer = requests.post(url, files={field: photo()}, headers=headers, timeout=10)
    told = answer.json()
    inside = base64.b64decode(told.get("result_b64") or told["data"]["result_b64"])
    (exchange,) = exchanges(out)
    assert Store(out).body(exchange) == answer.content
    assert Store(out).picture(exchange) == inside
    (item,) = side(out).items
    assert item.file.read_bytes() == inside
    assert verify(out).missing == 0


def test_a_picture_that_cannot_be_written_leaves_the_answer_that_holds_it(out, monkeypatch):
    from pixian_shim.pixian import _file

    write = _file.write

    def full(path, content, **options):
        if "/pictures/" in str(path):
            raise OSError(28, "No space left on device", str(path))
        return write(path, content, **options)

    store, question = Store(out, create="removebg"), Question("removebg", "removebg", "", {})
    body = json.dumps({"data": {"result_b64": base64.b64encode(photo()).decode()}}).encode()
    with monkeypatch.context() as patched:
        patched.setattr(_file, "write", full)
        with pytest.raises(OSError, match="No space left"):
            store.keep(question, HttpResponse(200, JSON, body), seconds=1, credits=1.0, picture=photo())
    assert store.body(store.find(question)) == body
    assert take_lacking(store, Fetcher()).pictures == 1
    assert store.picture(store.find(question)) == photo()


def ask(content=None):
    return requests.post(
        URL, files={"image": content or photo()}, headers={"X-Picsart-API-Key": KEY}, timeout=10
    ).json()


def chosen(double):
    return LegacyHost({"picsart": double.url}).fetcher


def test_links_of_live_traffic_are_followed_afterwards(double, out):
    writer = BaselineWriter(out, fetcher=chosen(double))
    with rolled("picsart", double, writer) as rollout, pixian_shim.intercept("picsart", shim=rollout):
        for _ in range(2):
            ask()
            assert writer.drain(10)
    (exchange,) = exchanges(out)
    assert Store(out).picture(exchange).startswith(b"\x89PNG")
    assert writer.kept == 1


def test_nobody_waits_for_a_slow_link(double, out, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    fetch = Fetcher.fetch

    def slow(self, url):
        begun.set()
        assert go_on.wait(10)
        return fetch(self, url)

    monkeypatch.setattr(Fetcher, "fetch", slow)
    writer = BaselineWriter(out, fetcher=chosen(double))
    with rolled("picsart", double, writer) as rollout, pixian_shim.intercept("picsart", shim=rollout):
        assert ask()["status"] == "success"
        assert begun.wait(10)
        (exchange,) = exchanges(out)
        assert exchange.missing == "it was not fetched before the program ended"
        ask()  # while the first one is being fetched
        go_on.set()
        assert writer.drain(10)
    (exchange,) = exchanges(out)
    assert (bool(exchange.picture), exchange.missing, writer.kept) == (True, "", 1)


def test_an_answer_whose_link_failed_makes_room_for_a_later_one(double, out, caplog):
    writer = BaselineWriter(out)  # loopback is not public
    with rolled("picsart", double, writer) as rollout, pixian_shim.intercept("picsart", shim=rollout):
        ask()
        assert writer.drain(10)
    assert "not public" in exchanges(out)[0].missing
    assert "a picture is missing" in caplog.text
    writer = BaselineWriter(out, fetcher=chosen(double))
    with rolled("picsart", double, writer) as rollout, pixian_shim.intercept("picsart", shim=rollout):
        answer = ask()
        assert writer.drain(10)
    (exchange,) = exchanges(out)
    assert json.loads(Store(out).body(exchange)) == answer
    assert exchange.picture
    assert not exchange.missing


def test_fetched_pictures_count_in_the_limit(double, out):
    writer = BaselineWriter(out, max_bytes=300, fetcher=chosen(double))
    with rolled("picsart", double, writer) as rollout, pixian_shim.intercept("picsart", shim=rollout):
        ask()
        assert writer.drain(10)
    assert exchanges(out)[0].missing == "the baseline has the size that it may have"


def test_what_has_no_room_to_wait_is_told():
    begun, go_on = threading.Event(), threading.Event()
    later = Later(waiting=1)

    def job():
        begun.set()
        assert go_on.wait(10)

    assert later.offer(job)
    assert begun.wait(10)
    taken = [later.offer(job) for _ in range(20)]
    assert False in taken
    go_on.set()
    assert later.drain(10)
    assert later.offer(job)
    assert later.drain(10)


def test_an_answer_that_was_passed_on_packed_is_looked_into(adapter):
    from pixian_shim.baseline._pictures import found_in

    body = json.dumps({"data": {"url": "https://cdn.example/1.png"}}).encode()
    answer = HttpResponse(200, JSON | {"Content-Encoding": "gzip"}, gzip.compress(body))
    assert found_in(adapter, answer) == "https://cdn.example/1.png"
    assert found_in(adapter, attrs.evolve(answer, body=b"broken")) is None
    assert found_in(adapter, attrs.evolve(answer, status=404)) is None


def test_a_program_that_is_observed_leaves_a_baseline_with_pictures(double, out, tmp_path):
    program = tmp_path / "app.py"
    (tmp_path / "photo.png").write_bytes(photo())
    program.write_text(
        textwrap.dedent(f"""
        import requests
        with open("photo.png", "rb") as file:
            answer = requests.post({URL!r}, files={{"image": file}}, headers={{"X-Picsart-API-Key": "k"}})
        print(answer.json()["status"])
        """)
    )
    options = ["--observe", "--provider", "picsart", "--out", out, "--at", double.url]
    ended = command("baseline", "record", *options, "--", sys.executable, program, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "success\n"), ended.stderr
    (exchange,) = exchanges(out)
    assert exchange.picture
    assert asked(double) == 1
    assert "missing" not in ended.stderr


# Observations


def observe(double, folder, **options):
    recorder = Recorder(folder, pictures=True, **options)
    rollout = Rollout(Flag(stage="off"), legacy={"picsart": double.url}, observe=recorder)
    with rollout, pixian_shim.intercept("picsart", shim=rollout):
        ask()
    assert recorder.drain(10)
    (observation,) = observations(folder)
    return recorder, observation


def test_observations_lead_to_the_picture_behind_a_link(double, tmp_path):
    _, observation = observe(double, tmp_path / "seen", fetcher=chosen(double))
    (result,) = double.results.values()
    assert (tmp_path / "seen" / observation.legacy.picture).read_bytes() == result[1]
    (item,) = side(tmp_path / "seen", origin="legacy").items
    assert (item.file.read_bytes(), item.error, item.stored) == (result[1], "", "")
    assert any(path.suffix == ".json" for path in (tmp_path / "seen" / "pictures").iterdir())


def test_observations_say_why_a_picture_is_not_there(double, tmp_path, caplog):
    recorder, observation = observe(double, tmp_path / "seen")  # loopback is not public
    assert recorder.lost == {"link": 1}
    assert observation.legacy.status == 200
    (item,) = side(tmp_path / "seen", origin="legacy").items
    assert item.file is None
    assert "the picture is not here: the provider's link could not be followed: the address is not public" in item.error
    next((tmp_path / "seen" / "pictures").glob("*.txt")).unlink()
    (item,) = side(tmp_path / "seen", origin="legacy").items
    assert item.error == "the picture is not here: it was not fetched before the program ended"


def test_observations_hold_pixians_own_results_without_a_download(tmp_path, monkeypatch):
    from pixian_shim.sandbox import Sandbox
    from pixian_shim.shim import Shim

    monkeypatch.setattr(Fetcher, "fetch", lambda *_: pytest.fail("nothing is fetched"))
    recorder = Recorder(tmp_path / "seen", pictures=True)
    with Sandbox(engine="fast") as sandbox, sandbox.client() as client:
        rollout = Rollout(Flag(stage="complete"), shim=Shim(client, policy="silent"), observe=recorder)
        with rollout, pixian_shim.intercept("picsart", shim=rollout):
            link = ask()["data"]["url"]
            content = requests.get(link, timeout=10).content
    (item,) = side(tmp_path / "seen", origin="pixian").items
    assert item.file.read_bytes() == content
    assert item.file.suffix == ".png"


def test_a_rollout_file_allows_the_addresses_that_it_names(double, tmp_path):
    file = tmp_path / "rollout.toml"
    file.write_text(
        'stage = "off"\n[baseline]\nfolder = "kept"\n[observations]\nfolder = "seen"\npictures = true\n'
        f'[at]\npicsart = "{double.url}"\n'
    )
    with load_rollout(file) as rollout, pixian_shim.intercept("picsart", shim=rollout):
        ask()
        assert rollout.recorder.drain(10)
        assert rollout._baseline.drain(10)
    assert exchanges(tmp_path / "kept")[0].picture
    assert side(tmp_path / "seen", origin="legacy").items[0].file is not None


# Comparing


def test_a_baseline_of_links_can_be_compared(double, photos, out, tmp_path, monkeypatch):
    import io

    from PIL import Image

    def result(self, fields, *, poor):  # a cutout worth comparing
        with Image.open(io.BytesIO(fields["image"])) as image:
            made = io.BytesIO()
            image.convert("RGBA").save(made, "PNG")
        return "png", made.getvalue()

    monkeypatch.setattr(PicsartDouble, "result", result)
    arguments = ["baseline", "record", photos, "--out", out, "--provider", "picsart", "--credits", 100]
    assert command(*arguments, "--at", double.url, "--keep-originals").returncode == 0
    expire(double)
    ended = command("compare", out, "sandbox:fast", "--jobs", 1, "--images", "none", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(Path(tmp_path / "out/compare/comparison.json").read_text())
    assert len(told["rows"]) == 3
    assert all(row["measures"] for row in told["rows"]), told["rows"][0]
    assert [one for one in exchanges(tmp_path / "out/compare/answers/sandbox-fast") if not one.picture] == []


def test_a_side_that_was_asked_fetches_what_is_missing_without_paying_again(double, photos, tmp_path):
    words = ["compare", "picsart", "sandbox:fast", "--originals", photos, "--credits", 100, "--at", double.url]
    words += ["--provider", "picsart", "--jobs", 1, "--images", "none"]
    command(*words, cwd=tmp_path)
    (kept,) = (tmp_path / "out/compare/answers").glob("picsart-*")  # named with the address that was asked
    for path in (kept / "exchanges").glob("*.json"):
        told = {name: value for name, value in json.loads(path.read_text()).items() if "picture" not in name}
        path.write_text(json.dumps(told))
    ended = command(*words, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert all(exchange.picture for exchange in exchanges(kept))
    assert asked(double) == 3


def test_a_row_says_that_the_link_had_expired(double, photos, out, tmp_path, monkeypatch):
    forget_results(double, monkeypatch)
    arguments = ["baseline", "record", photos, "--out", out, "--provider", "picsart", "--credits", 100]
    ended = command(*arguments, "--at", double.url, "--keep-originals")
    assert ended.returncode == 1
    command("compare", out, "sandbox:fast", "--jobs", 1, "--images", "none", cwd=tmp_path)
    assert "the provider's link had expired" in (tmp_path / "out/compare/comparison.json").read_text()
