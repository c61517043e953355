"""A dataset, and requests to everything that can be changed in it."""

import io
import json
from collections.abc import Callable
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.audit_log.models import Entry
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph

API = "/api/v1/datasets/steels/"

Request = Callable[["World"], Any]


class World:
    """The dataset "steels" of ``owner``; whatever else a request needs is made when it is first asked for."""

    def __init__(self, fixture: Callable[[str], Any], dataset: Dataset, owner: User, png: Callable[..., bytes]) -> None:
        self.fixture, self.dataset, self.owner, self.png = fixture, dataset, owner, png
        self.client, self.admin = Client(), Client()
        self.client.force_login(owner)
        self.boss = User.objects.create_superuser("boss", password="correct horse")
        self.admin.force_login(self.boss)
        self.other = User.objects.create_user("ben", password="correct horse")

    def post(self, route: str, data: Any = None, *args: Any, **options: Any) -> Any:
        """To a page of the dataset as its owner."""
        return self.client.post(reverse(route, args=args or ["steels"]), data or {}, **options)

    def post_json(self, route: str, data: Any) -> Any:
        return self.post(route, json.dumps(data), content_type="application/json")

    def call(self, method: str, path: str, data: Any = None, **options: Any) -> Any:
        """To the API as the owner, with a token."""
        scopes = list(ApiToken.Scope.values)
        _token, secret = create_api_token(user=self.owner, scopes=scopes)
        headers = {"authorization": f"Token {secret}"}
        if method != "get" and not options.pop("multipart", False):
            options["content_type"], data = "application/json", json.dumps(data or {})
        return getattr(Client(), method)(path, data, headers=headers, **options)

    def save_admin(self, row: Any, **changed: Any) -> Any:
        """The change page of a row, as a superuser, with other values; its inlines may be ``inline-0-field``."""
        meta = row._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
        page = self.admin.get(address).context
        sent = _sent([page["adminform"].form])
        for inline in page["inline_admin_formsets"]:
            sent |= _sent([inline.formset.management_form, *inline.formset.forms])
        return self.admin.post(address, sent | changed)

    def admin_action(self, model: str, action: str, *rows: Any, **sent: Any) -> Any:
        data = {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows], **sent}
        return self.admin.post(reverse(f"admin:{model}_changelist"), data)

    def delete_in_admin(self, row: Any) -> Any:
        meta = row._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[row.pk])
        return self.admin.post(address, {"post": "yes"})

    @property
    def micrographs(self) -> list[Micrograph]:
        return list(self.fixture("held_out"))

    @property
    def one(self) -> Micrograph:
        return self.micrographs[0]

    @property
    def stored(self) -> Micrograph:
        """With a master, and not read yet."""
        file = io.BytesIO(self.png(seed=4711))
        return services.add_micrograph(dataset=self.dataset, file=file, filename="stored.png", by=self.owner)

    def upload(self, seed: int = 4712) -> SimpleUploadedFile:
        return SimpleUploadedFile(f"{seed}.png", self.png(seed=seed), "image/png")

    def verbs(self) -> list[str]:
        """Of all entries, the first one first."""
        return [str(verb) for verb in Entry.objects.order_by("pk").values_list("verb", flat=True)]


def _sent(forms: Any) -> dict[str, Any]:
    """What a browser sends of forms that nobody has touched."""
    sent = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                sent[field.html_name] = "on"
            elif isinstance(value, list):
                sent[field.html_name] = [str(getattr(one, "pk", one)) for one in value]
            elif value is not None and value is not False:
                if hasattr(value, "date") and "_0" not in field.html_name:
                    sent |= {f"{field.html_name}_0": f"{value:%Y-%m-%d}", f"{field.html_name}_1": f"{value:%H:%M:%S}"}
                sent[field.html_name] = value
    return sent
