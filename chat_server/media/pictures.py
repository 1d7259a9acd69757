"""Pictures: size and placeholder, and copies to show, without what a camera wrote into the original."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from chat_server.media.placeholder import placeholder
from chat_server.media.refused import Refused

# Pixels of the longer side.
SIZES: Final = {"thumbnail": 360, "preview": 1600}
# Decoded, these take 4 bytes each; a JPEG is decoded at an eighth of its size.
_MOST_PIXELS: Final = 64_000_000
_MOST_PIXELS_JPEG: Final = 256_000_000
# Pillow's names of the formats that are decoded at all.
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP", "HEIF", "PPM")
_QUALITY: Final = 80

# Its own limit would be a warning first; ours is checked before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener()


@dataclass(frozen=True, slots=True)
class Pictured:
    """`files` has a WebP of each size that was worth making: name, width, height."""

    width: int
    height: int
    animated: bool
    placeholder: bytes
    files: list[tuple[str, int, int]]


def pictured(source: Path | bytes, folder: Path) -> Pictured:
    """Writes the copies into the folder, named as in SIZES. Raises Refused."""
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=_FORMATS) as image:
            return _pictured(image, folder)
    except UnidentifiedImageError as error:
        raise Refused("It is not a picture, or damaged.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused(f"It cannot be decoded: {error}.") from error


def _pictured(image: Image.Image, folder: Path) -> Pictured:
    jpeg = image.format == "JPEG"
    width, height = image.size
    if width * height > (_MOST_PIXELS_JPEG if jpeg else _MOST_PIXELS):
        raise Refused(f"It has {width} × {height} pixels, which are too many to decode.")
    animated = bool(getattr(image, "is_animated", False))
    if jpeg:
        image.draft("RGB", (SIZES["preview"], SIZES["preview"]))
    image.load()
    upright = ImageOps.exif_transpose(image)
    if (upright.width > upright.height) != (image.width > image.height):
        width, height = height, width
    shown = _in_srgb(upright)
    files = []
    for name, side in reversed(SIZES.items()):
        shown.thumbnail((side, side))
        shown.save(folder / f"{name}.webp", "WEBP", quality=_QUALITY)
        files.append((f"{name}.webp", shown.width, shown.height))
    return Pictured(width, height, animated, placeholder(shown), files)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Copies have no colour profile, so what one says is applied; nor any other metadata."""
    profile = image.info.get("icc_profile")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=image.mode if image.mode == "RGBA" else "RGB",
            )
        except ImageCms.PyCMSError:
            converted = None  # many cameras' and editors' profiles are broken, and the colours nearly right without
        image = converted or image
    image = image.convert(mode)
    image.info = {}
    return image
