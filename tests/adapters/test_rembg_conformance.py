"""The real rembg with a known mask, and the drop-in on a sandbox with the same mask: what programs see must not differ.

The real one runs without its models and without what it needs for alpha matting alone; see ``legacy_packages.py``.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from legacy_packages import Unavailable, folder

OBSERVER = Path(__file__).parent / "conformance" / "rembg_observer.py"
TO_THE_LAST_PIXEL = ", to the last pixel"
DARKENED_COLOURS = "soft pixels are darkened in rembg, which shows on a colour"
DEVIATIONS = {
    "white_background_made_rgb": DARKENED_COLOURS,
    "forced_positionally": DARKENED_COLOURS,
}
"""With straight colours, which is how the drop-in differs on purpose; with darkened ones nothing does."""

OF_ANOTHER_NAME = {"session_with_what_it_takes"}
"""Tells the session's name, which is ``pixian`` inside rembg."""

SERVER_DEVIATIONS = {"extras": "colours under alpha 0 are not kept in the file"}

COMMAND_DEVIATIONS = {
    "folder, deleted": "rembg deletes pictures that it has passed over, as a result of their name was there already",
    "folder onto itself, deleted": "rembg deletes pictures that are their own results",
}


@pytest.fixture(scope="session")
def sides(tmp_path_factory):
    try:
        legacy = folder("rembg")
    except Unavailable as error:
        pytest.skip(str(error))
    work = tmp_path_factory.mktemp("rembg")

    def observe(side):
        out = work / f"{side}.json"
        command = [sys.executable, OBSERVER, side, legacy, out]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(out.read_text())

    names = ("real", "straight", "darkened", "inside")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(observe, names), strict=True))


def differences(theirs, ours, left=()):
    assert theirs
    assert theirs.keys() == ours.keys()
    return {name: (seen, ours[name]) for name, seen in theirs.items() if ours[name] != seen and name not in left}


def test_programs_see_the_same_to_the_last_pixel_with_darkened_colours(sides):
    assert not differences(sides["real"]["seen"], sides["darkened"]["seen"])


def test_programs_see_the_same_but_for_soft_pixels_with_straight_colours(sides):
    real, ours = (
        {name: seen for name, seen in sides[side]["seen"].items() if not name.endswith(TO_THE_LAST_PIXEL)}
        for side in ("real", "straight")
    )
    assert not differences(real, ours, DEVIATIONS)


@pytest.mark.parametrize("name", DEVIATIONS)
def test_each_deviation_is_still_one(name, sides):
    assert sides["real"]["seen"][name] != sides["straight"]["seen"][name]


def test_pixian_inside_the_real_package_gives_what_its_own_sessions_give(sides):
    other = {f"{name}{rest}" for name in OF_ANOTHER_NAME for rest in ("", TO_THE_LAST_PIXEL)}
    assert not differences(sides["real"]["seen"], sides["inside"]["seen"], other)


def test_scripts_end_well_and_badly(sides):
    endings = [next(iter(seen)) for seen in sides["real"]["seen"].values()]
    assert endings.count("returned") > 80
    assert endings.count("raised") > 30


def test_signatures_are_the_same(sides):
    assert not differences(sides["real"]["signatures"], sides["straight"]["signatures"])


def test_every_module_and_class_can_be_imported_from_its_place(sides):
    real, ours = sides["real"]["surface"], sides["straight"]["surface"]
    assert set(ours["modules"]) - set(real["modules"]) == {"pixian"}
    assert len(real["classes"]) > 15
    assert set(real["classes"]) <= set(ours["classes"])


def test_the_server_answers_the_same(sides):
    assert not differences(sides["real"]["answered"], sides["straight"]["answered"], SERVER_DEVIATIONS)


@pytest.mark.parametrize("name", SERVER_DEVIATIONS)
def test_each_deviation_of_the_server_is_still_one(name, sides):
    assert sides["real"]["answered"][name] != sides["straight"]["answered"][name]


def test_commands_write_and_end_the_same(sides):
    assert not differences(sides["real"]["typed"], sides["straight"]["typed"], COMMAND_DEVIATIONS)


@pytest.mark.parametrize("name", COMMAND_DEVIATIONS)
def test_rembg_still_deletes_more(name, sides):
    real, ours = (sides[side]["typed"][name] for side in ("real", "straight"))
    assert set(real.pop("gone")) > set(ours.pop("gone"))
    assert real == ours
