"""Text in sections of “name = value”, as several vendors write it."""

import re

NUL_SHARE = 0.25
"""Of the bytes; UTF-16 of Latin letters has a half of them."""

Sections = dict[str, dict[str, str]]
SECTION = re.compile(r"\s*\[([^\]\r\n]+)\]\s*")


def decoded_text(raw: bytes) -> str:
    """Text in UTF-16 with or without its mark, in UTF-8, or else in Latin-1."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    filled = raw.rstrip(b"\0")
    if filled and filled.count(0) > NUL_SHARE * len(filled):
        return raw.decode("utf-16-be" if raw[0] == 0 else "utf-16-le", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def sections_of(text: str) -> Sections:
    """Section to name to value; what stands before the first section is in the section of the empty name."""
    found: Sections = {"": {}}
    current = found[""]
    for line in text.splitlines():
        if header := SECTION.fullmatch(line):
            current = found.setdefault(header.group(1).strip(), {})
        elif "=" in line:
            name, _equals, value = line.partition("=")
            current.setdefault(name.strip(), value.strip())
    return found
