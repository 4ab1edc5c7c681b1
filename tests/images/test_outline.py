import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from pixian_shim.images import foreground_box, outline
from pixian_shim.images._outline import _distances

WHITE = (255, 255, 255, 255)


def disk(side, radius):
    rows, columns = np.ogrid[:side, :side]
    away = np.sqrt((rows - side / 2 + 0.5) ** 2 + (columns - side / 2 + 0.5) ** 2)
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[..., 3] = np.clip(radius - away + 0.5, 0, 1) * 255 + 0.5
    return rgba, away


def test_the_line_lies_around_the_subject_and_nowhere_else(subject):
    drawn = outline(subject((60, 50), (20, 20, 10, 10)), width=4, colour=(0, 0, 255, 255))
    assert foreground_box(drawn[..., 3], 127) == (16, 16, 18, 18)
    assert drawn[25, 25].tolist() == [200, 30, 10, 255], "the subject"
    assert drawn[25, 17].tolist() == [0, 0, 255, 255], "the line"
    assert not drawn[25, 10:15].any(), "beside it"


def test_its_corners_are_round(subject):
    drawn = outline(subject((60, 60), (20, 20, 20, 20)), width=10, colour=WHITE)
    assert drawn[12, 30, 3] == 255
    assert drawn[12, 12, 3] == 0


@pytest.mark.parametrize(
    ("side", "radius", "width", "tolerance"),
    [(200, 50, 1, 0.3), (200, 50, 3.5, 0.4), (300, 50, 10, 0.6), (600, 80, 60, 1), (1500, 200, 200, 3.5)],
)
def test_it_is_as_wide_as_asked(side, radius, width, tolerance):
    rgba, away = disk(side, radius)
    alpha = outline(rgba, width=width, colour=WHITE)[..., 3] / 255
    assert np.sqrt(alpha.sum() / np.pi) == pytest.approx(radius + width, abs=tolerance / 2)
    assert alpha[away < radius + width - tolerance - 1].min() == 1
    assert alpha[away > radius + width + tolerance + 1].max() == 0


def test_its_edge_is_smooth():
    rgba, _ = disk(200, 50)
    alpha = outline(rgba, width=10, colour=WHITE)[..., 3]
    assert len(np.unique(alpha)) > 15


def test_distances_are_euclidean(noise):
    solid = noise(90, 70) > 253
    found, true = _distances(solid, 18), distance_transform_edt(~solid)
    assert np.allclose(found[true < 18], true[true < 18], atol=1e-4)
    assert found[true >= 18].min(initial=18) >= 18


def test_a_translucent_line_and_a_blurred_one(subject):
    rgba = subject((80, 80), (30, 30, 20, 20))
    assert outline(rgba, width=5, colour=(0, 0, 0, 128))[40, 27, 3] == 128
    soft = outline(rgba, width=5, colour=(0, 0, 0, 255), sigma=3)[40, :30, 3].astype(int)
    assert (np.diff(soft) >= 0).all()
    assert 0 < soft[25] < 200


def test_it_does_not_shine_through_a_translucent_subject(subject):
    rgba = subject((60, 60), (20, 20, 20, 20), (200, 30, 10, 200))
    assert outline(rgba, width=4, colour=WHITE)[30, 30].tolist() == [200, 30, 10, 200]


@pytest.mark.parametrize("width", [0.4, 1, 7, 24, 25, 400, 5000])
@pytest.mark.parametrize("box", [(0, 0, 1, 1), (39, 59, 1, 1), (0, 0, 60, 1), (0, 0, 1, 40), (0, 0, 60, 40)])
def test_any_subject_and_any_width_will_do(subject, box, width):
    drawn = outline(subject((60, 40), box), width=width, colour=WHITE, sigma=width / 4)
    assert drawn.shape == (40, 60, 4)


@pytest.mark.parametrize("alpha", [0, 100])
def test_without_anything_solid_nothing_changes(alpha):
    rgba = np.zeros((20, 30, 4), np.uint8)
    rgba[5:10, 5:10, 3] = alpha
    assert np.array_equal(outline(rgba, width=5, colour=WHITE), rgba)
