"""The pages and lists that must stay fast with a million micrographs and a million scores, by name.

``{slug}`` is that of the dataset, ``{micrograph}``, ``{batch}`` and ``{score}`` are keys of rows in the middle of it.
"""

DATASET = "/datasets/{slug}/"
LISTS = {
    "gallery": DATASET,
    "gallery, one class": f"{DATASET}?label=pearlite",
    "gallery, unlabelled": f"{DATASET}?label=unlabelled",
    "gallery, none of these": f"{DATASET}?label=none-of-these",
    "gallery, two filters": f"{DATASET}?label=pearlite&split=train&sort=scale",
    "gallery, newest": f"{DATASET}?sort=newest",
    "gallery, by file name": f"{DATASET}?sort=filename",
    "gallery, by specimen": f"{DATASET}?sort=specimen",
    "gallery, middle page": f"{DATASET}?page=8000",
    "gallery, last page": f"{DATASET}?page=99999",
    "gallery, filtered, last page": f"{DATASET}?label=pearlite&page=99999",
    "gallery, split, last page": f"{DATASET}?split=train&page=99999",
    "gallery, by scale, last page": f"{DATASET}?sort=scale&page=99999",
    "gallery, search": f"{DATASET}?search=field-0420",
    "gallery, search without a match": f"{DATASET}?search=nothing-like-it",
    "gallery, search for a frequent part": f"{DATASET}?search=field",
    "gallery, specimen": f"{DATASET}?specimen=S420",
    "gallery, instrument": f"{DATASET}?instrument=Microscope+1",
    "gallery, rare instrument": f"{DATASET}?instrument=On+loan",
    "gallery, material": f"{DATASET}?material=Steel+10",
    "gallery, missing scale": f"{DATASET}?missing_scale=1",
    "gallery, odd scale": f"{DATASET}?warning=odd_scale",
    "gallery, near-duplicates": f"{DATASET}?warning=twin",
    "gallery, leaks": f"{DATASET}?warning=leak",
    "gallery, differs from its bar": f"{DATASET}?warning=other_than_bar",
    "gallery, predicted": f"{DATASET}?predicted=ferrite",
    "gallery, predicted and rare": f"{DATASET}?predicted=none-of-these&probability_min=0.99&sort=filename",
    "gallery, uncertain": f"{DATASET}?probability_max=0.5",
    "gallery, not scored": f"{DATASET}?predicted=unscored&sort=newest",
    "facet of predictions": f"{DATASET}facets/predicted/",
    "facet of probabilities": f"{DATASET}facets/probability/?label=pearlite",
    "gallery, by time": f"{DATASET}?since=2026-01-01&until=2026-02-01",
    "facet of specimens": f"{DATASET}facets/specimen/",
    "facet of instruments": f"{DATASET}facets/instrument/",
    "labelling": f"{DATASET}label/",
    "labelling queue": f"{DATASET}label/queue/",
    "labelling queue, later": f"{DATASET}label/queue/?after={{micrograph}}",
    "health": f"{DATASET}health/",
    "micrograph": f"{DATASET}micrographs/{{micrograph}}/",
    "specimens": f"{DATASET}specimens/",
    "specimens, last page": f"{DATASET}specimens/?page=99999",
    "specimens, filtered": f"{DATASET}specimens/?material=Steel+10",
    "upload": f"{DATASET}upload/",
    "suspects": f"{DATASET}suspects/",
    "suspects, queue": f"{DATASET}suspects/queue/?after=0.2~80000000-0000-4000-8000-000000000000",
    "suspects, review": f"{DATASET}suspects/review/",
    "suspects, later": f"{DATASET}suspects/?after=0.2~80000000-0000-4000-8000-000000000000",
    "next, least certain": f"{DATASET}next/",
    "next, later": f"{DATASET}next/?after=0.9~80000000-0000-4000-8000-000000000000",
    "next, closest call": f"{DATASET}next/?order=margin",
    "next, least like any class": f"{DATASET}next/?order=unknown",
    "next, queue": f"{DATASET}next/queue/",
    "next, labelling": f"{DATASET}next/label/",
    "scores": f"{DATASET}scores/",
    "scores, one class": f"{DATASET}scores/?predicted=ferrite",
    "scores, failed": f"{DATASET}scores/?state=failed",
    "scores, one version": f"{DATASET}scores/?version=1",
    "scores, of a micrograph": f"{DATASET}scores/?micrograph={{micrograph}}",
    "scores, late": f"{DATASET}scores/?after=2026-03-01T00:00:00%2B00:00~80000000-0000-4000-8000-000000000000",
    "score": "/scores/{score}/",
    "batch": "/batches/{batch}/",
    "batch, last page": "/batches/{batch}/?after=999999",
    "batch, errors": "/batches/{batch}/?show=wrong",
    "training": f"{DATASET}training/",
    "versions": f"{DATASET}versions/",
    "datasets": "/datasets/",
}
API = "/api/v1/datasets/{slug}/"
API_LISTS = {
    "API: micrographs": f"{API}micrographs/",
    "API: micrographs, late page": f"{API}micrographs/?page=1800&page_size=500",
    "API: micrographs, middle page": f"{API}micrographs/?page=1000&page_size=500",
    "API: micrographs, one class": f"{API}micrographs/?label=ferrite",
    "API: micrographs, one class, late": f"{API}micrographs/?label=ferrite&page=270&page_size=500",
    "API: micrographs, unlabelled": f"{API}micrographs/?labelled=false",
    "API: micrographs, split": f"{API}micrographs/?split=quiz&has_scale=true",
    "API: micrographs, scale source": f"{API}micrographs/?scale_source=metadata",
    "API: micrographs, by hand": f"{API}micrographs/?scale_source=by_hand",
    "API: micrographs, state": f"{API}micrographs/?state=needs_scale",
    "API: micrographs, specimen": f"{API}micrographs/?specimen=S420",
    "API: micrographs, file name": f"{API}micrographs/?filename=field-0420",
    "API: micrographs, instrument": f"{API}micrographs/?instrument=Microscope+1",
    "API: micrographs, predicted, by cursor": f"{API}micrographs/?predicted=ferrite&probability_max=0.5&cursor=",
    "API: micrographs, by cursor": f"{API}micrographs/?cursor=",
    "API: batches": f"{API}batches/",
    "API: batch": f"{API}batches/{{batch}}/",
    "API: results, a page": f"{API}batches/{{batch}}/results/?page_size=500",
    "API: model versions": f"{API}model-versions/",
    "API: specimens": f"{API}specimens/",
    "API: specimens, late page": f"{API}specimens/?page=900",
    "API: dataset": API,
}


def keys_of(slug: str) -> dict[str, object]:
    """What the addresses of a dataset need."""
    from microdb.micrographs.models import Dataset
    from microdb.scoring.models import Batch, Score

    dataset = Dataset.objects.get(slug=slug)
    middle = f"field-{dataset.micrographs.count() // 2:06d}.tif"
    return {
        "slug": slug,
        "micrograph": dataset.micrographs.get(filename=middle).pk,
        "batch": Batch.objects.filter(model_version__dataset=dataset)[0].pk,
        "score": Score.objects.filter(dataset=dataset)[0].pk,
    }
