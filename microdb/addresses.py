"""Addresses of many rows of one kind: the resolver is asked once, and each row's key is put into its answer."""

from functools import lru_cache
from uuid import UUID

from django.urls import get_script_prefix, reverse

_ANY = UUID(int=0)


def address_of_row(name: str, pk: UUID, *before: str) -> str:
    """As ``reverse`` of the route ``name``, whose arguments are ``before`` and then ``pk``."""
    return _pattern(get_script_prefix(), name, *before).replace(str(_ANY), str(pk))


@lru_cache(maxsize=1000)
def _pattern(_prefix: str, name: str, *before: str) -> str:
    return reverse(name, args=[*before, _ANY])
