"""What a head needs to tell many classes apart, or to learn from many micrographs: the settings grow with the dataset.

`Config`'s numbers were chosen on UHCS, 140 micrographs of five classes; there, and on anything smaller, they stay as
they are. Elsewhere they were too small. Right of those that did not train, where a class must be named, as on UHCS, as
here, and by logistic regression (balanced, C = 1) on the same features:

| classes x micrographs to train | as on UHCS | as here | logistic regression |
| --- | --- | --- | --- |
| 50 x 20, tiles of 80 pixels | 52, 56 % | 62, 68 % | 62, 66 % |
| 30 x 20 | 67 % | 73 % | 73 % |
| 10 x 20 | 81 % | 85 % | 85 % |
| 50 x 5 | 51 % | 59 % | 53 % |
| 50 x 3, tiles of 160 pixels | 68 % | 72 % | 68 % |
| 30 x 6 | 76, 83 % | 82, 87 % | 81, 84 % |
| 10 x 6 | 95 % | 95 % | 83 % |
| 8 x 105 drawn, held_out_predictions specimens | 97.9 % | 98.9 % | 99.3 % |
| 8 x 42 drawn | 96.4 % | 97.1 % | 97.5 % |

A tile's class is its UHCS training micrograph, whose left half trains and whose right half is asked about; no scale is
given. On 50 x 20, with more dimensions alone 57 %, with more steps too 56 %, with fewer channels left out too 62 %.
"""

from classifier.config import Config

TUNED_MICROGRAPHS, TUNED_CLASSES = 140, 5
"""The dataset on which the share of channels that a step keeps was chosen."""
MOST_KEPT = 0.5
"""Share of the channels kept, at most: a head leans on none even where there is enough to learn from."""
MOST_STEPS = 1000
"""However many micrographs there are: a minute of heads then, beside ten of looking at five thousand micrographs."""


def sized_for(config: Config, micrographs: int, classes: int) -> Config:
    """The settings for so many micrographs of so many classes.

    k classes lie apart along up to k - 1 directions; every micrograph is drawn as often, however many there are; and
    what is learnt by heart from few needs no hiding among many.
    """
    batch = min(classes, config.triplets.classes_per_batch) * config.triplets.crops_per_class
    wanted = round(config.pretrained.draws_per_micrograph * micrographs / batch)
    growth = max(1.0, micrographs / TUNED_MICROGRAPHS, classes / TUNED_CLASSES)
    return config.changed(
        triplets={
            "descriptor_dimensions": max(config.triplets.descriptor_dimensions, classes - 1),
            "steps": max(config.triplets.steps, min(MOST_STEPS, wanted)),
        },
        pretrained={
            "feature_dropout": min(
                config.pretrained.feature_dropout,
                max(1 - MOST_KEPT, 1 - (1 - config.pretrained.feature_dropout) * growth),
            )
        },
    )
