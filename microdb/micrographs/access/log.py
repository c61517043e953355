"""What the audit log may not tell its reader: names of micrographs and specimens that are withheld from them."""

from collections.abc import Mapping

from microdb.audit_log.masking import Withheld
from microdb.micrographs.models import Micrograph


def withheld_in_the_log(reader: object) -> Mapping[int, Withheld]:
    """Keys, file names and specimens of all micrographs that are withheld from ``reader``; one query."""
    keys: dict[int, set[str]] = {}
    names: dict[int, set[str]] = {}
    rows = Micrograph.objects.withheld_from(reader).order_by()
    for pk, dataset, *texts in rows.values_list("pk", "dataset", "filename", "specimen"):
        keys.setdefault(dataset, set()).add(str(pk))
        names.setdefault(dataset, set()).update(text for text in texts if text)
    return {dataset: Withheld(frozenset(keys[dataset]), frozenset(names[dataset])) for dataset in keys}
