"""The four kinds of users, as locust runs them; ``tests.load`` says in the environment whom they sign in as.

Each waits so that it asks once in two seconds: a hundred of them ask 50 times a second.
"""

import os
import random
import re
import struct
import uuid
import zlib

from locust import HttpUser, constant_pacing, task

OWNER, ADMIN = os.environ["LOAD_OWNER_SESSION"], os.environ["LOAD_ADMIN_SESSION"]
TOKEN, QUIZ, MICROGRAPH = os.environ["LOAD_TOKEN"], os.environ["LOAD_QUIZ"], os.environ["LOAD_MICROGRAPH"]
SECONDS_BETWEEN = 2
LABELS = ("ferrite", "pearlite", "martensite", "bainite", "spheroidite")
DATASET = "/datasets/seeded/"


def picture() -> bytes:
    """A PNG that nobody has sent before."""
    rows = b"".join(b"\0" + random.randbytes(320) for _row in range(240))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 320, 240, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    packed = (struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


class SignedIn(HttpUser):
    abstract = True
    wait_time = constant_pacing(SECONDS_BETWEEN)
    session = ""

    def on_start(self) -> None:
        self.client.cookies.set("sessionid", self.session)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        return found[1] if found else ""


class Metallurgist(SignedIn):
    """Looks through the gallery, labels and uploads."""

    session = OWNER
    weight = 4

    @task(4)
    def gallery(self) -> None:
        page, label = random.randint(1, 40), random.choice(LABELS)
        self.client.get(f"{DATASET}?page={page}&label={label}", name="gallery, filtered")

    @task(2)
    def front(self) -> None:
        self.client.get(DATASET, name="gallery")

    @task(3)
    def micrograph(self) -> None:
        self.client.get(f"{DATASET}micrographs/{MICROGRAPH}/", name="micrograph")

    @task(2)
    def labelling(self) -> None:
        self.client.get(f"{DATASET}label/queue/", name="labelling queue")

    @task(1)
    def scores(self) -> None:
        self.client.get(f"{DATASET}scores/", name="scores")

    @task(1)
    def upload(self) -> None:
        page = self.client.get(f"{DATASET}upload/", name="upload page")
        self.client.post(
            f"{DATASET}upload/",
            {"csrfmiddlewaretoken": self.token(page.text)},
            files={"file": (f"{uuid.uuid4().hex}.png", picture())},
            headers={"Accept": "application/json", "Referer": self.host or ""},
            name="upload",
        )


class Reader(HttpUser):
    """Sits the quiz, signed out, again and again."""

    wait_time = constant_pacing(SECONDS_BETWEEN)
    weight = 3

    def on_start(self) -> None:
        self.sheet = self.choices = None
        page = self.client.get(f"/quiz/{QUIZ}/", name="quiz, first page").text
        self.csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        said = {"nickname": uuid.uuid4().hex[:8], "panel": "expert", "consents": "on", "csrfmiddlewaretoken": self.csrf}
        begun = self.client.post(f"/quiz/{QUIZ}/", said, headers={"Referer": self.host or ""}, name="quiz, begin")
        self.ballot = begun.url.rstrip("/").rsplit("/", 1)[0]
        page = self.client.get(f"{self.ballot}/1/", name="question").text
        self.csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        self.choices = re.findall(r'name="choice"\s+value="(\w+)"', page)
        self.keys = re.findall(r'"key": ?"([0-9a-f-]{36})"', page)
        self.images = re.findall(r'"image": ?"([^"]+)"', page)
        self.sent = 0

    @task(3)
    def answer(self) -> None:
        self.sent += 1
        fields = {"question": random.choice(self.keys), "choice": random.choice(self.choices), "active_ms": "1200"}
        headers = {"X-CSRFToken": self.csrf, "Accept": "application/json", "Referer": self.host or ""}
        fields |= {"stamp": f"{self.sent:x}:{self.sent}"}
        self.client.post(f"{self.ballot}/answer/", fields, headers=headers, name="answer")

    @task(2)
    def image(self) -> None:
        self.client.get(random.choice(self.images), name="picture of a question")

    @task(1)
    def question(self) -> None:
        self.client.get(f"{self.ballot}/{random.randint(1, len(self.keys))}/", name="question")


class Scripter(HttpUser):
    """A pipeline with a token."""

    wait_time = constant_pacing(SECONDS_BETWEEN)
    weight = 2
    api = "/api/v1/datasets/seeded/"

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Token {TOKEN}"

    @task(3)
    def micrographs(self) -> None:
        self.client.get(f"{self.api}micrographs/?page={random.randint(1, 900)}&page_size=100", name="API: micrographs")

    @task(2)
    def labelled(self) -> None:
        self.client.get(f"{self.api}micrographs/?label={random.choice(LABELS)}", name="API: micrographs, filtered")

    @task(2)
    def one(self) -> None:
        self.client.get(f"{self.api}micrographs/{MICROGRAPH}/", name="API: micrograph")

    @task(1)
    def versions(self) -> None:
        self.client.get(f"{self.api}model-versions/", name="API: model versions")

    @task(1)
    def upload(self) -> None:
        files = {"file": (f"{uuid.uuid4().hex}.png", picture())}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        self.client.post(f"{self.api}micrographs/", files=files, headers=key, name="API: upload")


class Curator(SignedIn):
    """The administrator, and a curator who checks labels."""

    session = ADMIN
    weight = 1
    pages = {
        "suspects": f"{DATASET}suspects/",
        "next to label": f"{DATASET}next/",
        "queue of next to label": f"{DATASET}next/queue/",
        "health": f"{DATASET}health/",
        "specimens": f"{DATASET}specimens/",
        "admin: scores": "/admin/scoring/score/",
        "admin: scores of one class": "/admin/scoring/score/?predicted=ferrite",
        "admin: scores by a name": "/admin/scoring/score/?q=field-0420",
        "admin: micrographs": "/admin/micrographs/micrograph/",
        "admin: micrographs by a name": "/admin/micrographs/micrograph/?q=field-0420",
    }

    @task
    def page(self) -> None:
        name = random.choice(list(self.pages))
        self.client.get(self.pages[name], name=name)
