"""The guide is there for everybody, and its pages lead to one another and to pages that exist."""

import re

import pytest
from django.test import Client
from django.urls import resolve

from microdb.front.views import GUIDE


@pytest.mark.parametrize("page", GUIDE)
def test_a_page_of_the_guide_is_readable_without_an_account(client: Client, db, page: str) -> None:
    answer = client.get("/guide/" if page == "start" else f"/guide/{page}/")
    assert answer.status_code == 200
    assert "<h1>" in answer.text
    for address in re.findall(r'<a[^>]*href="(/[^"#?]*)', answer.text):
        assert resolve(address)


def test_a_page_that_the_guide_does_not_have_is_not_found(client: Client, db) -> None:
    assert client.get("/guide/nothing/").status_code == 404


def test_every_page_links_the_guide_and_the_documentation(client: Client, db) -> None:
    page = client.get("/accounts/login/").text
    assert 'href="/guide/"' in page
    assert 'href="/docs/"' in page
