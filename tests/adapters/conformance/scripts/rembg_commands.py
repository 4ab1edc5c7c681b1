"""What people type, and what scripts do."""

from pictures import encoded, picture

PHOTO = picture((64, 48), (12, 8, 40, 36))
PNG, JPEG = encoded(PHOTO), encoded(PHOTO, "JPEG", quality=95)
START = {
    "photo.png": PNG,
    "in/a.jpg": JPEG,
    "in/b.png": PNG,
    "in/deeper/c.webp": encoded(PHOTO, "WEBP", lossless=True),
    "in/notes.txt": b"remember the milk",
    "in/broken.png": PNG[:60],
    "in/done.png": PNG,
    "out/done.png": b"made before",
}
WHITE = ["-bgc", "255", "255", "255", "255"]
COMMANDS = {
    "file": (["i", "photo.png", "cut.png"], b""),
    "options behind": (["i", "photo.png", "cut.png", "-om"], b""),
    "options before": (["i", "-m", "u2net", "-om", "-ppm", "photo.png", "cut.png"], b""),
    "long options": (["i", "--only-mask", "--post-process-mask", "photo.png", "cut.png"], b""),
    "colour": (["i", "-ppm", *WHITE, "photo.png", "cut.png"], b""),
    "colour behind": (["i", "photo.png", "cut.png", "-ppm", *WHITE], b""),
    "thresholds": (["i", "-om", "-af", "270", "-ab", "20", "-ae", "11", "photo.png", "cut.png"], b""),
    "extras": (["i", "-x", '{"putalpha": true}', "photo.png", "cut.png"], b""),
    "bad extras": (["i", "-x", "{putalpha", "photo.png", "cut.png"], b""),
    "extras go first": (["i", "-x", '{"only_mask": true}', "photo.png", "cut.png"], b""),
    "through pipes": (["i"], PNG),
    "from a pipe to a file": (["i", "-", "cut.png"], JPEG),
    "from a file to a pipe": (["i", "photo.png"], b""),
    "to no folder": (["i", "photo.png", "nowhere/cut.png"], b""),
    "to a folder": (["i", "photo.png", "out"], b""),
    "no picture": (["i", "in/notes.txt", "cut.png"], b""),
    "no file": (["i", "nowhere.png", "cut.png"], b""),
    "unknown model": (["i", "-m", "u3net", "photo.png", "cut.png"], b""),
    "unknown option": (["i", "--zoom", "photo.png", "cut.png"], b""),
    "two numbers for a colour": (["i", "photo.png", "cut.png", "-bgc", "1", "2"], b""),
    "no command": ([], b""),
    "unknown command": (["x"], b""),
    "version": (["--version"], b""),
    "help": (["i", "--help"], b""),
    "folder": (["p", "in", "out"], b""),
    "folder into a new one": (["p", "-ppm", "in", "new/deeper"], b""),
    "folder, deleted": (["p", "-d", "in", "out"], b""),
    "folder onto itself, deleted": (["p", "-d", "in", "in"], b""),
    "folder, masks": (["p", "-om", "-m", "isnet-general-use", "in", "out"], b""),
    "no folder": (["p", "nowhere", "out"], b""),
    "file for a folder": (["p", "photo.png", "out"], b""),
}
