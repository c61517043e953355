"""Who may reach and change what: looking up a dataset or micrograph for a request, and what a role allows."""

from microdb.micrographs.access.abilities import OF_LABELLERS, Abilities, abilities_in
from microdb.micrographs.access.lookups import HasUser, dataset_or_404, micrograph_or_404, readable_or_404, shown_or_404
from microdb.micrographs.access.visitors import open_to_visitors

__all__ = [
    "OF_LABELLERS",
    "Abilities",
    "HasUser",
    "abilities_in",
    "dataset_or_404",
    "micrograph_or_404",
    "open_to_visitors",
    "readable_or_404",
    "shown_or_404",
]
