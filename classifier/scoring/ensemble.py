"""Several mixtures, each over descriptors of its own, whose probabilities are averaged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from classifier.arrays import Floats
from classifier.triplet.mixture import Mixture


@dataclass(frozen=True)
class MixtureEnsemble:
    """The descriptors of all members stand side by side. A further column, if there is one, is the OOD score: a crop
    above `ood_threshold` is none of these."""

    members: tuple[Mixture, ...]
    ood_threshold: float = np.inf

    def crop_probabilities(self, descriptors: Floats) -> Floats:
        """Class probabilities and, last, none of these, (n, k + 1), of descriptors (n, members * d [+ 1])."""
        width = self.members[0].means.shape[1]
        own = descriptors[:, : width * len(self.members)]
        parts = np.split(own, len(self.members), axis=1)
        each = [member.crop_probabilities(part) for member, part in zip(self.members, parts, strict=True)]
        mean: Floats = np.mean(each, axis=0)
        if own.shape[1] < descriptors.shape[1]:
            mean[descriptors[:, -1] > self.ood_threshold] = np.eye(mean.shape[1])[-1]
        return mean

    def arrays(self) -> dict[str, Floats]:
        """All numbers by name, the members along the first axis."""
        names = [field.name for field in fields(Mixture)]
        numbers = {name: np.array([getattr(member, name) for member in self.members]) for name in names}
        return numbers | {"ood_threshold": np.array(self.ood_threshold)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Floats]) -> "MixtureEnsemble":
        """The inverse of `arrays`."""
        names = [field.name for field in fields(Mixture)]
        rows = zip(*(arrays[name] for name in names), strict=True)
        members = tuple(Mixture(*row[:3], *map(float, row[3:])) for row in rows)
        return cls(members, float(arrays["ood_threshold"]))
