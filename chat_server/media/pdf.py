"""PDF: the first page as a picture, and the text for search."""

from pathlib import Path
from typing import Final

import pypdfium2
from PIL import Image

from chat_server.media.pictures import SIZES
from chat_server.media.refused import Refused
from chat_server.media.text import MOST_CHARACTERS

_MOST_PAGES: Final = 200


def first_page(path: Path) -> tuple[Image.Image, int, str]:
    """The picture, the number of pages, and the text. Raises Refused."""
    try:
        with pypdfium2.PdfDocument(path) as document:
            if not len(document):
                raise Refused("It has no pages.")
            page = document[0]
            scale = SIZES["preview"] / max(1.0, *page.get_size())
            return page.render(scale=scale).to_pil(), len(document), _text(document)
    except pypdfium2.PdfiumError as error:
        raise Refused(f"It cannot be read: {error}.") from error


def _text(document: pypdfium2.PdfDocument) -> str:
    parts: list[str] = []
    room = MOST_CHARACTERS
    for index in range(min(len(document), _MOST_PAGES)):
        part = document[index].get_textpage().get_text_bounded()[:room]
        parts.append(part)
        room -= len(part)
        if room <= 0:
            break
    return "\n".join(parts)[:MOST_CHARACTERS]
