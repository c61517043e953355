"""Who looks at what runs: the datasets that a person sees, and those that they curate."""

from dataclasses import dataclass

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Role


@dataclass(frozen=True)
class Viewer:
    """A person with their datasets by primary key."""

    user: User
    datasets: dict[int, Dataset]
    curated: frozenset[int]

    @classmethod
    def of(cls, user: User) -> "Viewer":
        datasets = Dataset.objects.visible_to(user).only("name", "slug").in_bulk()
        curated = Dataset.objects.visible_to(user, Role.CURATOR).values_list("pk", flat=True)
        return cls(user, datasets, frozenset(curated))
