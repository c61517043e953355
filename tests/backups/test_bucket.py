"""A site whose files are in a bucket: it answers from there, and is backed up and restored into another bucket."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from microdb.stack.servers.running import running_servers
from tests.backups.test_backup_and_restore import addresses, answers, environment, manage
from tests.flows.conftest import wait_until
from tests.workers import database_url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PATIENCE = 120
READ = """
import io
from microdb.accounts.models import User
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import add_micrograph
from microdb.micrographs.tasks import read_micrograph
from PIL import Image
file = io.BytesIO()
Image.effect_noise((64, 48), 60).save(file, "PNG")
owner = User.objects.get(username="owner")
file.seek(0)
one = add_micrograph(dataset=Dataset.objects.get(), file=file, filename="new.png", by=owner)
read_micrograph.apply(args=[str(one.pk)])
one.refresh_from_db()
print(one.state, one.width, bool(one.thumbnail), one.open_master().read() == file.getvalue())
"""


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A server that speaks S3, in a process of its own, and the variables that lead to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = os.environ.get("MOTO_SERVER", str(Path(sys.executable).with_name("moto_server")))
    if not Path(server).exists():
        pytest.skip("no S3 server: pip install 'moto[server]', or name moto_server in MOTO_SERVER")
    with (tmp_path / "s3.log").open("w") as log:
        process = subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    yield {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    process.terminate()
    process.wait(timeout=30)


def client_of(s3: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=s3["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=s3["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=s3["AWS_SECRET_ACCESS_KEY"],
        region_name=s3["AWS_DEFAULT_REGION"],
    )


def names(bucket: str, client: Any) -> set[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {one["Key"] for page in pages for one in page.get("Contents", [])}


def test_a_site_in_a_bucket_answers_alike_after_a_restoration_into_another(
    site: Path, token: str, tmp_path: Path, s3: dict[str, str]
):
    client = client_of(s3)
    wait_until(lambda: made(client, "steels"), PATIENCE, (tmp_path / "s3.log").read_text)
    client.create_bucket(Bucket="restored")
    for path in (site / "media").rglob("*"):
        if path.is_file():
            client.upload_file(str(path), "steels", str(path.relative_to(site / "media")))
    here = environment(DATABASE_URL=database_url(), VAR=str(tmp_path / "here"), STORAGE_S3_BUCKET="steels", **s3)
    read = manage("shell", "-v", "0", "-c", READ, env=here)
    assert read.stdout == "ready 64 True True\n", read.stderr
    asked = addresses()
    before = answers(asked, token, here)
    assert {address: status for address, (status, _body) in before.items() if status != 200} == {}
    done = manage("backup", tmp_path / "backups", env=here)
    assert done.returncode == 0, done.stderr

    new = environment(VAR=str(tmp_path / "new"), STORAGE_S3_BUCKET="restored", **s3)
    for name in ("DATABASE_URL", "REDIS_URL"):
        del new[name]
    done = manage("restore", tmp_path / "backups", env=new)
    assert done.returncode == 0, done.stderr
    with running_servers(tmp_path / "new"):
        assert answers(asked, token, new) == before
        checked = manage("check_files", env=new)
    assert "0 missing, 0 altered, 0 orphan" in checked.stdout
    assert names("restored", client) <= names("steels", client)


def made(client: Any, bucket: str) -> bool:
    try:
        client.create_bucket(Bucket=bucket)
    except Exception:  # noqa: BLE001 # not listening yet
        return False
    return True
