"""What a browser sees when a request fails."""

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from microdb.errors import MicroDBError
from microdb.urls import urlpatterns as site


def mistaken(request: HttpRequest) -> HttpResponse:
    raise MicroDBError("Wanted two micrographs, got one; add another.")


def broken(request: HttpRequest) -> HttpResponse:
    raise ValidationError("nobody expected this here")


urlpatterns = [*site, path("mistaken/", mistaken), path("broken/", broken)]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_a_mistake_is_shown_in_its_own_words():
    response = Client().get("/mistaken/")
    assert response.status_code == 400
    assert "Wanted two micrographs, got one; add another." in response.content.decode()


def test_a_bug_shows_only_the_id_under_which_it_is_logged(caplog):
    response = Client(raise_request_exception=False).get("/broken/")
    page = response.content.decode()
    (record,) = [record for record in caplog.records if record.name == "microdb.error_pages"]
    assert response.status_code == 500
    assert str(record.args[-1]) in page
    assert "nobody expected this here" not in page


def test_an_unknown_address_is_a_page_too():
    response = Client().get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
