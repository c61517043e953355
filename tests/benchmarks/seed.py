"""A dataset of many micrographs without files: what a list page sees of ten years of work."""

from uuid import UUID

from django.db import connection

from microdb.accounts.models import User
from microdb.micrographs.models import (
    Acquisition,
    Dataset,
    Lettering,
    Micrograph,
    NearDuplicate,
    Specimen,
)
from microdb.micrographs.services import create_dataset
from tests.benchmarks.insert import insert

CLASSES = ("ferrite", "pearlite", "martensite", "bainite", "spheroidite")
PER_SPECIMEN = 20


def seed(count: int, slug: str = "seeded", owner: User | None = None) -> tuple[User, UUID]:
    """The owner of the dataset ``slug``, and the key of a micrograph in the middle of it."""
    owner = owner or User.objects.create_user("seeder")
    dataset = create_dataset(name=slug.capitalize(), slug=slug, by=owner, class_names=CLASSES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
    _micrographs(dataset, owner, count)
    _near_duplicates(dataset)
    _acquisitions(dataset)
    _letterings(dataset)
    _specimens(dataset, count // PER_SPECIMEN)
    vacuum()
    return owner, dataset.micrographs.get(filename=f"field-{count // 2:06d}.tif").pk


def vacuum() -> None:
    """As autovacuum does in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _micrographs(dataset: Dataset, owner: User, count: int) -> None:
    keys = ", ".join(str(one.pk) for one in dataset.material_classes.order_by("position"))
    same = Micrograph(dataset=dataset, uploaded_by=owner, file_format="TIFF", width=1280, height=960, bit_depth=8)
    made = {
        "id": "gen_random_uuid()",
        "created_at": f"now() - ({count} - n) * interval '1 minute'",
        "filename": "'field-' || lpad(n::text, 6, '0') || '.tif'",
        "master": "'masters/' || n",
        "display": "'displays/' || n || '.png'",
        "thumbnail": "'thumbnails/' || n || '.webp'",
        "sha256": "encode(sha256(n::text::bytea), 'hex')",
        "pixel_sha256": "encode(sha256(('pixels ' || n)::bytea), 'hex')",
        "perceptual_hash": "('x' || left(encode(sha256(('hash ' || n)::bytea), 'hex'), 16))::bit(64)::bigint",
        "flaw": "CASE WHEN random() < 0.002 THEN 'blank' ELSE '' END",
        "state": "CASE WHEN random() > 0.001 THEN 'ready' ELSE 'reading' END",
        "material_class_id": f"CASE WHEN label < 0.7 THEN (array[{keys}])[1 + floor(label / 0.14)::int] END",
        "unsure": "label > 0.985",
        "pixels_per_micrometre": "scale",
        "scale_source": "CASE WHEN scale IS NULL THEN '' ELSE 'metadata' END",
        "bar_pixels": "CASE WHEN n %% 20 = 0 THEN 200 END",
        "specimen": f"'S' || n / {PER_SPECIMEN}",
        "modality": "CASE WHEN n %% 3 > 0 THEN 'SEM' ELSE 'optical' END",
        "split": f"CASE WHEN n / {PER_SPECIMEN} %% 5 = 0 THEN 'quiz' WHEN label < 0.7 THEN 'train' ELSE '' END",
    }
    scale = "CASE WHEN random() > 0.05 THEN round((10 ^ (random() * 2.5 - 0.5))::numeric, 3)::float END AS scale"
    insert(same, made, f"(SELECT n, random() AS label, {scale} FROM generate_series(0, %s) n) AS drawn", [count - 1])


def _near_duplicates(dataset: Dataset) -> None:
    ordered = (
        "(SELECT id, lead(id) OVER (ORDER BY created_at) AS next, filename FROM micrographs_micrograph "
        "WHERE dataset_id = %s) AS m WHERE next IS NOT NULL AND right(filename, 6) = '00.tif'"
    )
    pair = NearDuplicate(kind=NearDuplicate.Kind.NEAR, differing_bits=4)
    insert(pair, {"first_id": "m.id", "second_id": "m.next"}, ordered, [dataset.pk])


def _acquisitions(dataset: Dataset) -> None:
    """Four microscopes, and one that was on loan for a few micrographs."""
    made = {
        "micrograph_id": "id",
        "instrument": "CASE WHEN random() < 0.0001 THEN 'On loan' ELSE 'Microscope ' || floor(random() * 4)::int END",
        "detector": "(array['SE2', 'InLens', 'BSE'])[1 + floor(random() * 3)::int]",
        "kilovolts": "(array[5, 10, 15, 20])[1 + floor(random() * 4)::int]",
        "magnification": "(array[250, 500, 1000, 2500, 5000])[1 + floor(random() * 5)::int]",
        "date": "to_char(created_at, 'YYYY-MM-DD')",
    }
    insert(Acquisition(), made, "micrographs_micrograph WHERE dataset_id = %s", [dataset.pk])


def _letterings(dataset: Dataset) -> None:
    """At the micron bars, most of which agree with the scale."""
    made = {
        "micrograph_id": "id",
        "text": "'20 µm'",
        "pixels_per_micrometre": "coalesce(pixels_per_micrometre, 10) * CASE WHEN random() < 0.02 THEN 2 ELSE 1 END",
    }
    same = Lettering(state=Lettering.State.DONE, amount=20, unit="µm", confidence=0.99)
    insert(same, made, "micrographs_micrograph WHERE dataset_id = %s AND bar_pixels IS NOT NULL", [dataset.pk])


def _specimens(dataset: Dataset, count: int) -> None:
    """The records of every tenth specimen."""
    made = {
        "name": "'S' || n",
        "material": "'Steel ' || n %% 40",
        "composition": "jsonb_build_object('C', (n %% 20) / 10.0)",
        "steps": "jsonb_build_array(jsonb_build_object('celsius', 700 + n %% 30 * 10, 'cooling', 'quenched'))",
        "heat_treatment": "700 + n %% 30 * 10 || ' °C, quenched'",
    }
    insert(Specimen(dataset=dataset), made, "generate_series(0, %s, 10) n", [count - 1])
