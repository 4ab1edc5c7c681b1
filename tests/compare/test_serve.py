"""A served report: who is answered, what is kept, and how soon ten thousand pairs are seen."""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import httpx
import pytest

from pixian_shim.compare import Folder, ReportServer
from pixian_shim.errors import ConfigurationError, MissingExtra

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def folder(accounted, compared, tmp_path):
    """Give a folder of its own with the drawn comparison."""
    place = Folder(tmp_path / "report")
    place.write(accounted)
    shutil.copytree(compared[1].pictures, place.pictures)  # a folder tidies up what is its own
    return place


@pytest.fixture
def server(folder):
    with ReportServer(folder) as running:
        yield running


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, trust_env=False) as asking:
        yield asking


def first(folder, number=0):
    return folder.load().rows[number].id


def put(client, row, content=b'{"decision": "accept"}', **headers):
    return client.put(f"/decisions/{row}", content=content, headers=JSON | headers)


# Asking


def test_it_listens_on_loopback_and_says_where(server):
    assert server.url.startswith("http://127.0.0.1:")
    assert server.url in repr(server)


def test_the_page_is_small_since_the_rows_come_after_it(client, folder):
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert '"rows":[]' in page.text
    rows = client.get("/rows.json")
    assert rows.headers["content-encoding"] == "gzip"
    assert [row[0] for row in rows.json()] == [row.id for row in folder.load().rows]
    assert client.get("/rows.json", headers={"Accept-Encoding": "identity"}).json() == rows.json()


def test_the_page_s_verdict_counts_what_is_decided(client, folder):
    every = {row.id: "accept" for row in folder.load().rows}
    folder.decide(every)
    assert folder.load().verdict.says.partition(". ")[2] in client.get("/").text
    assert client.get("/decisions").json() == every


def test_pictures_are_had_by_name_only(client, folder):
    row = next(row for row in folder.load().rows if "original" in row.views)
    name = row.views["left"]
    answer = client.get(f"/pictures/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.content == (folder.pictures / name).read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"/pictures/{row.views['original']}").headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    "path",
    [
        "pictures/",
        "pictures/none.webp",
        "pictures/../comparison.json",
        "pictures/..%2Fcomparison.json",
        "pictures/%2e%2e%2fdecisions.json",
        "pictures/..%5c..%5csecret.webp",
        "pictures/%2Fetc%2Fpasswd",
        "pictures/left.webp%00.jpg",
        "comparison.json",
        "answers/x",
        "docs",
    ],
)
def test_nothing_else_is_had(server, path):
    import socket

    host, port = "127.0.0.1", int(server.url.rstrip("/").rpartition(":")[2])
    with socket.create_connection((host, port), timeout=5) as line:  # a client would tidy the path
        line.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert int(answer.split()[1]) in (400, 404)


def test_a_tampered_comparison_leads_nowhere(accounted, tmp_path):
    secret = tmp_path / "secret.webp"
    secret.write_bytes(b"secret")
    row = attrs.evolve(accounted.rows[0], views={"left": "../../secret.webp", "right": str(secret)})
    folder = Folder(tmp_path / "report")
    folder.write(attrs.evolve(accounted, rows=(row,)))
    with ReportServer(folder) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        for name in ("..%2F..%2Fsecret.webp", "secret.webp", str(secret).replace("/", "%2F")):
            assert client.get(f"/pictures/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/rows.json", "/decisions", "/nothing"])
def test_headers_keep_the_page_to_itself(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "[evil]"]
)
def test_no_name_but_localhost_is_answered(client, host):
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code in (400, 403)
    assert "verdict" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1", "[::1]:8795", "127.0.0.1:1"])
def test_localhost_is_answered_also_behind_a_forwarded_port(client, host):
    assert client.get("/decisions", headers={"Host": host}).status_code == 200


# Deciding


def test_a_decision_is_kept_and_can_be_taken_back(client, folder):
    row = first(folder)
    assert put(client, row).status_code == 204
    assert folder.decisions() == {row: "accept"}
    assert put(client, row, b'{"decision": ""}').status_code == 204
    assert folder.decisions() == {}


def test_a_decision_that_was_taken_back_stays_so_though_the_comparison_was_written_with_it(folder, accounted):
    row = accounted.rows[0].id
    folder.decide({row: "accept"})
    folder.write(accounted)
    folder.decide({row: ""})
    assert [one.decision for one in folder.load().rows if one.id == row] == [""]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"accept", 422),
        (b'"accept"', 422),
        (b"[]", 422),
        (b'{"decision": "maybe"}', 422),
        (b'{"decision": ["accept"]}', 422),
        (b'{"decision": "accept", "row": "other"}', 422),
        (b"\xff\xfe", 422),
        (b"[" * 3000, 422),
        (b'{"decision": "accept"' + b" " * 10_000 + b"}", 422),
    ],
)
def test_what_is_no_decision_is_refused_and_nothing_is_written(client, folder, content, status):
    answer = put(client, first(folder), content)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert folder.decisions() == {}


def test_a_decision_on_no_pair_here_is_refused(client):
    assert put(client, "0123456789abcdef").status_code == 404
    assert put(client, "%2e%2e").status_code in (404, 405)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_other_pages_cannot_decide(client, folder, headers):
    assert put(client, first(folder), **headers).status_code == 403
    assert folder.decisions() == {}


def test_forms_of_other_pages_cannot_decide(client, folder):
    row = first(folder)
    plain = client.put(f"/decisions/{row}", content=b'{"decision": "accept"}', headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    assert client.post(f"/decisions/{row}", content=b'{"decision": "accept"}', headers=JSON).status_code == 405
    assert (
        "access-control-allow-origin"
        not in client.options(f"/decisions/{row}", headers={"Origin": "http://evil.example"}).headers
    )
    assert folder.decisions() == {}


def test_own_pages_and_scripts_of_the_user_can_decide(client, server, folder):
    row = first(folder)
    own = {"Origin": server.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert put(client, row, **own).status_code == 204
    assert put(client, row).status_code == 204


def test_many_decisions_at_once_are_all_kept(client, folder):
    rows = [row.id for row in folder.load().rows]
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(lambda row: put(client, row), rows)} == {204}
    assert folder.decisions() == dict.fromkeys(rows, "accept")


def test_a_decision_that_cannot_be_written_is_an_error(client, folder):
    row, path = first(folder), folder.path / "decisions.json"
    path.write_text("[broken", "utf-8")
    answer = put(client, row)
    assert answer.status_code == 500
    assert "decisions" in answer.json()["error"]
    assert path.read_text("utf-8") == "[broken"


def test_a_later_comparison_is_shown(client, folder, accounted):
    fewer = attrs.evolve(accounted, rows=accounted.rows[:3])
    before = client.get("/").text
    folder.write(fewer)
    assert len(client.get("/rows.json").json()) == 3
    assert client.get("/").text != before


def test_a_folder_without_a_comparison_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="holds no comparison"):
        ReportServer(tmp_path)


def test_the_missing_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    monkeypatch.delitem(sys.modules, "pixian_shim.compare.report.desk", raising=False)
    with pytest.raises(MissingExtra, match=r"pixian-shim\[server\]"):
        ReportServer(folder)


# In a browser


def until(condition, page):
    for _ in range(250):
        if condition():
            return
        page.wait_for_timeout(20)
    assert condition()


def test_a_reviewer_s_decisions_reach_the_folder_and_the_other_reviewer(visit, server, folder):
    one, other = visit(server.url), visit(server.url)
    rows = [row.id for row in folder.load().rows]
    for each in (one, other):
        each.page.wait_for_selector("#space .row")
    one.page.evaluate("openRow(rows[0])")
    one.page.keyboard.press("a")
    other.page.evaluate("openRow(rows[1])")
    other.page.keyboard.press("r")
    until(lambda: len(folder.decisions()) == 2, one.page)
    one.page.evaluate("renew()")
    both = {rows[0]: "accept", rows[1]: "reject"}
    until(lambda: one.page.evaluate("decisions()") == both, one.page)
    one.page.reload()
    one.page.wait_for_selector("#space .row")
    assert one.page.evaluate("decisions()") == both
    assert {
        address.split("/")[2] for each in (one, other) for address in each.asked if not address.startswith("data:")
    } == {server.url.split("/")[2]}


def test_a_decision_that_was_not_kept_is_told_and_taken_back(visit, server, folder):
    one = visit(server.url)
    one.page.wait_for_selector("#space .row")
    (folder.path / "decisions.json").write_text("[broken", "utf-8")
    one.page.evaluate("openRow(rows[0])")
    one.page.keyboard.press("a")
    said = one.page.wait_for_selector("#pair-said.failed")
    assert "was not kept" in said.inner_text()
    assert said.get_attribute("role") == "alert"
    assert one.page.evaluate("decisions()") == {}
    server.close()
    one.page.keyboard.press("r")
    until(lambda: "the server does not answer" in one.page.inner_text("#pair-said"), one.page)
    one.said.clear()  # the browser itself notes that a request failed


def test_the_last_of_several_quick_words_is_the_one_that_is_kept(visit, server, folder):
    page = visit(server.url).page
    page.wait_for_selector("#space .row")
    page.evaluate("for (const word of ['accept', 'reject', 'accept', '', 'reject']) decide(rows[0], word)")
    page.evaluate("sending")
    assert folder.decisions() == {page.evaluate("rows[0].id"): "reject"}
    assert page.evaluate("rows[0].decision") == "reject"


def test_what_was_asked_before_a_decision_does_not_undo_it(visit, server, folder):
    page = visit(server.url).page
    page.wait_for_selector("#space .row")
    late = """async () => {
      const real = window.fetch;
      window.fetch = (path, ...more) => (path === "decisions" ? new Promise((done) => setTimeout(done, 300)).then(() => new Response("{}")) : real(path, ...more));
      const renewing = renew();
      decide(rows[0], "accept");
      await sending; await renewing;
      return rows[0].decision;
    }"""
    assert page.evaluate(late) == "accept"


def test_ten_thousand_pairs_are_seen_within_two_seconds(visit, accounted, tmp_path):
    def varied(number):
        row = accounted.rows[number % len(accounted.rows)]
        measures = row.measures and attrs.evolve(
            row.measures, mae=number / 99_991, sad=number * 1.2345, gradient=1e6 / (number + 7)
        )
        return attrs.evolve(
            row, id=f"{number * 2654435761 % 2**64:016x}", name=f"photo-{number:05}.png", measures=measures
        )

    folder = Folder(tmp_path / "many")
    folder.write(attrs.evolve(accounted, rows=tuple(varied(number) for number in range(10_000))))
    with ReportServer(folder) as server:
        one = visit(server.url)
        one.page.wait_for_selector("#space .row")
        paints = one.page.evaluate(
            "Object.fromEntries(performance.getEntriesByType('paint').map(one => [one.name, one.startTime]))"
        )
        ready = one.page.evaluate("performance.now()")
        one.said.clear()  # the pictures of this one are missing
    figures = {"first paint, ms": paints["first-paint"], "all pairs, ms": ready, "page, bytes": len(one.page.content())}
    place = Path(__file__).parents[2] / "out" / "screenshots"
    place.mkdir(parents=True, exist_ok=True)
    (place / "serve-10000.json").write_text(json.dumps(figures, indent=1))
    assert paints["first-contentful-paint"] < 2000
