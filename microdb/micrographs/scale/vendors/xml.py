"""XML that a stranger wrote: bounded, and without document types or entities."""

from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

__all__ = ["Element", "children_of", "local_name", "parsed_xml"]

MOST_CHARACTERS = 2**22
DEEPEST = 8


def parsed_xml(text: str) -> Element | None:
    """The root; None for text that is no XML, too long, or declares entities, which is an attack."""
    text = text.strip("\0 \t\r\n\ufeff")
    if not text.startswith("<") or len(text) > MOST_CHARACTERS or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    body = text.partition("?>")[2] if text.startswith("<?xml") else text  # its encoding was undone already
    return ElementTree.fromstring(body)  # nosec # bounded, and without entities


def local_name(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def children_of(element: Element, depth: int = 0) -> dict[str, Any]:
    """Attributes, text and children by name; repeated children as a list."""
    found: dict[str, Any] = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    for child in element if depth < DEEPEST else ():
        text = (child.text or "").strip()
        value: Any = text if not len(child) and not child.attrib else children_of(child, depth + 1)
        if isinstance(value, dict) and text:
            value["value"] = text
        name = local_name(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
