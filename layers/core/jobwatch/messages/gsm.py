"""How long a text message is: GSM 03.38's seven-bit alphabet, or UTF-16 where a character is outside it.

Source: 3GPP TS 23.038; Amazon SNS, "Publishing to a mobile phone" (160 GSM characters, 70 UCS-2 characters).
"""

import unicodedata

from jobwatch.domain.text import utf16_units

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each is two: an escape and the character.
_DOUBLE = frozenset("^{}\\[~]|€")
_TYPED = {"…": "...", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "·": "-", "×": "x"}
_SEPTETS = 160
_UTF16_UNITS = 70


def typed(text: str) -> str:
    """`text` with typographic signs as they are typed, and letters that GSM lacks without their accents."""
    return "".join(_plain(character) for character in text)


def fits_one_message(text: str) -> bool:
    """Whether `text` is one text message."""
    if all(character in _BASIC or character in _DOUBLE for character in text):
        return len(text) + sum(character in _DOUBLE for character in text) <= _SEPTETS
    return utf16_units(text) <= _UTF16_UNITS


def _plain(character: str) -> str:
    if character in _BASIC or character in _DOUBLE:
        return character
    if character in _TYPED:
        return _TYPED[character]
    bare = unicodedata.normalize("NFKD", character)[0]
    return bare if bare in _BASIC and bare.isascii() else character
