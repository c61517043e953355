"""Model versions of a seeded dataset with their scores, out-of-fold predictions and batches."""

from microdb.jobs import Job
from microdb.labels import NONE_OF_THESE
from microdb.micrographs.models import Dataset, DatasetVersion, DatasetVersionEntry
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.training.models import ModelVersion, OutOfFold
from tests.benchmarks.insert import insert
from tests.benchmarks.seed import CLASSES

VERSIONS = 4
"""At least: more where each micrograph has more scores."""
RIGHT = 0.81
"""Of the labels, as often as the paper's classifier."""
NONE = 0.03
BATCHES, LARGEST_BATCH = 5, 100_000


def seed_scores(dataset: Dataset, count: int) -> None:
    """So many scores by several versions, of which the last is active; each scores a random part of the dataset."""
    versions = max(VERSIONS, -(-count // dataset.micrographs.count()))
    frozen = _frozen(dataset)
    for number in range(1, versions + 1):
        version = ModelVersion.objects.create(
            dataset=dataset, dataset_version=frozen, number=number, classes=list(CLASSES), state=Job.State.DONE,
            is_active=number == versions,
        )  # fmt: skip
        _scores(version, count // versions)
    _out_of_fold(version)
    for _number in range(BATCHES):
        _batch(version, min(LARGEST_BATCH, count // 10))


def _frozen(dataset: Dataset) -> DatasetVersion:
    """As ``freeze_dataset`` does, but for the hash."""
    version = DatasetVersion.objects.create(dataset=dataset, number=1, sha256="0" * 64)
    made = {
        "micrograph_id": "m.id",
        "label": "coalesce(c.name, '')",
        "pixels_per_micrometre": "m.pixels_per_micrometre",
        "specimen": "m.specimen",
        "split": "m.split",
    }
    source = (
        "micrographs_micrograph m LEFT JOIN micrographs_materialclass c ON c.id = m.material_class_id "
        "WHERE m.dataset_id = %s AND m.state = 'ready'"
    )
    version.size = insert(DatasetVersionEntry(version=version), made, source, [dataset.pk])
    version.save()
    return version


def _scores(version: ModelVersion, count: int) -> None:
    made = {
        "id": "gen_random_uuid()",
        "micrograph_id": "micrograph",
        "pixels_per_micrometre": "scale",
        "created_at": "now() - random() * interval '300 days'",
        "predicted": "predicted",
        "nearest": "nearest",
        "probability": "probability",
        "none_of_these": "none",
        "probabilities": _probabilities("probability"),
    }
    same = Score(model_version=version, state=Job.State.DONE, progress=1)
    insert(same, made, f"({_predicted('random()')}) AS p", [version.dataset_id, count])


def _out_of_fold(version: ModelVersion) -> None:
    """Of all micrographs that it was trained on."""
    made = {
        "micrograph_id": "micrograph",
        "probabilities": f"{_probabilities('probability')} || jsonb_build_object('{NONE_OF_THESE}', none)",
        "label": "nearest",
        "predicted": "predicted",
        "probability": "greatest(probability, none)",
    }
    trained = "m.split = 'train' AND m.material_class_id IS NOT NULL"
    insert(OutOfFold(model_version=version), made, f"({_predicted('m.id', trained)}) AS p", [version.dataset_id, None])


def _predicted(order: str, only: str = "true") -> str:
    """What a version says of micrographs: ``micrograph``, ``scale``, ``predicted``, ``nearest``, ``second`` and so on.

    ``probability`` is that of the prediction; ``none`` that of none of these, which may be the prediction.
    """
    drawn = f"(array[{', '.join(repr(name) for name in CLASSES)}])[1 + floor(random() * {len(CLASSES)})::int]"
    chosen = f"""
        SELECT m.id AS micrograph, m.pixels_per_micrometre AS scale, {drawn} AS second, random() AS share,
            random() AS chance, CASE WHEN random() < {RIGHT} THEN coalesce(c.name, {drawn}) ELSE {drawn} END AS nearest,
            random() < {NONE} AS is_none
        FROM micrographs_micrograph m LEFT JOIN micrographs_materialclass c ON c.id = m.material_class_id
        WHERE m.dataset_id = %s AND {only} ORDER BY {order} LIMIT %s"""
    return f"""
        SELECT *, CASE WHEN is_none THEN '{NONE_OF_THESE}' ELSE nearest END AS predicted,
            CASE WHEN is_none THEN 0.6 + 0.2 * chance ELSE 0.5 + 0.5 * chance END AS probability,
            CASE WHEN is_none THEN 0.6 + 0.2 * chance ELSE 0.1 * (1 - chance) END AS none
        FROM ({chosen}) AS chosen"""


def _probabilities(probability: str) -> str:
    """Of the classes: most for the nearest, a share of the rest for the second, and the same for the others."""
    nearest = f"CASE WHEN is_none THEN 0.6 * (1 - none) ELSE {probability} END"
    rest = f"greatest(0, 1 - none - {nearest})"
    pairs = ", ".join(
        f"'{name}', CASE WHEN nearest = '{name}' THEN {nearest} "
        f"WHEN second = '{name}' THEN share * {rest} ELSE (1 - share) * {rest} / 4 END"
        for name in CLASSES
    )
    return f"jsonb_build_object({pairs})"


def _batch(version: ModelVersion, count: int) -> None:
    batch = Batch.objects.create(model_version=version)
    Batch.objects.filter(pk=batch.pk).update(started_at=batch.created_at, announced_at=batch.created_at)
    made = {
        "position": "row_number() OVER ()",
        "filename": "m.filename",
        "micrograph_id": "m.id",
        "score_id": "s.id",
    }
    source = (
        "(SELECT id, micrograph_id FROM scoring_score WHERE model_version_id = %s LIMIT %s) AS s "
        "JOIN micrographs_micrograph m ON m.id = s.micrograph_id"
    )
    insert(BatchItem(batch=batch), made, source, [version.pk, count])
    Batch.objects.filter(pk=batch.pk).store_counts()
