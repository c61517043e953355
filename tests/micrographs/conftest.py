"""Image files of every kind, and people of every role."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image, TiffImagePlugin

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Role
from tests.conftest import SHARED


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:
    """Storage of the test's own, to count its files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    assert default_storage.location == str(settings.MEDIA_ROOT)
    return settings.MEDIA_ROOT


def stored_files(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def tiff(pixels: np.ndarray, tags: dict[int, Any] | None = None, **options: Any) -> bytes:
    """A TIFF of these pixels; ``tags`` maps a tag's number to (type, value)."""
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for number, (kind, value) in (tags or {}).items():
        info.tagtype[number] = kind
        info[number] = value
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "TIFF", tiffinfo=info, **options)
    return file.getvalue()


def encoded(pixels: np.ndarray, image_format: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, image_format)
    return file.getvalue()


def rejected(call: Callable[[], Any]) -> str:
    """The code of the MicroDBError that the call raises."""
    from microdb.errors import MicroDBError

    with pytest.raises(MicroDBError) as caught:
        call()
    assert caught.value.message.endswith((".", "!"))
    return caught.value.code


@pytest.fixture
def add(dataset: Dataset, owner: User, png: Callable[..., bytes], media: Path) -> Callable[..., Micrograph]:
    """``add(seed=0, **given)``: a micrograph of the dataset, ready."""

    def make(seed: int = 0, **given: Any) -> Micrograph:
        given = {"dataset": dataset, "by": owner, "filename": f"{seed}.png", **given}
        return services.add_and_read_micrograph(file=io.BytesIO(png(seed)), **given)

    return make


@pytest.fixture
def people(dataset: Dataset, owner: User, stranger: User) -> dict[str, User]:
    """Somebody of each role, and a stranger."""
    everybody = {"stranger": stranger, "owner": owner}
    for role in (Role.VIEWER, Role.LABELLER, Role.CURATOR):
        everybody[role.value] = User.objects.create_user(role.value)
        services.set_member(dataset=dataset, user=everybody[role.value], role=role, by=owner)
    return everybody


@pytest.fixture
def token() -> Callable[..., dict[str, str]]:
    """``token(user, "read", "upload")``: the header that signs a request in."""

    def make(user: User, *scopes: str) -> dict[str, str]:
        _token, secret = create_api_token(user=user, scopes=scopes or ["read", "upload", "curate"])
        return {"authorization": f"Token {secret}"}

    return make


@pytest.fixture
def case_files() -> Path:
    """Small files that were once read wrongly; they lie beside the repository."""
    folder = SHARED / "cases" / "files"
    if not folder.is_dir():
        pytest.skip("../shared/cases/files is not here")
    return folder
