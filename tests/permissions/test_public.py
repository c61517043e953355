"""What everybody may read of a public dataset: a few pages, and in them nothing about people or an open quiz.

The dataset of the table is published, and each request of the table is sent again.
"""

import pytest

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Licence
from microdb.micrographs.services import update_dataset
from tests.permissions.contents import OF_ORGANISERS, OF_OTHERS, PRIVATE
from tests.permissions.requests import Requests
from tests.permissions.table import ROLES, Row, routes, rows_of

pytestmark = pytest.mark.django_db
DATASET = "/datasets/<slug:slug>/"
VERSION = f"{DATASET}training/<int:number>/"
OPEN = {
    DATASET,
    f"{DATASET}facets/<slug:name>/",
    f"{DATASET}micrographs/<uuid:pk>/",
    "/micrographs/<uuid:pk>/image/",
    "/micrographs/<uuid:pk>/thumbnail/",
    f"{DATASET}training/",
    VERSION,
    f"{VERSION}held-out/",
    f"{VERSION}map/",
    f"{VERSION}map/micrographs/",
    f"{VERSION}map/micrographs/<uuid:pk>/",
    f"{VERSION}none-of-these/",
}
OWNER = "narwhal"
"""The name of the owner, who uploaded, labelled and trained."""
OWN_ROUTES = [route for route in routes() if not route.startswith(("/admin/", "/accounts/"))]
REQUESTS = [pytest.param(route, row, id=f"{route} {row}") for route in OWN_ROUTES for row in rows_of(route)]


@pytest.fixture(scope="module")
def public(requests: Requests) -> Requests:
    dataset = Dataset.objects.get(slug=requests.world.values["datasets/slug"])
    update_dataset(dataset=dataset, public=True, licence=Licence.CC_BY, doi="10.5281/zenodo.1", citation="A. Author")
    User.objects.filter(username="owner").update(username=OWNER)
    return requests


@pytest.mark.parametrize(("route", "row"), REQUESTS)
@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_who_is_no_member_reads_the_open_pages_and_is_told_no_name(
    public: Requests, role: str, route: str, row: Row
) -> None:
    reply = public.by(role, row, route)
    opened = route in OPEN and row.method == "GET"
    assert reply.status == (200 if opened else row.statuses[ROLES.index(role)])
    hidden = [OF_OTHERS, OF_ORGANISERS, PRIVATE, OWNER, *public.world.secrets.values()]
    assert [word for word in hidden if word in reply.told and "<uuid:key>" not in route] == []


def test_the_open_pages_are_in_the_table() -> None:
    assert set(routes()) >= OPEN
