"""Bad days, credits that run out, and the control plane."""

from time import perf_counter

import httpx
import pytest

from pictures import encoded, photo, picture
from pixian_shim.errors import InvalidParameter
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import KINDS, Fault, Sandbox

PATH = "/api/v2/remove-background"
SMALL = encoded(picture((40, 30), (10, 10, 20, 20)))


def send(http):
    return http.post(PATH, files={"image": SMALL})


@pytest.mark.parametrize(
    ("kind", "options", "status", "code"),
    [
        ("rate_limit", {}, 429, 1015),
        ("no_credits", {}, 402, 1011),
        ("overloaded", {}, 503, -3),
        ("server_error", {}, 500, -1),
        ("server_error", {"status": 502}, 502, -1),
    ],
)
def test_fault_with_an_error_object(http, sandbox, kind, options, status, code):
    sandbox.fault(kind, **options)
    answer = send(http)
    assert answer.json()["error"].items() >= {"status": status, "code": code}.items()
    assert (answer.status_code, sandbox.credits) == (status, 1000)
    assert (sandbox.requests[0].fault, sandbox.requests[0].code) == (kind, code)
    assert send(http).status_code == 200


def test_error_that_is_no_json(http, sandbox):
    sandbox.fault("not_json", status=503)
    answer = send(http)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    with pytest.raises(ValueError):
        answer.json()


def test_page_of_html_with_status_200(http, sandbox):
    sandbox.fault("html")
    answer = send(http)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_storm_then_calm(sandbox):
    waits = []
    sandbox.fault("rate_limit", times=3)
    with sandbox.client(sleep=waits.append) as client:
        result = client.remove_background(SMALL)
    assert (waits, result.attempts) == ([5.0, 10.0, 15.0], 4)
    assert [entry.status for entry in sandbox.requests] == [429, 429, 429, 200]


def test_latency(http, sandbox):
    sandbox.fault("latency", seconds=0.2)
    started = perf_counter()
    assert send(http).status_code == 200
    assert perf_counter() - started >= 0.2


def test_latency_beyond_the_clients_patience(sandbox):
    sandbox.fault("latency", seconds=3)
    with sandbox.http_client(timeout=0.1) as http, pytest.raises(httpx.ReadTimeout):
        send(http)


@pytest.mark.parametrize(("kind", "charged"), [("reset", 0.0), ("lost", 0.0012)])
def test_reset_connection(http, sandbox, kind, charged):
    sandbox.fault(kind)
    with pytest.raises(httpx.ReadError):
        send(http)
    assert 1000 - sandbox.credits == pytest.approx(charged)
    assert (sandbox.requests[0].status, sandbox.requests[0].fault) == (None, kind)
    assert send(http).status_code == 200


def test_half_a_body(http, sandbox):
    whole = send(http)
    sandbox.fault("half_body")
    with http.stream("POST", PATH, files={"image": SMALL}) as answer:
        assert answer.headers["content-length"] == whole.headers["content-length"]
        received = bytearray()
        with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 (what came before the break is looked at)
            for piece in answer.iter_raw():
                received += piece
    assert received == whole.content[: len(whole.content) // 2]
    assert 1000 - sandbox.credits == pytest.approx(0.0024), "it was charged all the same"


async def test_faults_reach_async_clients(sandbox):
    sandbox.fault("reset")
    sandbox.fault("half_body")
    async with sandbox.async_http_client() as http:
        with pytest.raises(httpx.ReadError):
            await http.get("/api/v2/account")
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/api/v2/account")


def test_lost_answer_and_an_eager_client_are_charged_twice(sandbox):
    sandbox.fault("lost")
    with sandbox.client(retry=Retry(ambiguous=1), sleep=lambda _: None) as client:
        result = client.remove_background(SMALL)
    assert result.possible_double_charge
    assert 1000 - sandbox.credits == pytest.approx(0.0024)


def test_faults_are_met_in_order_and_by_the_api_only(http, sandbox):
    sandbox.fault("rate_limit", times=2)
    sandbox.fault("html")
    assert http.get("/_sandbox/requests").status_code == 200
    assert http.get("/openapi.json").status_code == 200
    assert [http.get("/api/v2/account").status_code for _ in range(4)] == [429, 429, 200, 200]
    assert [entry.fault for entry in sandbox.requests] == ["rate_limit", "rate_limit", "html", None]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"kind": "sunshine"}, "kind"),
        ({"kind": "reset", "times": 0}, "times"),
        ({"kind": "reset", "times": True}, "times"),
        ({"kind": "latency", "seconds": -1}, "seconds"),
        ({"kind": "latency", "seconds": "1"}, "seconds"),
        ({"kind": "reset", "status": 500}, "status"),
        ({"kind": "html", "status": 99}, "status"),
        ({"kind": "html", "colour": "red"}, "colour"),
        ({}, "fault"),
        (["html"], "fault"),
    ],
)
def test_fault_out_of_range(http, sandbox, arguments, name):
    with pytest.raises(InvalidParameter) as caught:
        Fault.from_json(arguments)
    assert caught.value.parameter == name
    if isinstance(arguments, dict):
        assert http.post("/_sandbox/faults", json=arguments).json()["error"]["code"] == 1019
    assert not sandbox.faults


def test_control_of_faults(http, sandbox):
    assert http.get("/_sandbox/faults").json() == {"faults": [], "kinds": KINDS}
    added = http.post("/_sandbox/faults", json=[{"kind": "html"}, {"kind": "latency", "seconds": 1, "times": 2}])
    assert added.status_code == 201
    assert sandbox.faults == (Fault("html"), Fault("latency", 2, 1))
    assert [fault["kind"] for fault in added.json()["faults"]] == ["html", "latency"]
    assert http.delete("/_sandbox/faults").status_code == 204
    assert sandbox.faults == ()


def test_control_of_credits(http, sandbox):
    changed = http.put("/_sandbox/credits", json={"credits": 0.5, "creditPack": "Large", "state": "dormant"})
    assert changed.json() == http.get("/_sandbox/credits").json() == http.get("/api/v2/account").json()
    assert changed.json() == {
        "creditPack": "Large",
        "state": "dormant",
        "useBefore": "1970-01-01T00:00:00Z",
        "credits": 0.5,
    }
    assert http.put("/_sandbox/credits", json={"state": "active"}).json()["credits"] == 0.5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"credits": -1}',
        b'{"credits": "many"}',
        b'{"credits": NaN}',
        b'{"state": 1}',
        b'{"state": "x"}',
        b'{"creditPack": 1}',
        b'{"money": 1}',
        b"[" * 70_000,
    ],
)
def test_control_of_credits_refuses_nonsense(http, sandbox, content):
    assert http.put("/_sandbox/credits", content=content).json()["error"]["code"] == 1019
    assert sandbox.credits == 1000


def test_control_of_requests(http, sandbox):
    send(http)
    (entry,) = http.get("/_sandbox/requests").json()["requests"]
    assert (
        entry.items()
        >= {
            "method": "POST",
            "path": PATH,
            "source": "image",
            "input_size": "40 30",
            "result_size": "40 30",
            "status": 200,
            "credits_charged": 0.0012,
        }.items()
    )
    assert entry["milliseconds"] > 0
    assert http.delete("/_sandbox/requests").status_code == 204
    assert sandbox.requests == ()


def test_control_resets_everything(http, sandbox):
    send(http)
    sandbox.fault("html")
    assert http.post("/_sandbox/reset").status_code == 204
    assert (sandbox.credits, sandbox.faults, sandbox.requests) == (1000, (), ())


def test_control_is_closed_to_other_machines_and_foreign_pages():
    with Sandbox(engine="fast") as closed, Sandbox(engine="fast", open_control=True) as opened:
        for sandbox, status in ((closed, 403), (opened, 200)):
            with sandbox.http_client(headers={"Sec-Fetch-Site": "cross-site"}) as http:
                assert http.get("/_sandbox/credits").status_code == status
        from pixian_shim.sandbox._control import _is_local

        for host, local in (("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("testclient", False)):
            assert _is_local(_Request(host)) is local


class _Request:
    def __init__(self, host):
        self.headers = {}
        self.client = type("Client", (), {"host": host})


def test_credits_run_out(sandbox, http):
    sandbox.set_credits(0.13)
    assert http.post(PATH, files={"image": photo()}).headers["x-credits-charged"] == "0.120000"
    answer = http.post(PATH, files={"image": photo()})
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, 1011)
    assert sandbox.credits == 0.01
    assert http.post(PATH, files={"image": photo()}, data={"test": "true"}).status_code == 200


@pytest.mark.parametrize(("changes", "code"), [({"dormant": True}, 1010), ({"credit_pack": "none"}, 1008)])
def test_dormant_and_missing_packs(sandbox, http, changes, code):
    sandbox.set_credits(**changes)
    answer = send(http)
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, code)
    assert http.get("/api/v2/account").json()["state"] == "dormant"
    assert http.post(PATH, files={"image": SMALL}, data={"test": "true"}).status_code == 200


def test_formula_is_replaceable():
    with Sandbox(engine="fast", formula=lambda pixels: max(1.0, pixels / 1e6), credits=2) as sandbox:
        with sandbox.client() as client:
            assert client.remove_background(SMALL).credits_charged == 1.0
            assert client.remove_background(SMALL, test=True).credits_calculated == 1.0
        assert sandbox.credits == 1.0


def test_journal_keeps_the_last_thousand():
    from pixian_shim.sandbox._journal import Journal

    journal = Journal()
    for number in range(1005):
        journal.open("GET", f"/{number}")
    assert len(journal.entries) == 1000
    assert journal.entries[-1].path == "/1004"
    journal.entries[-1].status = 200
    assert journal.entries[-1].status is None, "callers get copies"
