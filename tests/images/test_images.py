import subprocess
import sys

import pytest

from pixian_shim import images


def test_importing_the_package_imports_neither_numpy_nor_pillow():
    code = "import sys, pixian_shim.images; print({'numpy', 'PIL', 'isal'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", images.__all__)
def test_every_public_name_can_be_had(name):
    assert callable(getattr(images, name))
    assert name in dir(images)


def test_every_public_name_has_one_home():
    assert sorted({*images._HOMES, "Header", "may_be_transparent", "read_header"}) == images.__all__


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="sharpen"):
        images.sharpen  # noqa: B018


@pytest.mark.parametrize("missing", ["numpy", "PIL"])
def test_a_missing_library_is_answered_with_the_command_that_installs_it(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from pixian_shim.errors import MissingExtra\n"
        "try:\n    from pixian_shim.images import decode\n"
        "except MissingExtra as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "pixian-shim[images]"' in done.stdout
