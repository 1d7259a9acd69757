r"""The characters that a name may contain: visible ones, so that different names look different.

Control characters are refused, and those that Unicode ignores in display (DerivedCoreProperties.txt:
Default_Ignorable_Code_Point), such as zero-width characters, direction marks, tags and fillers; also U+2028, U+2029,
and the blank Braille pattern. Some of them are needed between others, and allowed only there:

- zero-width joiner between emoji (👩‍🚀), a variation selector after one, tags in a flag (🏴󠁧󠁢󠁥󠁮󠁧󠁿);
- zero-width non-joiner between Arabic letters, as Persian is written (می‌خواهم), and both joiners after a virama, as
  scripts of India have them (RFC 5892, appendices A.1 and A.2);
- an ideographic variation selector after a Han character, as in Japanese names.

`is_plain` of sql/functions/rules.sql has the same expression. It is written in ASCII, for Python and Postgres alike.
"""

import unicodedata

import idna

_IGNORED = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
_EMOJI = r"\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_ARABIC = r"\u0620-\u06ff\u0750-\u077f\u0870-\u08ff"
_VIRAMA = r"\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

PLAIN = (
    r"(?:"
    rf"[^{_IGNORED}]"
    rf"|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    rf"|(?<=[{_EMOJI}])[\ufe0e\ufe0f]"
    r"|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    r"|\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f"
    rf"|(?<=[{_ARABIC}])\u200c(?=[{_ARABIC}])"
    rf"|(?<=[{_VIRAMA}])[\u200c\u200d]"
    rf"|(?<=[{_HAN}])[\U000e0100-\U000e01ef]"
    r")*"
)

# An e-mail address, as far as it is worth checking: whether it exists, only a letter to it shows. It may be beyond
# ASCII (RFC 6531). What would begin or end an address in a header, such as <>, is not in one: mail goes to all of it.
_OF_ADDRESS = rf'[^@\s<>()\[\],;:\\"{_IGNORED}]'
ADDRESS = rf"{_OF_ADDRESS}+@{_OF_ADDRESS}+"


def canonical_address(address: str) -> str:
    """The one form of an address: NFC, and an international domain in its own letters (RFC 5890, Unicode Technical
    Standard 46), so that `ada@xn--bcher-kva.example` and `ada@BÜCHER.example` are one."""
    local, at, domain = unicodedata.normalize("NFC", address).rpartition("@")
    if domain.isascii() and "xn--" not in domain.lower():
        return f"{local}{at}{domain}"
    try:
        return f"{local}{at}{idna.decode(idna.encode(domain, uts46=True), uts46=True)}"
    except idna.IDNAError:
        return f"{local}{at}{domain.lower()}"  # nothing reaches it, but it is compared
