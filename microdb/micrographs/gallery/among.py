"""Micrographs that were chosen elsewhere, for example on the descriptor map of a model, as a filter of the gallery.

A room above registers how it reads such a choice. In an address it is ``SOURCE:VALUE``.
"""

from collections.abc import Callable, Sequence

from microdb.micrographs.models import Dataset

LONGEST = 2000
"""Characters of a choice in an address; browsers and proxies take no address of more than some thousand."""
Keys = Callable[[Dataset, str], Sequence[str]]
"""The keys of the micrographs that VALUE chooses in a dataset; none if it means nothing."""

_SOURCES: dict[str, Keys] = {}


def register_source(name: str, keys: Keys) -> None:
    """Let addresses choose by ``name:VALUE``; called when the site starts."""
    _SOURCES[name] = keys


def keys_among(dataset: Dataset, choice: str) -> Sequence[str]:
    """The keys of the chosen micrographs."""
    source, _colon, value = choice.partition(":")
    return _SOURCES[source](dataset, value) if source in _SOURCES and len(choice) <= LONGEST else ()
