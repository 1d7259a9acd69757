"""Text that people wrote, by language, from what packages ship.

English, German, Chinese, Japanese and Korean: the help of LibreOffice (MPL 2.0), from Debian's packages, which are
downloaded once into the user's cache. English besides: the docstrings of Python's standard library, whose source is the
code. Where a benchmark shall only be seen to work, nothing is downloaded: the translations that programs on this
machine ship have to do, of the languages that are there.
"""

import ast
import gettext
import html
import io
import os
import re
import shutil
import subprocess
import sysconfig
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from bench.figures.result import BenchError, Size
from fechatter.progress import say

# Sentences, or lines of code, in order.
Document: TypeAlias = list[str]

PACKAGES = {
    "en": "libreoffice-help-en-us",
    "de": "libreoffice-help-de",
    "zh": "libreoffice-help-zh-cn",
    "ja": "libreoffice-help-ja",
    "ko": "libreoffice-help-ko",
}
_CATALOGS = {"de": "de", "zh": "zh_CN", "ja": "ja", "ko": "ko"}
_PARAGRAPH = re.compile(r"<(?:p|h[1-6])\b[^>]*>(.*?)</(?:p|h[1-6])>", re.DOTALL)
_TAG, _SPACE = re.compile(r"<[^>]*>"), re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|(?<=[。！？])")
LONGEST = 400


def texts(size: Size) -> dict[str, list[Document]]:
    """Documents by language, the code's under "code", always in the same order. BenchError if they cannot be had."""
    found: dict[str, list[Document]] = {"en": [], "code": []}
    found |= {} if size == "tiny" else {name: _help(PACKAGES[name]) for name in PACKAGES}
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[: 40 if size == "tiny" else None]:
        source = path.read_text("utf-8", "replace")
        found["en"].append([sentence for text in _docstrings(source) for sentence in _sentences(text)])
        found["code"].append([f"`{line.strip()}`" for line in source.splitlines() if 15 < len(line.strip()) < 200])
    if size == "tiny":
        found |= {name: _translations(folder) for name, folder in _CATALOGS.items()}
    else:
        written = {sentence for document in found["en"] for sentence in document}
        for name in _CATALOGS:  # what is not translated is in English
            found[name] = [[text for text in document if text not in written] for document in found[name]]
    kept = {name: [document for document in documents if document] for name, documents in found.items()}
    return {name: documents for name, documents in kept.items() if documents}


def _help(package: str) -> list[Document]:
    with tarfile.open(fileobj=io.BytesIO(_unpacked(package))) as tar:
        pages = sorted((member for member in tar if member.name.endswith(".html")), key=lambda member: member.name)
        read = [file.read().decode() for member in pages if (file := tar.extractfile(member)) is not None]
    return [[sentence for text in _paragraphs(page) for sentence in _sentences(text)] for page in read]


def _unpacked(package: str) -> bytes:
    """The files of a package of Debian's, as a tar archive."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise BenchError("the texts are Debian's packages, which apt-get and dpkg-deb would fetch: they are not here")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fechatter-bench"
    cache.mkdir(parents=True, exist_ok=True)
    if not (files := list(cache.glob(f"{package}_*.deb"))):
        say(f"downloading {package}")
        done = subprocess.run(["apt-get", "download", "-q", package], cwd=cache, capture_output=True, text=True)
        files = list(cache.glob(f"{package}_*.deb"))
        if done.returncode or not files:
            raise BenchError(f"apt-get download {package} failed (apt-get update may help): {done.stderr[-500:]}")
    return subprocess.run(["dpkg-deb", "--fsys-tarfile", files[0]], capture_output=True, check=True).stdout


def _paragraphs(page: str) -> Iterator[str]:
    _, _, shown = page.partition('id="DisplayArea"')
    for paragraph in _PARAGRAPH.finditer(shown.partition('id="SearchFrame"')[0]):
        yield html.unescape(_TAG.sub("", paragraph[1]))


def _docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield from text.split("\n\n")


def _translations(folder: str) -> list[Document]:
    found = []
    for path in sorted(Path("/usr/share/locale").glob(f"{folder}/LC_MESSAGES/*.mo"))[:40]:
        with path.open("rb") as file:
            catalog: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        found.append([sentence for key, text in catalog.items() if key for sentence in _sentences(text)])
    return found


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(_SPACE.sub(" ", text).strip()):
        if len(sentence) > 3 and "\0" not in sentence:
            yield sentence[:LONGEST]
