"""Whatever is uploaded under whatever name: it is kept to the byte, served as what its bytes say, and runs nowhere."""

import io
import urllib.parse
import zipfile

import pytest
from PIL import Image

from chat_server.files.types import INLINE
from tests.chat_server.people import ChatServer, ok, problem

SCRIPT = b"<script>document.title = 'taken over'</script>"


def image(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, kind)
    return made.getvalue()


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        written.writestr("../../escape.html", SCRIPT)
    return made.getvalue()


# Files that are of two types, or of none.
POLYGLOTS = {
    "a GIF that is a script": b"GIF89a/*" + image("GIF")[8:] + b"*/=1;alert(1)//",
    "a picture with a page at its end": image("JPEG") + SCRIPT,
    "a picture with an archive at its end": image("PNG") + archive(),
    "a PDF that is a page": b"%PDF-1.4\n" + SCRIPT,
    "a page before a PDF": SCRIPT + b"\n%PDF-1.4",
    "a drawing with a script": b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>",
    "a drawing with a picture's name": b"\xef\xbb\xbf<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "a page": b"<!doctype html>" + SCRIPT,
    "a page in UTF-16": ("\ufeff" + SCRIPT.decode()).encode("utf-16-le"),
    "a page in UTF-7": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "an archive": archive(),
    "nothing": b"",
    "one zero": b"\0",
    "the head of a film": b"\0\0\0\x18ftypmp42" + SCRIPT,
    "a program": b"MZ\x90\0" + bytes(64),
    "XML with a style sheet": b"<?xml-stylesheet href='javascript:alert(1)'?><a xmlns='http://www.w3.org/1999/xhtml'/>",
}
NAMES = [
    "../../etc/passwd",
    "C:\\Windows\\system32\\evil.exe",
    "invoice\u202egpj.exe",
    "\U0001f469\u200d\U0001f680" * 60 + ".png",
    "x" * 4000 + ".tar.gz",
    'a"; filename="b.html',
    "a\r\nSet-Cookie: session=1",
    "a\u0000.png",
    "..",
    "上海 мир naïve.pdf",
    "%2e%2e%2f",
    "con.txt",
    " .html ",
]


@pytest.mark.parametrize("what", POLYGLOTS)
async def test_a_file_of_two_types_is_kept_and_runs_nowhere(chat_server: ChatServer, what: str) -> None:
    ada = await chat_server.sign_up()
    content = POLYGLOTS[what]
    for name in ("x.html", "x.svg", "x.png"):  # whatever it claims to be
        path = f"/api/workspaces/{ada.workspace}/files"
        headers = {"Content-Type": "text/html"}
        file = ok(await ada.api.post(path, params={"name": name}, content=content, headers=headers), 201)
        link = ok(await ada.api.post(f"/api/files/{file['id']}/link"), 201)["url"]
        for response in (await ada.api.get(f"/api/files/{file['id']}"), await chat_server.anybody.get(link)):
            assert response.content == content
            sent = response.headers
            assert sent["x-content-type-options"] == "nosniff"
            assert sent["content-security-policy"] == "default-src 'none'; sandbox"
            media_type = sent["content-type"].partition(";")[0]
            assert media_type == file["type"]
            assert media_type not in ("text/html", "application/xhtml+xml", "text/xml", "application/xml")
            assert sent["content-disposition"].startswith("inline") == (media_type in INLINE)
            assert "set-cookie" not in sent


async def test_any_name_comes_back_harmless(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    for name in NAMES:
        path = f"/api/workspaces/{ada.workspace}/files"
        response = await ada.api.post(path, params={"name": name}, content=b"hello")
        if response.status_code != 201:
            assert response.status_code == 400, name
            continue
        shown = response.json()["name"]
        sent = (await ada.api.get(f"/api/files/{response.json()['id']}")).headers
        assert len(shown.encode()) <= 255
        assert not set(shown) & set("/\\\0\r\n\u202e")
        assert urllib.parse.unquote(sent["content-disposition"].partition("filename*=UTF-8''")[2]) == shown
        assert "set-cookie" not in sent


@pytest.mark.chat_server(storage={"file_bytes": 0, "workspace_bytes": 1 << 30, "user_bytes": 1 << 30})
async def test_fifty_gigabytes_are_refused_before_they_come(chat_server: ChatServer) -> None:
    """By the quota, where no file is too large."""
    ada = await chat_server.sign_up()
    uploads = f"/api/workspaces/{ada.workspace}/uploads"
    for announced in (50 << 30, 2**60):
        refused = await ada.api.post(uploads, headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(announced)})
        assert refused.status_code == 507, refused.text
    for size in ("-1", "1.5", "0x10", str(2**63), "", "١٢"):
        headers = {b"Upload-Length": size.encode()}
        problem(await ada.api.post(uploads, headers=headers), 400, "validation_failed")
    assert ok(await ada.api.get("/api/files")) == []
