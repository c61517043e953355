"""A dataset of many micrographs without files: what a list page sees of ten years of work."""

import hashlib
import random
from collections.abc import Iterator
from uuid import UUID

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, MaterialClass, Micrograph, NearDuplicate
from microdb.micrographs.services import create_dataset

CLASSES = ("ferrite", "pearlite", "martensite", "bainite", "spheroidite")
PER_SPECIMEN = 20
AT_ONCE = 2000


def seed(count: int) -> tuple[User, UUID]:
    """The owner of the dataset ``seeded``, and the key of a micrograph in the middle of it."""
    owner = User.objects.create_user("seeder")
    dataset = create_dataset(name="Seeded", slug="seeded", by=owner, class_names=CLASSES)
    classes = list(dataset.material_classes.order_by("position"))
    middle = UUID(int=0)
    for start in range(0, count, AT_ONCE):
        rows = list(_rows(dataset, classes, owner, range(start, min(count, start + AT_ONCE))))
        Micrograph.objects.bulk_create(rows)
        NearDuplicate.objects.bulk_create(
            NearDuplicate(first=one, second=other, kind=NearDuplicate.Kind.NEAR, differing_bits=4)
            for one, other in zip(rows[::200], rows[1::200], strict=False)
        )
        if start <= count // 2:
            middle = rows[-1].pk
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return owner, middle


def _rows(dataset: Dataset, classes: list[MaterialClass], owner: User, numbers: range) -> Iterator[Micrograph]:
    chance = random.Random(numbers.start)
    for number in numbers:
        labelled = chance.random() < 0.7
        scale = None if chance.random() < 0.05 else round(10 ** chance.uniform(-0.5, 2), 3)
        specimen = f"S{number // PER_SPECIMEN}"
        yield Micrograph(
            dataset=dataset,
            filename=f"field-{number:06d}.tif",
            master=f"masters/{number}",
            display=f"displays/{number}.png",
            thumbnail=f"thumbnails/{number}.webp",
            sha256=hashlib.sha256(b"%d" % number).hexdigest(),
            pixel_sha256=hashlib.sha256(b"pixels %d" % number).hexdigest(),
            perceptual_hash=chance.getrandbits(64) - 2**63,
            file_format="TIFF",
            width=1280,
            height=960,
            bit_depth=8,
            flaw="blank" if chance.random() < 0.002 else "",
            state="ready" if chance.random() > 0.001 else "reading",
            material_class=chance.choice(classes) if labelled else None,
            unsure=not labelled and chance.random() < 0.05,
            pixels_per_micrometre=scale,
            scale_source="" if scale is None else "metadata",
            specimen=specimen,
            modality="SEM" if number % 3 else "optical",
            split="quiz" if number // PER_SPECIMEN % 5 == 0 else "train" if labelled else "",
            uploaded_by=owner,
        )
