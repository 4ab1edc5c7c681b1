"""What is written down of each call, and what is made of it."""

import json
import os

import pytest

from pixian_shim.errors import ConnectionLost, NoForeground, Refused, TransportError
from pixian_shim.geometry import Size
from pixian_shim.launcher._journal import Entry, Journal, Told, entries
from pixian_shim.launcher._summary import Summary, summary_of
from pixian_shim.pixian import Result
from pixian_shim.translation import Call, Cutout, Note, Verdict

CALL = Call("removebg", "removebg", key="LegacyKeyOf24Characters.")


def cutout(*notes, **fields):
    size = Size(4, 3)
    return Cutout(
        content=b"", content_type="image/png", size=size, input_size=size, max_size=size, foreground=None, notes=notes,
        **fields,
    )  # fmt: skip


def note(name, value="x", verdict=Verdict.EXACT, *, given=True):
    return Note(name, value, verdict, "", given)


def summary(*written):
    made = Summary(started=1, calling=1, providers=("removebg",))
    for entry in written:
        made.add(entry)
    return made


def entry(seconds=1.0, **fields):
    return Entry(provider="removebg", operation="removebg", seconds=seconds, **fields)


class TestEntries:
    def test_a_cutout_says_what_it_cost_and_what_became_of_parameters(self):
        told = Entry.of(
            CALL, cutout(note("size", "hd", Verdict.CONVERTED), credits_charged=0.25, attempts=2), 1.23456789
        )
        assert told == entry(
            1.2346, credits=0.25, attempts=2, notes=(Told("size", "hd", "converted"),), error=None, message=""
        )

    @pytest.mark.parametrize("ending", [None, Refused("no such thing")])
    def test_what_never_reached_pixian_has_no_attempt(self, ending):
        assert Entry.of(CALL, ending, 0.1).attempts == 0

    def test_an_error_after_a_paid_call_says_what_was_charged(self):
        error = MemoryError()
        error.result = Result(content=b"", content_type="image/png", credits_charged=0.5, attempts=3)
        assert Entry.of(CALL, error, 1) == entry(credits=0.5, attempts=3, error="MemoryError")
        assert Entry.of(CALL, NoForeground(0.25), 1).credits == 0.25

    def test_an_error_without_an_answer_says_whether_it_may_have_been_charged_twice(self):
        error = ConnectionLost("gone")
        error.attempts, error.possible_double_charge = 2, True
        told = Entry.of(CALL, error, 1)
        assert (told.attempts, told.possible_double_charge, told.message) == (2, True, "gone")

    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("api_key", "anything", "[hidden]"),
            ("X-Auth-Token", "anything", "[hidden]"),
            ("other", f"a {CALL.key} b", "a [hidden] b"),
            ("other", "my-own-pixian-secret", "[hidden]"),
            ("image_url", "https://me:pw@x.example/a.png?sign=abc#d", "https://x.example/a.png"),
            ("image_url", "https://me:pw@x.example/a.png", "https://x.example/a.png"),
            ("image_url", "https://x.example/a@b.png", "https://x.example/a@b.png"),
            ("image_url", "HTTP://x.example?sign=abc and more", "HTTP://x.example and more"),
            ("other", "y" * 81, "y" * 79 + "…"),
            ("other", "y" * 80, "y" * 80),
        ],
    )
    def test_values_are_short_and_no_secrets(self, name, value, shown, monkeypatch):
        monkeypatch.setenv("PIXIAN_API_SECRET", "my-own-pixian-secret")
        assert Entry.of(CALL, cutout(note(name, value)), 1).notes[0].value == shown

    def test_the_secret_half_of_pixians_own_key_is_hidden(self):
        call = Call("removebg", "removebg", key="id:half-of-a-key")
        told = Entry.of(call, TransportError("echoed id:half-of-a-key and half-of-a-key"), 1)
        assert told.message == "echoed [hidden] and [hidden]"

    def test_are_read_as_they_were_written_whatever_they_hold(self, tmp_path):
        journal = Journal(str(tmp_path))
        odd = "line\nbreaks\r\x85\u2028\x1b[31m \udcff ä"
        journal.begin()
        journal.record(CALL, cutout(note(odd, odd), note("b", given=False)), 1)
        journal.record(CALL, Refused(odd), 2)
        (path,) = tmp_path.iterdir()
        first, second = entries(path)
        assert first.notes == (Told(odd, odd, "exact"), Told("b", "x", "exact", given=False))
        assert (second.error, second.message) == ("Refused", odd)

    def test_half_a_line_is_left_out(self, tmp_path):
        whole = entry().line()
        (tmp_path / "1.jsonl").write_bytes(f"{whole}{whole[:50]}\n[]\n{{}}\n\xff\n{whole}".encode("latin-1"))
        assert [*entries(tmp_path / "1.jsonl")] == [entry(), entry()]

    def test_no_file_stays_open_and_no_folder_is_no_error(self, tmp_path):
        before = os.listdir("/proc/self/fd")
        for folder in (tmp_path, tmp_path / "gone"):
            Journal(str(folder)).record(CALL, None, 1)
        assert os.listdir("/proc/self/fd") == before


class TestSummary:
    def test_counts_over_all_processes(self, tmp_path):
        (tmp_path / "1.jsonl").write_text(entry(1.0, credits=0.1).line() + entry(2.0, credits=0.2).line())
        (tmp_path / "2.jsonl").write_text(entry(9.0, error="Refused", message="no").line())
        (tmp_path / "3.jsonl").write_text("")
        found = summary_of(tmp_path, ["removebg"])
        assert (found.calls, found.failed, found.started, found.calling) == (3, 1, 3, 2)
        assert found.seconds == (2.0, 9.0)
        assert found.as_json()["credits"] == 0.3

    def test_losses_come_first_and_defaults_are_left_out(self):
        notes = [Told(name, "", verdict) for name, verdict in zip("abcdef", Verdict, strict=True)]
        found = summary(entry(notes=(*notes, Told("z", "", "ignored", given=False))), entry(notes=(notes[1],)))
        assert [(it.name, it.count) for it in found.parameters] == [*zip("fedcba", (1, 1, 1, 1, 2, 1), strict=True)]

    def test_for_people(self):
        calls = [
            entry(0.4, credits=0.5, notes=(Told("size", "hd", "converted"), Told("type", "car", "ignored"))),
            entry(1.2, credits_calculated=12.5, notes=(Told("size", "hd", "converted"),)),
            *[entry(0.1, error="InsufficientCredits", message="no credits are left " * 5)] * 10,
            Entry(provider="removebg", operation="account", seconds=2, error="TimedOut", possible_double_charge=True),
        ]
        assert summary(*calls).text().splitlines() == [
            "pixian-shim: 13 calls, 11 failed",
            "  calls       removebg  account    1",
            "              removebg  removebg  12",
            "  processes   1",
            "  credits     0.5 charged",
            "              12.5 would have been, without test mode",
            "              1 call possibly charged twice",
            "  seconds     0.10 median  2.00 longest",
            "  failures    InsufficientCredits  10  no credits are left no credits are left …",
            "              TimedOut              1",
            "  parameters  type  ignored    1",
            "              size  converted  2",
        ]

    def test_for_people_holds_nothing_that_steers_a_terminal(self):
        found = summary(entry(notes=(Told("\x1b[31m\x07red", "", "ignored"),), error="E", message="a\r\nb\x1b]0;t"))
        assert found.text().replace("\n", "").isprintable()
        assert "a b?]0;t" in found.text()

    def test_no_line_is_wider_than_a_terminal(self):
        wide = entry(notes=(Told("n" * 100, "", "ignored"),), error="E" * 100, message="m" * 100)
        texts = [summary(wide).text(), Summary().text(), Summary(started=1, providers=["provider"] * 20).text()]
        assert max(len(line) for text in texts for line in text.splitlines()) == 80

    def test_for_machines_is_json_also_without_a_call(self):
        found = json.loads(json.dumps(Summary().as_json()))
        assert (found["calls"], found["seconds"]) == (0, {"median": None, "max": None})
