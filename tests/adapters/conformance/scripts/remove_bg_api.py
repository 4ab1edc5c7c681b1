"""As users of the package remove-bg-api 0.2.1 write: keywords, bytes or a path, the balance printed."""

import base64
import os
from pathlib import Path

import remove_bg_api
from remove_bg_api import Errors, RemoveBg

KEY = os.environ["REMOVE_BG_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]


def bytes_in_bytes_out():
    return RemoveBg(KEY).remove_bg_bytes(Path("photo.jpg").read_bytes(), size="full")


def file_to_file():
    return RemoveBg(KEY).remove_bg_file(input_path="photo.jpg", out_path="out.png", size="hd", raw=False)


def file_to_the_usual_file():
    return RemoveBg(KEY).remove_bg_file("photos/a.png", size="medium", raw=False)


def everything_positional():
    return RemoveBg(KEY).remove_bg_file(
        "photo.jpg", "positional.jpg", "full", False, {"bg_color": "red", "size": "full"}
    )


def by_address():
    return RemoveBg(KEY).remove_bg_url(SERVER + "/photo.png", "url.png", "full", False)


def by_an_address_without_a_picture():
    return RemoveBg(KEY).remove_bg_url(SERVER + "/missing.png", size="full")


def base64_text():
    text = base64.b64encode(Path("photo.jpg").read_bytes()).decode()
    return RemoveBg(KEY).remove_bg_base64(text, size="full")


def base64_bytes():
    return RemoveBg(KEY).remove_bg_base64(base64.b64encode(Path("photo.jpg").read_bytes()), size="full")


def the_callers_dict():
    rb, content = RemoveBg(KEY), Path("photo.jpg").read_bytes()
    data = {"size": "full", "format": "jpg", "bg_color": "81d4fa"}
    try:
        return rb.remove_bg_bytes(content, data=data), rb.remove_bg_file("photo.jpg", data=data)
    finally:
        print(data)


def the_callers_dict_with_an_address():
    data = {"size": "full"}
    try:
        return RemoveBg(KEY).remove_bg_url(SERVER + "/photo.png", data=data)
    finally:
        print(sorted(data))


def the_callers_dict_with_base64():
    data = {"size": "full", "channels": "alpha"}
    try:
        return RemoveBg(KEY).remove_bg_base64(base64.b64encode(Path("photo.jpg").read_bytes()), data=data)
    finally:
        print(sorted(data))


def size_is_overruled_by_data():
    return RemoveBg(KEY).remove_bg_file("photo.jpg", size="no such size", data={"size": "full"})


def a_list_in_data():
    return RemoveBg(KEY).remove_bg_file("photo.jpg", data={"size": ["full"], "format": ("png",), "bg_color": None})


def the_account():
    account = RemoveBg(KEY).account
    print(account.balance(), account.get_balance_dict(), account.free_api_calls(), account.get_all_info())
    account.refresh_balance()
    return account.balance()


def the_balance_goes_down():
    rb = RemoveBg(KEY)
    before = rb.account.balance()
    rb.remove_bg_file("photo.jpg", size="full")
    local = rb.account.balance()
    rb.account.refresh_balance()
    return before, local, rb.account.balance(), rb.account.get_balance_dict()["total"]


def a_request_of_ones_own():
    rb = RemoveBg(KEY)
    account = rb.send_request("account", "GET")
    picture = rb.send_request("removebg", "POST", {"image_file": Path("photo.jpg").read_bytes(), "size": "full"})
    return account, picture, rb.__process_response__(account, False)


def a_request_of_ones_own_that_is_refused():
    return RemoveBg(KEY).send_request("removebg", "POST", {"size": "full"})


def an_unknown_operation():
    return RemoveBg(KEY).send_request("nothing", "GET")


def a_wrong_method():
    RemoveBg(KEY).send_request("account", "PUT")


def a_method_in_small_letters():
    RemoveBg(KEY).send_request("account", "get")


def nothing_to_post():
    RemoveBg(KEY).send_request("removebg", "POST", {})


def the_other_errors():
    print(
        *(
            f"{name}: {kind()!s} {kind.__mro__[1:][-3:]}"
            for name, kind in vars(Errors).items()
            if isinstance(kind, type)
        ),
        sep="\n",
    )


def an_error_that_is_handled():
    try:
        RemoveBg(KEY).remove_bg_file("photo.jpg", size="enormous")
    except Errors.ApiErrorCode400 as error:
        print("400", error, error.args)
        print(error.txt)
    except (Errors.ApiErrorCode402, Errors.ApiErrorCode403, Errors.ApiErrorCode429, Errors.UnknownError) as error:
        print(type(error).__name__, error)


def a_changed_key():
    rb = RemoveBg(KEY)
    rb.change_api_key("sandbox:not-the-secret")
    print(rb.__api_key__)
    rb.remove_bg_file("photo.jpg", size="full")


def a_missing_photo():
    RemoveBg(KEY).remove_bg_file("nowhere.jpg")


def a_text_file():
    RemoveBg(KEY).remove_bg_file("notes.txt")


def no_picture_in_the_bytes():
    RemoveBg(KEY).remove_bg_bytes(b"GIF? no")


def an_output_folder_that_does_not_exist():
    RemoveBg(KEY).remove_bg_file("photo.jpg", "no/where.png", "full", raw=False)


def the_address_is_patched():
    before = remove_bg_api.API_URL
    remove_bg_api.API_URL = "https://api.remove.bg:443/v1.0"
    try:
        return RemoveBg(KEY).send_request("removebg", "POST", {"size": "full"}).url
    finally:
        remove_bg_api.API_URL = before
        print(before)


def its_own_default_size():
    return RemoveBg(KEY).remove_bg_file("photo.jpg")
