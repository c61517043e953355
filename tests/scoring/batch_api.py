"""A client of the batch API, for tests."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.jobs import Job
from microdb.scoring.models import Score
from microdb.scoring.tasks import score_micrograph
from tests.trained import drawn_png, read_all

BATCHES = "/api/v1/datasets/steels/batches/"
JSON = "application/json"


class Api:
    """A client with a token; a multipart body is given as a dict, JSON with ``json=``."""

    def __init__(self, client: Client, token: dict[str, str]) -> None:
        self.client, self.token = client, token

    def post(self, path: str = "", body: dict | None = None, *, status: int, json: dict | None = None, **headers):
        given = {"data": json, "content_type": JSON} if json is not None else {"data": body or {}}
        answer = self.client.post(BATCHES + path, headers=self.token | headers, **given)
        assert answer.status_code == status, answer.content
        return answer.json()

    def get(self, path: str, *, status: int = 200, **headers):
        answer = self.client.get(BATCHES + path, headers=self.token | headers)
        assert answer.status_code == status, answer.content
        return answer

    def opened(self, **options: object) -> str:
        batch = self.post(json={"start": False, **options}, status=202)
        assert (batch["state"], batch["total"], batch["started_at"]) == ("open", 0, None)
        return f"{batch['id']}/"

    def send(self, batch: str, files: dict[str, bytes], *, status: int = 202, **more: object):
        sent = [SimpleUploadedFile(path.rpartition("/")[2], content, "image/png") for path, content in files.items()]
        return self.post(f"{batch}files/", {"files": sent, "paths": list(files), **more}, status=status)

    def results(self, batch: str) -> list[dict]:
        return self.get(f"{batch}results/").json()


def image(seed: int) -> bytes:
    return drawn_png("ferrite", seed)


def score_all() -> None:
    read_all()
    for pk in Score.objects.filter(state=Job.State.QUEUED).values_list("pk", flat=True):
        score_micrograph(str(pk))
