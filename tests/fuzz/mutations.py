"""Mutations that keep most of a valid input, so that they get past the first check and reach the reader behind it."""

import struct

from hypothesis import strategies as st

NUMBERS = (
    *("0", "-1", "1e999", "-1e-999", "nan", "inf", "-inf", "1,5", "1.234,5", "1_0", "0x10", "9" * 400, "9" * 5000),
    *("\u0661\u0662", "1 2", "", ".", "-", "1e", "4294967296", "18446744073709551616"),
)
"""Where a number is expected."""
WORDS = (
    *("\0", "\ufeff", "\u202e", "\ud7ff", "\x1b[2J", "\r", "\n", "\n\n\n\n", "\t", " " * 300, "=", "[", "]", "<", ">"),
    *("&", "&lt;", "<!DOCTYPE a>", "<!--", "]]>", "{", "}", "\\u0000", '"', "'", ";", ",", "$", "%s", "{0}", "Ω", "😀"),
)
MOST_CHARACTERS = 2**18
MOST_BYTES = 2**22
COUNTS = (1, 2, 40, 3000, 200_000)
INTEGERS = (0, 1, 2, 3, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1)


@st.composite
def mutated_text(draw: st.DrawFn, texts: list[str]) -> str:
    """One of the texts with up to four changes: another number, another word, a part cut, moved or repeated."""
    text = draw(st.sampled_from(texts))
    for _change in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 40)))
        part = text[start:end]
        new = draw(
            st.one_of(
                st.sampled_from(NUMBERS),
                st.sampled_from(WORDS),
                st.just(""),
                st.sampled_from(COUNTS).map(lambda count, part=part: part * count),
                st.text(max_size=8),
            )
        )
        text = text[:start] + new + text[end:]
    return text[:MOST_CHARACTERS]


@st.composite
def mutated_bytes(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """One of the files with up to six changes: other numbers in both byte orders, parts cut, moved or repeated."""
    content = bytearray(draw(st.sampled_from(files)))
    for _change in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        match draw(st.integers(0, 4)):
            case 0:
                number, order = draw(st.sampled_from(INTEGERS)), draw(st.sampled_from("<>"))
                kind = draw(st.sampled_from("BHI"))
                size = struct.calcsize(kind)
                content[at : at + size] = struct.pack(order + kind, number % 2 ** (8 * size))
            case 1:
                content[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case 2:
                del content[at : at + draw(st.integers(1, 64))]
            case 3:
                part = bytes(content[at : at + draw(st.integers(1, 64))])
                content[at:at] = part * draw(st.sampled_from(COUNTS))
            case 4:
                del content[at:]
    return bytes(content[:MOST_BYTES])


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-32"])


def encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "replace")
