"""The tree of errors: drawn in its docstring, and able to travel between processes."""

import copy
import pickle
import re

import pytest

from error_tree import EXAMPLES, tree
from pixian_shim import errors


def test_the_tree_is_drawn_whole():
    drawn = set(re.findall(r"^ {4}[│ ]*(?:[├└]── )?(\w+)", errors.__doc__, re.MULTILINE))
    assert drawn == {kind.__name__ for kind in tree()}


def test_every_error_has_an_example():
    assert {type(error) for error in EXAMPLES} == tree()


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
def test_errors_can_be_copied_to_another_process(error, copied):
    again = copied(error)
    assert (type(again), str(again), again.args, vars(again)) == (type(error), str(error), error.args, vars(error))
