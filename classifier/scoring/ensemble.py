"""Several mixtures, each over descriptors of its own, whose posteriors are averaged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from classifier.arrays import Floats
from classifier.triplet.mixture import Mixture


@dataclass(frozen=True)
class MixtureEnsemble:
    """The descriptors of all members stand side by side; a network may give further columns after them."""

    members: tuple[Mixture, ...]

    @property
    def width(self) -> int:
        """Columns of descriptors, of all members together."""
        return len(self.members) * int(self.members[0].means.shape[1])

    def posterior(self, descriptors: Floats) -> Floats:
        """Probability of each class given that it is one of them, (n, k)."""
        pairs = zip(self.members, self._parts(descriptors), strict=True)
        mean: Floats = np.mean([member.posterior(part) for member, part in pairs], axis=0)
        return mean

    def crop_probabilities(self, descriptors: Floats) -> Floats:
        """Class probabilities and, last, the share of members under whose threshold a crop lies, (n, k + 1)."""
        pairs = zip(self.members, self._parts(descriptors), strict=True)
        mean: Floats = np.mean([member.crop_probabilities(part) for member, part in pairs], axis=0)
        return mean

    def log_likelihood(self, descriptors: Floats) -> Floats:
        """Mean over the members of the standardised log-likelihood, (n,)."""
        pairs = zip(self.members, self._parts(descriptors), strict=True)
        mean: Floats = np.mean([member.standardised(member.log_likelihood(part)) for member, part in pairs], axis=0)
        return mean

    def arrays(self) -> dict[str, Floats]:
        """All numbers by name, the members along the first axis."""
        names = [field.name for field in fields(Mixture)]
        return {name: np.array([getattr(member, name) for member in self.members]) for name in names}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Floats]) -> "MixtureEnsemble":
        """The inverse of `arrays`."""
        names = [field.name for field in fields(Mixture)]
        rows = zip(*(arrays[name] for name in names), strict=True)
        return cls(tuple(Mixture(*row[:3], *map(float, row[3:])) for row in rows))

    def _parts(self, descriptors: Floats) -> list[Floats]:
        return np.split(descriptors[:, : self.width], len(self.members), axis=1)
