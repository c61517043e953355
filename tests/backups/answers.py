"""Print what a site answers: run as a process of its own with the environment of that site.

    python -m tests.backups.answers TOKEN < addresses

One JSON object: address to status and body, with what differs from one answer to the next taken out.
"""

import hashlib
import json
import re
import sys

import django
from django.conf import settings

EACH_TIME = re.compile(
    r'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|csrf[^"]{0,20}": ?"[^"]*"|X-CSRFToken[^}]*'
    r'|<time datetime="[^"]*">\s*last activity.*'  # downloads count, and the addresses asked for are some
)


def main() -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    django.setup()
    from django.test import Client

    from microdb.accounts.models import User

    page, api = Client(), Client(headers={"authorization": f"Token {sys.argv[1]}"})
    page.force_login(User.objects.get(username="owner"))
    answers = {}
    for address in json.load(sys.stdin):
        client = api if address.startswith("/api/") else page
        response = client.get(address, headers={"host": "localhost"})
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = EACH_TIME.sub("", body.decode(errors="replace"))
        answers[address] = [response.status_code, hashlib.sha256(body).hexdigest() if response.streaming else text]
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
