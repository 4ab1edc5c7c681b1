"""The legacy programs in ``examples/`` run on the sandbox, and the demo shows what came out."""

import runpy
import shutil
import sys
from contextlib import chdir
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import pixian_shim
from pictures import BLUE, encoded, opened, photo, picture, subject_box
from pixian_shim import Shim, Verdict
from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Photo, Sandbox
from pixian_shim.translation import Note

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = {
    "coffee": "coffee.png",
    "flower": "flower.jpg",
    "grace_hopper": "grace_hopper.jpg",
    "chelsea": "chelsea.png",
    "astronaut": "astronaut.png",
    "rocket": "rocket.jpg",
}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    """Where the programs run, with two photos in it."""
    (tmp_path / "cup.png").write_bytes(photo())
    (tmp_path / "scene.jpg").write_bytes(encoded(picture(subject=None, background=BLUE), "JPEG"))
    with chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def start(sandbox, folder, monkeypatch):
    """Start a program as the demo does: unedited, with its provider's host answered here."""
    sandbox.reset()

    def run(program, *words):
        monkeypatch.setattr(sys, "argv", [program, *words])
        with (
            Shim(sandbox.client(retry=Retry(rate_limit_waits=0)), policy="silent") as shim,
            pixian_shim.using(shim),
            pixian_shim.intercept("removebg"),
        ):
            runpy.run_path(str(EXAMPLES / program), run_name="__main__")

    return run


@pytest.fixture(scope="module")
def demo():
    sys.path.insert(0, str(EXAMPLES))
    try:
        import demo

        yield demo
    finally:
        sys.path.remove(str(EXAMPLES))
        for name in ("demo", "contact_sheet", "side_by_side"):
            sys.modules.pop(name, None)


@pytest.fixture
def generated(tmp_path, demo, monkeypatch):
    """Let drawn pictures stand for the demo's photos, so that nothing is fetched."""
    available = []
    for number, (name, file) in enumerate(NAMES.items()):
        path = tmp_path / file
        drawn = picture((300 + 10 * number, 240), (90, 60, 180, 190))
        path.write_bytes(encoded(drawn, "PNG" if path.suffix == ".png" else "JPEG"))
        available.append(Photo(name, path, "CC0-1.0", f"who drew {name}"))
    monkeypatch.setattr(demo, "photos", lambda: tuple(available))
    return tmp_path


def opened_file(path):
    return opened(Path(path).read_bytes())


@pytest.mark.parametrize("program", ["legacy_requests.py", "legacy_options.py", "legacy_curl.sh"])
def test_programs_that_are_not_edited_know_nothing_of_pixian(program):
    assert "pixian" not in (EXAMPLES / program).read_text("utf-8").lower()


def test_program_that_uses_the_class_has_one_line_changed():
    lines = (EXAMPLES / "legacy_removebg_class.py").read_text("utf-8").splitlines()
    assert [line for line in lines if "pixian" in line.lower()] == [
        "from pixian_adapters.removebg import RemoveBg  # was: from removebg import RemoveBg"
    ]


def test_sample_for_requests_writes_transparent_pictures(start, folder):
    (folder / "mug.jpg").write_bytes(photo("JPEG"))
    (folder / "out").mkdir()
    start("legacy_requests.py", "out", "cup.png", "mug.jpg")
    for name in ("cup.png", "mug.png"):
        cutout = opened_file(folder / "out" / name)
        assert (cutout.format, cutout.mode) == ("PNG", "RGBA")
        assert subject_box(cutout) == pytest.approx((100, 80, 200, 220), abs=3)  # JPEG blurs the edge


def test_sample_for_requests_tells_of_an_error_and_gives_up(start, sandbox, capsys):
    sandbox.fault("no_credits")
    with pytest.raises(SystemExit) as ended:
        start("legacy_requests.py", ".", "cup.png")
    assert ended.value.code == 1
    assert "Error: 402" in capsys.readouterr().out


def test_class_writes_the_files_that_the_script_opens(start, folder):
    start("legacy_removebg_class.py", "cup.png", "lightsteelblue")
    assert opened_file("cup.png_no_bg.png").mode == "RGBA"
    filled, pasted = opened_file("cup.png_filled.jpg"), opened_file("cup.png_pasted.jpg")
    assert filled.getpixel((5, 5)) == pytest.approx((176, 196, 222), abs=4)
    assert pasted.getpixel((5, 5)) == pytest.approx((255, 255, 255), abs=4)
    assert filled.getpixel((150, 150)) == pytest.approx((200, 30, 30), abs=12)


def test_product_fills_its_share_of_the_canvas_on_grey(start):
    start("legacy_options.py", "product", ".", "cup.png")
    shown = opened_file("product.jpg")
    assert (shown.format, shown.size) == ("JPEG", (400, 300))
    assert shown.getpixel((5, 5)) == pytest.approx((236, 236, 240), abs=4)
    column = [shown.getpixel((200, y))[1] < 100 for y in range(300)]
    assert sum(column) == pytest.approx(240, abs=6)


def test_badge_is_cropped_webp(start):
    start("legacy_options.py", "badge", ".", "cup.png")
    shown = opened_file("badge.webp")
    assert shown.format == "WEBP"
    assert (shown.width, shown.height) == (116, 116)  # subject within the region 100 x 100, 8 % on each side


def test_postcard_has_the_scene_behind_the_subject(start):
    start("legacy_options.py", "postcard", ".", "cup.png", "scene.jpg")
    shown = opened_file("postcard.jpg").convert("RGB")
    assert shown.getpixel((399, 5)) == pytest.approx(BLUE, abs=12)
    assert shown.getpixel((20, 290)) == pytest.approx((200, 30, 30), abs=12)


def test_layers_keep_the_original_colours(start):
    start("legacy_options.py", "layers", ".", "cup.png")
    colour, alpha = opened_file("layers-color.jpg"), opened_file("layers-alpha.png")
    assert colour.getpixel((5, 5)) == pytest.approx((255, 255, 255), abs=4)
    assert (alpha.mode, alpha.getpixel((5, 5)), alpha.getpixel((150, 150))) == ("L", 0, 255)


def panels(demo, sheet, rows):
    """Cut the sheet's two columns of pictures out, row by row; rows are found by the rules between them."""
    contact_sheet = sys.modules["contact_sheet"]
    rule = tuple(bytes.fromhex(contact_sheet.RULE[1:]))
    edge = sheet.width - contact_sheet.MARGIN - 1
    tops = [y for y in range(1, sheet.height) if sheet.getpixel((edge, y)) == rule != sheet.getpixel((edge, y - 1))]
    assert len(tops) == rows + 1
    width, height = contact_sheet.THUMB
    for top in tops[:-1]:
        for column in range(2):
            left = contact_sheet.MARGIN + column * (width + contact_sheet.GAP)
            at = top + contact_sheet.SPACE
            yield sheet.crop((left, at, left + width, at + height))


def check_shown(demo, out, printed):
    """Look at everything that the demo leaves."""
    calls = 9 if shutil.which("curl") else 8
    sheet = opened_file(out / "contact-sheet.png")
    assert sheet.width == 1480
    for panel in panels(demo, sheet, rows=calls):
        assert len(panel.getcolors(1 << 20)) > 20  # neither missing nor one colour
    for name in NAMES.values():
        assert (out / "photos" / name).is_file()
    for name in ("coffee.png", "flower.png", "product.jpg", "badge.webp", "postcard.jpg", "layers-alpha.png"):
        assert (out / name).is_file()
    assert (out / "photos" / "grace_hopper.jpg_no_bg.png").is_file()
    assert f"{calls} calls" in printed
    assert "contact-sheet.png" in printed
    check_compared(out / "side-by-side", printed)


def check_compared(folder, printed):
    """Look at the report that the demo ends with."""
    from pixian_shim.compare import Folder

    comparison = Folder(folder).load()
    assert sorted(row.name for row in comparison.rows) == sorted(NAMES.values())
    assert all(
        row.measures is not None and (folder / "pictures" / row.views["original"]).is_file() for row in comparison.rows
    )
    assert comparison.left.credits > 0
    assert comparison.right.money is not None
    assert "report.html" in printed.splitlines()[-1]
    assert (folder / "report.html").stat().st_size > 20_000


def test_demo_shows_every_call(demo, generated, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    demo.demonstrate(generated / "out", engine="fast", engines=("fast", "fast"))
    printed = capsys.readouterr().out
    check_shown(demo, generated / "out", printed)
    assert "approximated shadow_type=drop, shadow_opacity=60" in printed
    assert "emulated scale=85%, position=0% 100%, bg_image_file" in printed


def test_demo_fits_a_narrow_terminal(demo, generated, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    demo.demonstrate(generated / "out", demo.RUNS[1:2], engine="fast", engines=("fast", "fast"))
    lines = [
        line for line in capsys.readouterr().out.splitlines() if not line.startswith("Look at")
    ]  # paths stay whole
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)


def test_contact_sheet_is_the_same_every_time(demo, generated):
    sheets = []
    for _ in range(2):
        demo.demonstrate(generated / "out", demo.RUNS[:2], engine="fast", engines=("fast", "fast"))
        sheets.append((generated / "out" / "contact-sheet.png").read_bytes())
    assert sheets[0] == sheets[1]


def test_demo_says_what_is_missing_and_fails(demo, generated, capsys, monkeypatch):
    def missing():
        raise ConfigurationError("coffee.png is not in the cache; on a machine with a package index run ...")

    monkeypatch.setattr(demo, "photos", missing)
    monkeypatch.setattr(sys, "argv", ["demo.py", str(generated / "out")])
    assert demo.main() == 1
    assert "coffee.png is not in the cache" in capsys.readouterr().err


def test_program_that_gives_up_is_told_by_name(demo, folder, sandbox):
    sandbox.reset()
    sandbox.fault("no_credits")
    failing = demo.Run("legacy_requests.py", demo.REQUESTS, (".", "cup"))
    with (
        Shim(sandbox.client(), policy="silent") as shim,
        pixian_shim.using(shim),
        pixian_shim.intercept("removebg"),
        pytest.raises(demo.ProgramFailed, match=r"legacy_requests\.py: Error: 402"),
    ):
        demo.execute(failing, {"cup": "cup.png"})


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_program_for_curl_that_gives_up_is_told_by_name(demo, folder, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_URL", "http://127.0.0.1:9")
    with pytest.raises(demo.ProgramFailed, match=r"legacy_curl\.sh: curl: \(7\)"):
        demo.execute(demo.Run("legacy_curl.sh", demo.CURL, (".", "cup")), {"cup": "cup.png"})


def test_transparent_parts_show_the_checkerboard(demo):
    board = sys.modules["contact_sheet"].on_checkerboard(Image.new("RGBA", (40, 40), (255, 0, 0, 0)))
    assert len(board.getcolors()) == 2
    solid = sys.modules["contact_sheet"].on_checkerboard(Image.new("RGB", (40, 40), "red"))
    assert solid.getcolors() == [(1600, (255, 0, 0))]


def test_long_words_make_a_row_higher_and_stay_on_the_sheet(demo):
    contact_sheet = sys.modules["contact_sheet"]

    def drawn(says):
        note = Note("roi", "0% 0% 50% 50%", Verdict.EMULATED, says)
        pixels = Image.open(BytesIO(photo()))
        row = contact_sheet.Row("a.png", "door", "facts", pixels, pixels, [note], "max_pixels = 1")
        return contact_sheet.contact_sheet("title", "subtitle", [row], ["footer"])

    short, long = drawn("Short."), drawn("Many words. " * 80)
    assert long.height > short.height
    margin = long.crop((long.width - contact_sheet.MARGIN, 0, long.width, long.height))
    assert len(margin.getcolors()) <= 2  # paper, and the end of the rules


@pytest.mark.model
def test_demo_on_real_photos(demo, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["demo.py", str(tmp_path / "out")])
    assert demo.main() == 0
    check_shown(demo, tmp_path / "out", capsys.readouterr().out)


def test_a_whole_migration_is_rehearsed(tmp_path):
    module = runpy.run_path(str(EXAMPLES / "rehearsal.py"))
    pictures = [
        (f"order-{number}.png", photo(size=(90 + number, 80), subject=(20, 20, 60, 60))) for number in range(30)
    ]
    summary = module["rehearse"](tmp_path, pictures, engine="fast")
    stages = summary.stages
    assert summary.calls == 180
    assert (stages["off", "legacy"], stages["shadow", "legacy"], stages["complete", "pixian"]) == (60, 30, 30)
    assert stages["canary", "pixian"] + stages["canary", "legacy"] == 60
    assert 31 <= stages["canary", "pixian"] <= 40  # all at 100 %, and some of thirty at 10 %
    assert summary.both == 30
    assert not summary.dropped
    assert {origin.value: sum(account.failures.values()) for origin, account in summary.origins.items()} == {
        "legacy": 0,
        "pixian": 0,
    }
    kept = len(list((tmp_path / "observations" / "pictures").iterdir()))
    assert 30 <= kept <= 60  # both sides answer the same, as far as a matte's rounding is the same every time
