"""The same scripts, run with each real package and with its drop-in: what their callers can see must not differ."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from legacy_packages import Unavailable, folder

HERE = Path(__file__).parent
PACKAGES = ("removebg", "remove-bg-api", "remove-bg", "rembgpy", "removebgplus", "pyclipdrop")
UNEDITED = ("unedited", "unedited_clipdrop")
"""Code that uses requests alone, through the door, for each provider."""

NO_ERRORS_LOST = "a folder that does not exist is found out before anything is asked, on bad days too"
NOT_SENT = "it is sent nowhere, so nobody can refuse it"
KNOWN = "the answer is known without asking, on bad days too"
DEVIATIONS = {
    ("removebg", "the_keyword_of_the_readme"): "the keyword that the README promises is accepted",
    ("removebg", "an_output_folder_that_does_not_exist"): NO_ERRORS_LOST,
    ("remove-bg-api", "its_own_default_size"): "a charge of 0.25 does not lose the paid result",
    ("remove-bg-api", "an_output_folder_that_does_not_exist"): NO_ERRORS_LOST,
    ("rembgpy", "an_output_folder_that_does_not_exist"): NO_ERRORS_LOST,
    ("rembgpy", "a_local_path"): "a path is sent as a file, not as an address",
    ("rembgpy", "on_a_picture_by_path"): "the background is sent",
    ("removebgplus", "an_output_folder_that_does_not_exist"): NO_ERRORS_LOST,
    ("unedited", "training_material"): NOT_SENT,
    ("unedited", "an_unknown_path"): KNOWN,
    ("removebgplus", "base64_text"): "the picture is sent in a field that the service knows",
    ("pyclipdrop", "an_output_that_is_a_folder"): NO_ERRORS_LOST,
    ("pyclipdrop", "a_transparent_picture_is_its_own_result"): NOT_SENT,
    ("pyclipdrop", "asked_for_by_name"): NOT_SENT,
    ("unedited_clipdrop", "a_transparent_picture"): NOT_SENT,
    ("pyclipdrop", "another_version"): KNOWN,
    ("unedited_clipdrop", "another_path"): KNOWN,
}
"""Where a drop-in does otherwise on purpose; each is documented in its module and tested in test_removebg_sdk*.py."""

WEBSITE = {f"removebg.removebg.RemoveBg.{name}" for name in ("_preauth", "_login_credentials", "_get_profile")} | {
    f"removebg.RemoveBg.{name}" for name in ("_preauth", "_login_credentials", "_get_profile")
}
"""Private methods that drove remove.bg's website."""
WITHIN = ("pyclipdrop.client.InputFileHandler", "pyclipdrop.client.OutputFileHandler")
"""Classes that a package uses itself, and nobody imports from it."""


@pytest.fixture(scope="session")
def observed(tmp_path_factory):
    """Give the observations of a package: of the real one, of the drop-in, and of the drop-in while all is legacy."""

    @cache
    def sides(package):
        try:
            legacy = "" if package in UNEDITED else folder(package)
        except Unavailable as error:
            pytest.skip(str(error))
        work = tmp_path_factory.mktemp(package)
        with ThreadPoolExecutor(2) as pool:
            return tuple(pool.map(lambda side: observe(side, package, legacy, work), ("real", "drop-in", "rolled")))

    return sides


def observe(side, package, legacy, work):
    out = work / f"{side}.json"
    command = [sys.executable, HERE / "observer.py", side, package, legacy, out]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(out.read_text())


def expected(run, real, ours):
    """Give what the drop-in may show: what the real package does.

    Where the drop-in finds out by itself that a picture is not worth sending, it may say so on bad days too, as the real
    package says on the fine day. Whether a service looks at the credits or at the picture first is not documented.
    """
    script, _, situation = run.partition(", ")
    fine = f"{script}, fine"
    if situation == "no credits" and real["seen"][fine]["raised"]:
        return [real["seen"][run], real["seen"][fine]]
    found_out = real["pictures sent"][fine] > ours["pictures sent"][fine] == 0
    return [real["seen"][run], real["seen"][fine]] if found_out else [real["seen"][run]]


def differences(real, ours):
    """Say where two observations differ, part by part."""
    return {part: {"real": real[part], "drop-in": ours[part]} for part in real if real[part] != ours[part]}


@pytest.mark.parametrize("package", [*PACKAGES, *UNEDITED])
def test_scripts_see_the_same(package, observed):
    real, ours, _ = observed(package)
    assert_same(package, real, ours)


@pytest.mark.parametrize("package", [*PACKAGES, *UNEDITED])
def test_scripts_see_the_same_while_a_rollout_leaves_all_to_the_provider(package, observed):
    real, _, rolled = observed(package)
    assert_same(package, real, rolled)
    assert any(rolled["pictures sent"].values())


def assert_same(package, real, ours):
    assert real["seen"].keys() == ours["seen"].keys()
    different = {
        run: differences(seen, ours["seen"][run])
        for run, seen in real["seen"].items()
        if ours["seen"][run] not in expected(run, real, ours) and (package, run.partition(",")[0]) not in DEVIATIONS
    }
    assert not different, json.dumps(different, indent=1)


@pytest.mark.parametrize(("package", "script"), DEVIATIONS)
def test_each_deviation_is_still_one(package, script, observed):
    real, ours, _ = observed(package)
    assert any(seen != ours["seen"][run] for run, seen in real["seen"].items() if run.startswith(f"{script}, "))


@pytest.mark.parametrize("package", [*PACKAGES, *UNEDITED])
def test_scripts_do_something_on_every_day(package, observed):
    real, *_ = observed(package)
    outcomes = {run: (seen["raised"] or {}).get("class") for run, seen in real["seen"].items()}
    good = [run for run, outcome in outcomes.items() if run.endswith(", fine") and outcome is None]
    assert len(good) >= 5
    for situation in ("wrong key", "no credits", "busy", "broken", "unreachable"):
        assert any(outcome for run, outcome in outcomes.items() if run.endswith(situation))


@pytest.mark.parametrize("package", PACKAGES)
def test_signatures_are_the_same_but_for_extra_keywords(package, observed):
    real, ours, _ = observed(package)
    assert real["signatures"]
    for path, theirs in real["signatures"].items():
        if path in WEBSITE or path.startswith(WITHIN) or path.endswith("__str__"):
            continue
        assert path in ours["signatures"], path
        mine = ours["signatures"][path]
        if theirs == "class":
            assert mine == "class", path
            continue
        extra = [parameter for parameter in mine if parameter not in theirs]
        assert [parameter for parameter in mine if parameter in theirs] == theirs, path
        assert all(kind in ("KEYWORD_ONLY", "VAR_KEYWORD") for _, kind, _ in extra), (path, extra)
        assert not extra or (path.startswith("removebg.") and "remove_background_from_" in path), (path, extra)


@pytest.mark.parametrize(("ci", "kind"), [("", Unavailable), ("true", AssertionError)])
def test_a_package_that_cannot_be_had_says_so(tmp_path, monkeypatch, ci, kind):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(kind, match=r"rembgpy==1\.0\.1 cannot be installed: .*rembgpy"):
        folder("rembgpy", tmp_path)
    assert not list(tmp_path.iterdir())
