"""Several mixtures, each with descriptors of its own, that average their probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from classifier.arrays import Floats
from classifier.triplet.mixture import Mixture


@dataclass(frozen=True)
class MixtureEnsemble:
    """Mixtures whose descriptors stand side by side; it says what they say on average. A last column of descriptors,
    where there is one, is the strangeness (see strangeness.py): above `ood_threshold` a crop is none of these."""

    members: tuple[Mixture, ...]
    ood_threshold: float = np.inf

    def crop_probabilities(self, descriptors: Floats) -> Floats:
        """Per crop the class probabilities and none of these, (n, k + 1), of descriptors (n, members * d [+ 1])."""
        width = self.members[0].means.shape[1]
        own = descriptors[:, : width * len(self.members)]
        parts = np.split(own, len(self.members), axis=1)
        said = np.mean(
            [member.crop_probabilities(part) for member, part in zip(self.members, parts, strict=True)], axis=0
        )
        if own.shape[1] < descriptors.shape[1]:
            said[descriptors[:, -1] > self.ood_threshold] = np.eye(said.shape[1])[-1]
        return said

    def arrays(self) -> dict[str, Floats]:
        """All numbers by name, the members along the first axis."""
        names = [field.name for field in fields(Mixture)]
        numbers = {name: np.array([getattr(member, name) for member in self.members]) for name in names}
        return numbers | {"ood_threshold": np.array(self.ood_threshold)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Floats]) -> "MixtureEnsemble":
        """The ensemble that has these numbers."""
        names = [field.name for field in fields(Mixture)]
        rows = zip(*(arrays[name] for name in names), strict=True)
        members = tuple(Mixture(*row[:3], *map(float, row[3:])) for row in rows)
        return cls(members, float(arrays["ood_threshold"]))
