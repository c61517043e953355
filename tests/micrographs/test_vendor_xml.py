"""XML in tags is bounded and declares no entities."""

import pytest

from microdb.micrographs.scale.vendors.xml import MOST_CHARACTERS, parsed_xml

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Metadata><PixelSize>&b;</PixelSize></Metadata>"""


def test_a_plain_document_is_parsed_whatever_encoding_it_declares():
    root = parsed_xml('\ufeff<?xml version="1.0" encoding="utf-16"?><Metadata><PixelSize>25</PixelSize></Metadata>\0')
    assert root is not None
    assert root.findtext("PixelSize") == "25"


@pytest.mark.parametrize("text", [BOMB, "PixelSize=25", "", f"<a>{' ' * MOST_CHARACTERS}</a>"])
def test_a_document_with_entities_too_long_or_none_is_not_parsed(text):
    assert parsed_xml(text) is None
