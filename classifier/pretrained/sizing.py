"""Settings of a head that grow with the dataset.

The defaults were chosen on UHCS, 140 micrographs of five classes, and hold for datasets up to that size. Larger ones
get more dimensions, more steps and less feature dropout: docs/method/dataset-size.md has the accuracy.
"""

from classifier.config import Config

TUNED_MICROGRAPHS, TUNED_CLASSES = 140, 5
"""The size of the dataset on which the defaults were chosen."""
MOST_KEPT = 0.5
"""Largest share of the features that a step keeps."""
MOST_STEPS = 1000
"""Largest number of steps: a minute, where encoding 5,000 micrographs takes ten."""


def sized_for(config: Config, micrographs: int, classes: int) -> Config:
    """The settings for a dataset of this size.

    k class means span at most k - 1 dimensions. Steps grow so that each micrograph is drawn as often as in a small
    dataset. Dropout, which prevents memorising few micrographs, shrinks as their number grows.
    """
    triplets, settings = config.triplets, config.pretrained
    batch = min(classes, triplets.classes_per_batch) * triplets.crops_per_class
    needed = round(settings.draws_per_micrograph * micrographs / batch)
    growth = max(1.0, micrographs / TUNED_MICROGRAPHS, classes / TUNED_CLASSES)
    dropout = max(1 - MOST_KEPT, 1 - (1 - settings.feature_dropout) * growth)
    return config.changed(
        triplets={
            "descriptor_dimensions": max(triplets.descriptor_dimensions, classes - 1),
            "steps": max(triplets.steps, min(MOST_STEPS, needed)),
        },
        pretrained={"feature_dropout": min(settings.feature_dropout, dropout)},
    )
