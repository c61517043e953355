"""The requests in the reference of the API are answered as they are written, one after the other."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs.models import Change, Dataset, Micrograph
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from tests.docs.texts import DOCS
from tests.quizzes.conftest import add, held_out, score, version  # noqa: F401 # fixtures

REQUEST = re.compile(r"^```http\n(?P<method>[A-Z]+) (?P<path>\S+)\n(?P<body>\{.*\})?\n?```$", re.MULTILINE)
EXAMPLES = [found.groupdict() for found in REQUEST.finditer((DOCS / "reference" / "api.md").read_text())]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def known(
    version: ModelVersion,  # noqa: F811 # a fixture
    held_out: list[Micrograph],  # noqa: F811 # a fixture
    score: Callable[..., Score],  # noqa: F811 # a fixture
) -> dict[str, Any]:
    """What stands for the words in braces; the models have answered, so that a quiz can open."""
    Dataset.objects.update(slug="my-steels")
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    trained = Micrograph.objects.filter(split="train", material_class__name="ferrite")[0]
    Micrograph.objects.filter(pk=trained.pk).update(specimen="S1")
    return {"id": trained.pk, "class": trained.material_class_id}


def test_the_examples_are_answered(known: dict[str, Any], signed_in: Client, owner: User) -> None:
    assert len(EXAMPLES) > 15
    for example in EXAMPLES:
        if change := Change.objects.order_by("pk").last():
            known["change"] = change.pk
        path, body = (filled(example[part] or "", known) for part in ("path", "body"))
        send = getattr(signed_in, example["method"].lower())
        answer = send(f"/api/v1/{path}", body, content_type="application/json") if body else send(f"/api/v1/{path}")
        assert answer.status_code in (200, 201), f"{example['method']} {path} {body}: {answer.content.decode()}"
        told = answer.json()
        if isinstance(told, dict) and told.get("undo"):
            known["undo"] = told["undo"]
        json.loads(body or "{}")


def filled(text: str, known: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda word: str(known[word[1]]), text)
