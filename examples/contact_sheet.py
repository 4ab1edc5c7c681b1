"""Draw a contact sheet: original | result on a checkerboard | what was translated, one row for each call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from PIL import Image, ImageDraw, ImageFont

from pixian_shim import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixian_shim.translation import Note

WIDTH, MARGIN, GAP, SPACE = 1480, 40, 24, 16
THUMB = (304, 212)
WORDS_AT = MARGIN + 2 * (THUMB[0] + GAP)
PILL_WIDTH, LINE = 114, 22
NOTE_AT = WORDS_AT + PILL_WIDTH + 14

PAPER, INK, MUTED, RULE = "#ffffff", "#1c2330", "#667085", "#e4e7ec"
SQUARES, SQUARE = ("#ffffff", "#dfe3e8"), 10
PILLS = {
    Verdict.EXACT: ("#e3f5e9", "#146c3a"),
    Verdict.CONVERTED: ("#e3f5e9", "#146c3a"),
    Verdict.EMULATED: ("#e2eefd", "#1a56a8"),
    Verdict.APPROXIMATED: ("#fdf0d5", "#8a5a00"),
    Verdict.IGNORED: ("#fdf0d5", "#8a5a00"),
    Verdict.REFUSED: ("#fde4e1", "#a8281a"),
}


@attrs.frozen
class Row:
    """One call: pictures, and words about it."""

    title: str
    door: str
    facts: str
    original: Image.Image
    result: Image.Image
    notes: Sequence[Note]
    asked: str
    """What the new service was sent beside the picture."""


def contact_sheet(title: str, subtitle: str, rows: Sequence[Row], footer: Sequence[str]) -> Image.Image:
    """Draw everything; the height follows from the words."""
    small = [line for text in footer for line in wrapped(text, font(15), WIDTH - 2 * MARGIN)]
    heights = [max(THUMB[1], _words_height(row)) + 2 * SPACE for row in rows]
    top, bottom = 150, GAP + 23 * len(small) + MARGIN
    sheet = Image.new("RGB", (WIDTH, top + sum(heights) + bottom), PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_head(draw, title, subtitle)
    for row, height in zip(rows, heights, strict=True):
        draw.line((MARGIN, top, WIDTH - MARGIN, top), RULE, 2)
        _draw_row(sheet, draw, row, top + SPACE)
        top += height
    draw.line((MARGIN, top, WIDTH - MARGIN, top), RULE, 2)
    for number, line in enumerate(small):
        draw.text((MARGIN, top + GAP + 23 * number), line, MUTED, font(15))
    return sheet


def on_checkerboard(picture: Image.Image) -> Image.Image:
    """Show what is transparent."""
    board = Image.new("RGB", picture.size, SQUARES[0])
    draw = ImageDraw.Draw(board)
    for top in range(0, picture.height, SQUARE):
        for left in range(top // SQUARE % 2 * SQUARE, picture.width, 2 * SQUARE):
            draw.rectangle((left, top, left + SQUARE - 1, top + SQUARE - 1), SQUARES[1])
    rgba = picture.convert("RGBA")
    board.paste(rgba, mask=rgba.getchannel("A"))
    return board


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Give Pillow's own font: every machine has it, so every machine draws the same sheet."""
    return ImageFont.load_default(size)


def wrapped(text: str, face: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> list[str]:
    """Break a text into lines of at most ``width`` pixels."""
    lines: list[str] = []
    for word in text.split():
        if lines and face.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _draw_head(draw: ImageDraw.ImageDraw, title: str, subtitle: str) -> None:
    draw.text((MARGIN, 32), title, INK, font(34))
    draw.text((MARGIN, 78), subtitle, MUTED, font(18))
    for left, text in zip(
        (MARGIN, MARGIN + THUMB[0] + GAP, WORDS_AT), ("original", "what came back", "what was translated"), strict=True
    ):
        draw.text((left, 120), text, INK, font(18))


def _draw_row(sheet: Image.Image, draw: ImageDraw.ImageDraw, row: Row, top: int) -> None:
    for column, picture in enumerate((row.original, row.result)):
        left = MARGIN + column * (THUMB[0] + GAP)
        sheet.paste(_thumb(picture), (left, top))
    draw.text((WORDS_AT, top - 4), row.title, INK, font(23))
    draw.text((WORDS_AT, top + 26), row.door, MUTED, font(16))
    draw.text((WIDTH - MARGIN, top + 26), row.facts, MUTED, font(16), anchor="ra")
    top += 60
    for note in row.notes:
        _draw_pill(draw, note.verdict, top)
        _draw_note(draw, note, top)
        top += _note_height(note)
    draw.text((WORDS_AT, top + 2), "Pixian was sent", MUTED, font(15))
    for number, line in enumerate(_asked(row)):
        draw.text((NOTE_AT, top + number * LINE + 2), line, INK, font(15))


def _draw_note(draw: ImageDraw.ImageDraw, note: Note, top: int) -> None:
    """Write the parameter, and behind it in grey what became of it."""
    name, lines = _parts(note)
    for number, line in enumerate(lines):
        left = NOTE_AT + (font(17).getlength(name) + 12 if number == 0 else 0)
        draw.text((left, top + number * LINE + 2), line, MUTED, font(15))
    draw.text((NOTE_AT, top), name, INK, font(17))


def _thumb(picture: Image.Image) -> Image.Image:
    """Fit a picture into its panel, centred, never enlarged beyond it."""
    factor = min(THUMB[0] / picture.width, THUMB[1] / picture.height)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    small = picture.convert("RGBA").resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    panel = Image.new("RGB", THUMB, "#f5f6f8")
    panel.paste(on_checkerboard(small), ((THUMB[0] - size[0]) // 2, (THUMB[1] - size[1]) // 2))
    return panel


def _draw_pill(draw: ImageDraw.ImageDraw, verdict: Verdict, top: int) -> None:
    back, front = PILLS[verdict]
    draw.rounded_rectangle((WORDS_AT, top - 2, WORDS_AT + PILL_WIDTH, top + 22), 12, back)
    draw.text((WORDS_AT + PILL_WIDTH / 2, top + 10), verdict, front, font(15), anchor="mm")


def _parts(note: Note) -> tuple[str, list[str]]:
    """Give the parameter, and what is said of it: the first line is shortened by the former."""
    name, face = f"{note.name} = {note.value}", font(15)
    width = WIDTH - MARGIN - NOTE_AT
    words = note.says.replace("`", "").split()
    first: list[str] = []
    beside = width - font(17).getlength(name) - 12
    while words and face.getlength(" ".join([*first, words[0]])) <= beside:
        first.append(words.pop(0))
    return name, [" ".join(first), *wrapped(" ".join(words), face, width)]


def _note_height(note: Note) -> int:
    return LINE * len(_parts(note)[1]) + 11


def _asked(row: Row) -> list[str]:
    return wrapped(row.asked, font(15), WIDTH - MARGIN - NOTE_AT)


def _words_height(row: Row) -> int:
    return 60 + sum(map(_note_height, row.notes)) + LINE * len(_asked(row))
