"""The pictures of a pair: what is drawn, how large, and what a broken photo does."""

import numpy as np
import pytest
from PIL import Image

from compare_pictures import figure
from pixian_shim.compare import Views
from pixian_shim.compare.measuring.align import Overlay
from pixian_shim.compare.measuring.views import heat
from pixian_shim.geometry import Box

FULL, EMPTY = (90, 90, 90, 255), (0, 0, 0, 0)


def plain(*pixels):
    return np.array([pixels], np.uint8)


@pytest.fixture
def pair():
    return Overlay.of(figure((800, 600)), figure((800, 600), arm=False))


def opened(folder, name):
    with Image.open(folder / name) as image:
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize(
    ("left", "right", "strongest"),
    [(FULL, EMPTY, 0), (EMPTY, FULL, 2), ((90, 90, 90, 255), (190, 90, 90, 255), 0)],
)
def test_heat_tells_which_side_lacks_what(left, right, strongest):
    drawn = heat(plain(left), plain(right))[0, 0]
    assert drawn[3] > 200
    assert int(drawn[:3].argmax()) == strongest


def test_heat_is_amber_only_where_colours_differ():
    amber = heat(plain((90, 90, 90, 255)), plain((190, 90, 90, 255)))[0, 0, :3]
    red = heat(plain(FULL), plain(EMPTY))[0, 0, :3]
    assert amber[1] > 100 > red[1]


def test_heat_is_empty_where_nothing_differs_and_ignores_colours_that_nobody_sees():
    same = figure((60, 50))
    assert not heat(same, same.copy())[..., 3].any()
    assert not heat(plain((255, 0, 0, 0)), plain((0, 255, 0, 0)))[..., 3].any()
    assert not heat(plain((90, 90, 90, 255)), plain((92, 90, 90, 255)))[..., 3].any()


def test_the_stronger_the_difference_the_more_opaque():
    strengths = [int(heat(plain((9, 9, 9, alpha)), plain(EMPTY))[0, 0, 3]) for alpha in (10, 60, 120, 200)]
    assert strengths == sorted(strengths)
    assert len(set(strengths)) == 4


def test_every_view_is_written_within_its_size(pair, tmp_path):
    photo = tmp_path / "photo.png"
    Image.new("RGB", (1600, 1200), "red").save(photo)
    names = Views(tmp_path / "pictures", side=400).draw("abc", pair, Box(300, 500, 96, 96), photo)
    expected = "left right heat left_thumb right_thumb left_spot right_spot heat_spot original"
    assert set(names) == set(expected.split())
    sizes = {view: opened(tmp_path / "pictures", name).shape[1::-1] for view, name in names.items()}
    assert sizes["left"] == sizes["right"] == sizes["heat"] == (400, 300)
    assert sizes["left_thumb"] == (112, 84)
    assert sizes["left_spot"] == sizes["right_spot"] == sizes["heat_spot"] == (320, 320)
    assert sizes["original"] == (400, 300)
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == sorted(names.values())


def test_the_spot_is_shown_at_full_size_and_stays_within_the_canvas(pair, tmp_path):
    for spot in (Box(0, 0, 96, 96), Box(560, 760, 40, 40), Box(300, 400, 96, 96)):
        names = Views(tmp_path).draw("spot", pair, spot, None)
        drawn = opened(tmp_path, names["left_spot"])
        assert drawn.shape == (320, 320, 4)
    middle = pair.left[300 + 48 - 160 : 300 + 48 + 160, 400 + 48 - 160 : 400 + 48 + 160]
    assert np.abs(drawn[..., 3].astype(int) - middle[..., 3]).mean() < 1


def test_pictures_smaller_than_a_view_stay_as_they_are(tmp_path):
    small = Overlay.of(figure((90, 60)), figure((90, 60)))
    names = Views(tmp_path).draw("small", small, Box(10, 10, 16, 16), None)
    assert opened(tmp_path, names["left"]).shape == (60, 90, 4)
    assert opened(tmp_path, names["left_thumb"]).shape == (60, 90, 4)
    assert opened(tmp_path, names["left_spot"]).shape == (60, 90, 4)


def test_a_photo_that_cannot_be_read_costs_only_itself(pair, tmp_path):
    broken = tmp_path / "photo.jpg"
    broken.write_bytes(b"\xff\xd8 nothing")
    for photo in (broken, tmp_path / "none.jpg"):
        names = Views(tmp_path / "pictures").draw("abc", pair, None, photo)
        assert set(names) == {"left", "right", "heat", "left_thumb", "right_thumb"}


@pytest.mark.parametrize("side", ["left", "right"])
def test_of_a_pair_with_one_readable_side_that_side_is_drawn(tmp_path, side):
    from pixian_shim.compare._work import Task, work

    good, cut = tmp_path / "good.png", tmp_path / "cut.png"
    Image.fromarray(figure((200, 150))).save(good)
    cut.write_bytes(good.read_bytes()[:300])
    paths = {"left": cut, "right": cut} | {side: good}
    done = work(Task(**paths, stored=("", ""), original=None, views=Views(tmp_path / "drawn"), max_pixels=10**6))
    assert sorted(done.views) == [side, f"{side}_thumb"]
    assert all((tmp_path / "drawn" / name).is_file() for name in done.views.values())
