"""Addresses of many rows are those of ``reverse``."""

import uuid

import pytest
from django.urls import reverse, set_script_prefix

from microdb.addresses import address_of_row


@pytest.mark.parametrize(
    ("name", "before"), [("micrographs:micrograph", ("steels",)), ("scoring:score", ()), ("api_micrograph_image", ())]
)
def test_each_row_has_the_address_of_its_route(name: str, before: tuple[str, ...]):
    for pk in (uuid.uuid4(), uuid.uuid4()):
        assert address_of_row(name, pk, *before) == reverse(name, args=[*before, pk])


def test_a_site_below_a_path_has_its_path():
    pk = uuid.uuid4()
    assert not address_of_row("scoring:score", pk).startswith("/lab/")
    set_script_prefix("/lab/")
    try:
        assert address_of_row("scoring:score", pk) == reverse("scoring:score", args=[pk])
    finally:
        set_script_prefix("/")
