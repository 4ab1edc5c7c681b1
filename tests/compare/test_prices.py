"""What it cost: money for credits, the user's own price of a picture where credits are not known."""

import tomllib

import pytest

from pixian_shim.compare import Item, Prices, load_prices
from pixian_shim.compare._comparison import account
from pixian_shim.compare.judging.prices import TEMPLATE
from pixian_shim.errors import ConfigurationError


def answers(*credits, error=""):
    return [Item(name=f"{number}", keys=(), credits=one, error=error) for number, one in enumerate(credits)]


def cost(items, prices, *, title="old", provider="removebg"):
    found = account(title, provider, items, prices)
    return found.money, found.estimated, found.unpriced


def test_known_credits_are_turned_into_money():
    assert cost(answers(1.0, 0.25), Prices(credit={"removebg": 0.2})) == (0.25, 0, 0)


def test_without_any_price_there_is_no_money():
    assert cost(answers(1.0, None), Prices()) == (None, 0, 2)


def test_answers_of_unknown_credits_are_not_part_of_the_money():
    assert cost(answers(1.0, None), Prices(credit={"removebg": 0.2})) == (0.2, 0, 1)


def test_a_folder_is_priced_by_its_name():
    assert cost(answers(None, None, None), Prices(picture={"old": 0.5}), provider="") == (1.5, 3, 0)


def test_a_side_is_priced_by_its_provider_if_not_by_its_name():
    prices = Prices(picture={"removebg": 0.5, "removebg (baseline)": 0.25})
    assert cost(answers(None), prices)[0] == 0.5
    assert cost(answers(None), prices, title="removebg (baseline)")[0] == 0.25


def test_known_credits_and_own_prices_add_up():
    assert cost(answers(2.0, None), Prices(credit={"removebg": 0.2}, picture={"removebg": 0.5})) == (0.9, 1, 0)


def test_credits_without_a_price_are_priced_by_picture():
    assert cost(answers(2.0, 3.0), Prices(picture={"removebg": 0.5})) == (1.0, 2, 0)


def test_a_refused_answer_is_not_priced_as_a_picture():
    items = [*answers(None), *answers(None, error="the provider answered 400")]
    assert cost(items, Prices(picture={"removebg": 0.5})) == (0.5, 1, 1)


def test_a_refused_answer_that_was_charged_is_paid_for():
    assert cost(answers(1.0, error="refused"), Prices(credit={"removebg": 0.2})) == (0.2, 0, 0)


def test_what_is_free_is_free():
    assert cost(answers(None), Prices(picture={"old": 0.0})) == (0.0, 1, 0)
    assert cost(answers(0.0), Prices(credit={"removebg": 0.2})) == (0.0, 0, 0)


def test_without_answers_nothing_is_estimated():
    assert cost([], Prices(credit={"removebg": 0.2}, picture={"old": 1})) == (None, 0, 0)


def test_a_thousand_tenths_are_a_hundred():
    assert account("", "removebg", answers(*[0.1] * 1000), Prices(credit={"removebg": 1.0})).credits == 100
    assert account("", "removebg", answers(*[0.1] * 1000), Prices(credit={"removebg": 1.0})).money == 100


def test_the_money_for_one_is_over_those_that_it_is_known_of():
    found = account("old", "removebg", answers(1.0, 3.0, None), Prices(credit={"removebg": 0.2}))
    assert found.each == pytest.approx(0.4)
    assert account("old", "removebg", answers(None), Prices()).each is None


def loaded(tmp_path, text):
    path = tmp_path / "prices.toml"
    path.write_text(text)
    return load_prices(path)


def test_a_table_of_prices_is_read(tmp_path):
    text = 'currency = "EUR"\n[credit]\nremovebg = 0.2\n[picture]\nold = 1\n"old.v2" = 0'
    assert loaded(tmp_path, text) == Prices("EUR", {"removebg": 0.2}, {"old": 1.0, "old.v2": 0.0})


def test_the_template_can_be_read_and_tells_no_price(tmp_path):
    assert loaded(tmp_path, TEMPLATE) == Prices()
    filled = TEMPLATE.replace("# old", "old").replace("# removebg = 0.20   #", "removebg = 0.20   #")
    assert loaded(tmp_path, filled).picture == {"old": 0.18}
    assert set(tomllib.loads(TEMPLATE)) == {"currency", "credit", "picture"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[credit", "prices.toml is no TOML: Expected"),
        ("[credits]\na = 1", "'credits' is none of currency, credit, picture; did you mean 'credit'?"),
        ("removebg = 1", "'removebg' is none of currency, credit, picture; a price stands in [credit] or in [picture]"),
        ("credit = 1", "credit is a table of prices: write [credit], not 1"),
        ("[[picture]]\na = 1", "picture is a table of prices: write [picture]"),
        ("[credit]\nremove.bg = 1", '[credit] remove: a name with a dot, or with other signs, is put into "..."'),
        ("[credit]\na = '0.2'", "[credit] a is a number from 0 on, not '0.2'"),
        ("[picture]\na = -1", "[picture] a is a number from 0 on, not -1"),
        ("[credit]\na = true", "[credit] a is a number from 0 on, not true"),
        ("[credit]\na = " + "9" * 400, "[credit] a is a number from 0 on, not a number too large"),
        ("currency = 2020-01-01", "not 2020-01-01"),
        ("[credit]\na = inf", "[credit] a is a number from 0 on, not inf"),
        ("[credit]\na = nan", "[credit] a is a number from 0 on, not nan"),
        ("currency = 3", "currency is the code of one"),
        ("currency = ''", "currency is the code of one"),
    ],
)
def test_a_wrong_table_of_prices_says_what_is_wrong_and_where(tmp_path, text, said):
    with pytest.raises(ConfigurationError) as refusal:
        loaded(tmp_path, text)
    assert said in str(refusal.value)
    assert "prices.toml" in str(refusal.value)


def test_a_table_of_prices_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"prices\.toml cannot be read: No such file"):
        load_prices(tmp_path / "prices.toml")
