"""Cut out photos with remove.bg: its well-known sample for requests, over a list of files.

python legacy_requests.py OUT_FOLDER PHOTO [PHOTO ...]
"""

import os
import sys
from pathlib import Path

import requests

API_KEY = os.environ.get("REMOVE_BG_API_KEY", "INSERT_YOUR_API_KEY_HERE")


def remove_background(photo, target):
    with open(photo, "rb") as file:
        response = requests.post(
            "https://api.remove.bg/v1.0/removebg",
            files={"image_file": file},
            data={"size": "auto"},
            headers={"X-Api-Key": API_KEY},
            timeout=120,
        )
    if response.status_code == requests.codes.ok:
        with open(target, "wb") as out:
            out.write(response.content)
        print(f"{target}: {response.headers['X-Credits-Charged']} credits")
    else:
        print("Error:", response.status_code, response.text)
        sys.exit(1)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name in sys.argv[2:]:
        remove_background(name, folder / f"{Path(name).stem}.png")
