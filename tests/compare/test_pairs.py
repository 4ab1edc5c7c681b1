"""Which answers belong together: by certainty, never by luck."""

import random
import time
import unicodedata

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.compare import Item, Side
from pixian_shim.compare.sides.names import keys, plain
from pixian_shim.compare.sides.pairs import TIERS, pairs


def named(*names):
    return Side("a side", "", tuple(Item(name=name, keys=keys(name)) for name in names))


def asked(*answers):
    """Give answers to photos, each ``(photo, parameters)`` or ``(photo, parameters, name)``."""
    items = []
    for photo, parameters, *name in answers:
        by_name = keys(name[0]) if name else ()
        items.append(
            Item(
                name=name[0] if name else f"photo {photo}",
                keys=(f"asked {photo} {parameters}", f"photo {photo}", *by_name),
                parameters={"p": parameters},
                original=photo,
            )
        )
    return Side("asked", "", tuple(items))


def about(photo, name):
    """Give a file whose photo is known by its name."""
    return Item(name=name, keys=(f"photo {photo}", *keys(name)), original=photo)


def found(left, right):
    """Give the names of each pair, in order."""
    return [(pair.left and pair.left.name, pair.right and pair.right.name) for pair in pairs(left, right)]


def whys(left, right):
    return {(pair.left or pair.right).name: pair.why for pair in pairs(left, right) if not (pair.left and pair.right)}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("photo.png", "photo.png"),
        ("photo.png", "photo.webp"),
        ("photo.jpg", "photo.jpg.png"),
        ("photo.png", "photo_no_bg.png"),
        ("photo.png", "photo-no-bg.png"),
        ("photo.png", "photo_nobg.png"),
        ("photo.png", "photo-removebg-preview.png"),
        ("photo.png", "photo-removebg-preview (1).png"),
        ("photo.png", "photo (1).png"),
        ("photo.png", "photo copy.png"),
        ("photo.png", "photo - Copy (2).png"),
        ("photo.png", "photo_out.png"),
        ("photo.png", "photo.out.png"),
        ("photo.png", "photo_output.png"),
        ("photo.png", "photo-Photoroom.png"),
        ("photo.png", "photo-PhotoRoom.png-PhotoRoom.png"),
        ("photo.png", "photo_rembg.png"),
        ("photo.png", "rembg_photo.png"),
        ("photo.png", "no-bg-photo.png"),
        ("photo.png", "photo_background_removed.png"),
        ("photo.png", "photo-without-background.png"),
        ("photo.jpg", "photo.jpg_no_bg.png"),
        ("photo_no_bg.png", "photo-pixian.webp"),
        ("Photo.JPG", "photo.png"),
        ("a/photo.png", "a/photo_out.png"),
        ("a/photo.png", "photo.png"),
        ("a/photo.png", "b/photo.png"),
        ("photo.v2.png", "photo.v2_no_bg.png"),
        ("out.png", "out.webp"),
        ("no_bg.png", "no_bg.png"),
        (unicodedata.normalize("NFC", "Fußgänger é.png"), unicodedata.normalize("NFD", "Fußgänger é.png")),
        (unicodedata.normalize("NFC", "é.png"), unicodedata.normalize("NFD", "é_no_bg.png")),
        ("a\nb.png", "a\nb_out.png"),
        ("\udc80.png", "\udc80.webp"),
        ("\u202egnp.exe.png", "\u202egnp.exe.png"),
    ],
)
def test_names_that_differ_by_what_removers_add_belong_together(left, right):
    told = found(named(left, "zebra.png"), named("zebra.png", right))
    assert sorted(told) == sorted([(left, right), ("zebra.png", "zebra.png")])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("photo1.png", "photo2.png"),
        ("photo.png", "photograph.png"),
        ("photo v1.png", "photo v2.png"),
        ("photo.v1.png", "photo.v2.png"),
        ("output.png", "photo.png"),
        ("layout.png", "lay.png"),
        ("preview.png", "transparent.png"),
    ],
)
def test_names_that_differ_otherwise_do_not(left, right):
    assert found(named(left), named(right)) == [(left, None), (None, right)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # The same name in two folders.
        (["x/a.png", "y/a.png"], ["x/a.png", "y/a.png"], [("x/a.png", "x/a.png"), ("y/a.png", "y/a.png")]),
        # A more certain name wins over a less certain one.
        (["a.png", "a_no_bg.png"], ["a.png"], [("a.png", "a.png"), ("a_no_bg.png", None)]),
        (["a.jpg", "a.png"], ["a.png"], [("a.jpg", None), ("a.png", "a.png")]),
        (["A.png", "a.png"], ["a.png", "A.png"], [("A.png", "A.png"), ("a.png", "a.png")]),
        (["a (1).png", "a.png"], ["a_out (1).png", "a_out.png"], [("a (1).png", "a_out (1).png"), ("a.png", "a_out.png")]),
        # Inner suffixes tell apart where they can.
        (
            ["a.jpg.png", "a.webp.png"],
            ["a.jpg_out.png", "a.webp_out.png"],
            [("a.jpg.png", "a.jpg_out.png"), ("a.webp.png", "a.webp_out.png")],
        ),
        (
            ["A.jpg.png", "A.webp.png"],
            ["a.jpg_out.png", "a.webp_out.png"],
            [("A.jpg.png", "a.jpg_out.png"), ("A.webp.png", "a.webp_out.png")],
        ),
        # Outputs that lie beside the photos, in one folder: what is certain leaves one on either side.
        (
            ["a.jpg", "a_no_bg.png"],
            ["a.jpg", "a_out.png"],
            [("a.jpg", "a.jpg"), ("a_no_bg.png", "a_out.png")],
        ),
        # Without the folders, "the only one left" would be a guess.
        (["x/a.png", "y/a.png"], ["x/a.png", "a.png"], [("x/a.png", "x/a.png"), ("y/a.png", None), (None, "a.png")]),
        (["x/a.png", "y/a.png"], ["a.png"], [("x/a.png", None), ("y/a.png", None), (None, "a.png")]),
        (["x/a.png", "y/a.png"], ["z/a.png", "w/a.png"], [("x/a.png", None), ("y/a.png", None), (None, "w/a.png"), (None, "z/a.png")]),
        (["a_1.png", "a (1).png", "a (2).png"], ["a.png"], [("a (1).png", None), ("a (2).png", None), ("a_1.png", None), (None, "a.png")]),
        # As many on both sides is no reason: a list's order means nothing.
        (
            ["a.png", "a.webp"],
            ["a_out.png", "a_nobg.png"],
            [("a.png", None), ("a.webp", None), (None, "a_nobg.png"), (None, "a_out.png")],
        ),
    ],
)  # fmt: skip
def test_of_several_that_might_fit_only_a_certain_one_is_taken(left, right, expected):
    assert found(named(*left), named(*right)) == expected


def test_what_might_fit_and_was_not_taken_is_named():
    told = whys(named("x/a.png", "y/a.png"), named("a.png"))
    assert told["x/a.png"] == "it cannot be told whether it belongs to a.png"
    assert told["a.png"] == "it cannot be told whether it belongs to x/a.png, y/a.png"


def test_of_many_that_might_fit_three_are_named():
    told = whys(named(*(f"{folder}/a.png" for folder in "pqrst")), named("a.png"))
    assert told["a.png"] == "it cannot be told whether it belongs to p/a.png, q/a.png, r/a.png, ..."


def test_what_fits_nothing_is_alone_without_further_words():
    assert whys(named("a.png"), named("b.png")) == {"a.png": "", "b.png": ""}


def test_a_photo_known_by_content_needs_no_name():
    right = Side("right", "", (about("cafe", "result-7.png"), about("beef", "result-8.png")))
    left = asked(("beef", "size=full"), ("cafe", "size=full"))
    assert found(left, right) == [("photo beef", "result-8.png"), ("photo cafe", "result-7.png")]


def test_content_is_more_certain_than_a_name():
    left = Side("left", "", (about("cafe", "1.png"), about("beef", "2.png")))
    right = Side("right", "", (about("beef", "1.png"), about("cafe", "2.png")))
    assert found(left, right) == [("1.png", "2.png"), ("2.png", "1.png")]


def test_the_same_photo_under_two_names_is_matched_by_name():
    left = Side("left", "", (about("cafe", "a.png"), about("cafe", "b.png")))
    right = Side("right", "", (about("cafe", "b_out.png"), about("cafe", "a_out.png")))
    assert found(left, right) == [("a.png", "a_out.png"), ("b.png", "b_out.png")]


def test_each_set_of_parameters_is_compared_with_the_same_set():
    left = asked(("cafe", "full"), ("cafe", "preview"))
    right = asked(("cafe", "preview"), ("cafe", "full"))
    assert [(pair.left.parameters, pair.right.parameters) for pair in pairs(left, right)] == [
        ({"p": "full"}, {"p": "full"}),
        ({"p": "preview"}, {"p": "preview"}),
    ]


def test_other_parameters_are_another_question_where_a_photo_was_asked_about_twice():
    left = asked(("cafe", "full", "a.jpg"), ("cafe", "preview", "a.jpg"))
    right = asked(("cafe", "full", "a.jpg"), ("cafe", "4k", "a.jpg"))
    told = pairs(left, right)
    assert [(pair.left is not None, pair.right is not None) for pair in told] == [
        (True, True),
        (True, False),
        (False, True),
    ]
    assert told[1].why == "a.jpg is another photo there, or was asked with other parameters"


def test_other_parameters_do_not_matter_where_either_side_has_one_answer():
    """Two providers' parameters are never the same."""
    assert len(pairs(asked(("cafe", "size=full")), asked(("cafe", "output=max")))) == 1


def test_a_file_is_not_given_to_one_of_several_answers_for_its_photo():
    left = asked(("cafe", "full", "a.jpg"), ("cafe", "preview", "a.jpg"))
    right = Side("right", "", (about("cafe", "a.png"),))
    assert [(pair.left is None, pair.right is None) for pair in pairs(left, right)] == [
        (False, True),
        (False, True),
        (True, False),
    ]


def test_photos_of_one_name_and_other_content_are_not_compared():
    left, right = asked(("cafe", "", "1.jpg")), asked(("beef", "", "1.jpg"))
    assert found(left, right) == [("1.jpg", None), (None, "1.jpg")]
    assert whys(left, right)["1.jpg"].startswith("1.jpg is another photo there")


def test_a_recorded_answer_and_a_file_of_its_name_are_compared():
    assert found(asked(("cafe", "", "a.jpg")), named("a_no_bg.png")) == [("a.jpg", "a_no_bg.png")]


def test_answers_to_one_question_asked_repeatedly_are_taken_in_order():
    left = asked(*[("cafe", "full")] * 3)
    right = asked(*[("cafe", "full")] * 2)
    told = pairs(left, right)
    assert [(pair.left is not None, pair.right is not None) for pair in told] == [
        (True, True),
        (True, True),
        (True, False),
    ]
    assert told[2].why == "the same was asked 3 times here and 2 there"


def test_both_answers_to_one_call_belong_together_however_often_it_was_made():
    def side(*calls):
        items = asked(*[("cafe", "full")] * len(calls)).items
        return Side("observed", "", tuple(attrs.evolve(item, keys=(f"call {call}", *item.keys), error=call) for item, call in zip(items, calls, strict=True)))  # fmt: skip

    told = pairs(side("1", "2", "3"), side("3", "1", "2"))
    assert all(pair.left.error == pair.right.error for pair in told)


@pytest.mark.parametrize(
    ("left", "right", "name"),
    [
        ("a.png", "a_no_bg.png", "a.png"),
        ("a-removebg-preview.png", "a.png", "a-removebg-preview.png"),
        ("a-removebg-preview.png", None, "a-removebg-preview.png"),
        (None, "a-cut.png", "a-cut.png"),
        ("photo 1.png", "b.png", "photo 1.png"),
        ("photo 0123456789ab", "a very long name.png", "a very long name.png"),
        ("photo 0123456789ab", None, "photo 0123456789ab"),
    ],
)
def test_a_pair_is_called_as_the_left_side_calls_it_whatever_the_right_one_has(left, right, name):
    sides = (() if one is None else (Item(name=one, keys=("photo x",)),) for one in (left, right))
    (pair,) = pairs(*(Side("", "", items) for items in sides))
    assert pair.name == name


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Photo.PNG", "photo"),
        ("x/photo.jpg.png", "photo"),
        ("photo-PhotoRoom.png-PhotoRoom.png", "photo"),
        ("no_bg.png", "no_bg"),
        ("no_bg.jpg.png", "no_bg"),
        (".png", ".png"),
        ("photo.v2.png", "photo.v2"),
        ("-out.png", "-out"),
    ],
)
def test_something_is_always_left_of_a_name(name, left):
    assert plain(name) == left


def test_every_kind_of_key_of_a_name_has_its_tier():
    assert [key.partition(" ")[0] for key in keys("a.png")] == [tier.name for tier in TIERS if tier.named]


TEXTS = st.text(alphabet="ab.()_ -1/", min_size=1, max_size=8).filter(lambda text: text.strip("/. "))
NAMES = st.one_of(TEXTS, st.sampled_from(["a", "b"]).flatmap(
    lambda stem: st.sampled_from([f"{stem}{added}" for added in (".png", ".jpg.png", "_no_bg.png", " (1).png", "_out.webp")])
))  # fmt: skip


@st.composite
def sides(draw):
    items = []
    for name in draw(st.lists(NAMES, max_size=8)):
        photo = draw(st.sampled_from(["", "cafe", "beef"]))
        known = (f"asked {photo} {draw(st.sampled_from('pq'))}", f"photo {photo}") if photo else ()
        known = known if draw(st.booleans()) else known[1:]
        items.append(Item(name=name, keys=(*known, *keys(name)), original=photo))
    return Side("", "", tuple(items))


@given(sides(), sides())
def test_every_answer_is_in_exactly_one_pair(left, right):
    told = pairs(left, right)
    for side, items in (("left", left.items), ("right", right.items)):
        assert sorted(id(item) for pair in told if (item := getattr(pair, side))) == sorted(map(id, items))
    assert all(pair.left or pair.right for pair in told)


@given(sides(), sides(), st.randoms())
def test_the_order_of_a_listing_decides_nothing(left, right, dice):
    def told(left, right):
        return [
            ([(item.name, item.keys) if item else None for item in (pair.left, pair.right)], pair.why)
            for pair in pairs(left, right)
        ]

    def mixed(side):
        return attrs.evolve(side, items=tuple(dice.sample(side.items, len(side.items))))

    assert told(mixed(left), mixed(right)) == told(left, right)


@given(sides(), sides())
def test_it_does_not_matter_which_side_is_the_left_one(left, right):
    there = {(pair.left, pair.right) for pair in pairs(left, right) if pair.left and pair.right}
    back = {(pair.right, pair.left) for pair in pairs(right, left) if pair.left and pair.right}
    assert there == back


def test_ten_thousand_pairs_are_found_at_once():
    names = [f"shop {number % 7}/photo-{number}.png" for number in range(10_000)]
    others = [name.replace(".png", "_no_bg.webp") for name in names]
    random.Random(1).shuffle(others)
    started = time.perf_counter()
    told = pairs(named(*names), named(*others))
    assert time.perf_counter() - started < 8
    assert len(told) == 10_000
    assert all(pair.left.name.replace(".png", "") in pair.right.name for pair in told)
