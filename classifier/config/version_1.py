"""The flat settings of version 1, still found in model artifacts, in model versions and in people's own files."""

from typing import Any

FLAT: dict[str, str] = {
    "members": "pretrained.ensemble_size",
    "folds": "pretrained.folds",
    "bank_crops": "pretrained.augmented_crops",
    "bank_windows": "pretrained.windows_per_micrograph",
    "augmented_share": "pretrained.augmented_share",
    "texture_dropout": "pretrained.feature_dropout",
    "weights": "pretrained.weights",
    "draws_per_micrograph": "pretrained.draws_per_micrograph",
    "clear_lead": "pretrained.decisive_lead",
    "doubtful_crops": "pretrained.doubtful_crops",
    "crop_size": "crops.size",
    "smallest_crop": "crops.smallest",
    "largest_side": "crops.largest_side",
    "brightness": "augmentation.brightness",
    "contrast": "augmentation.contrast",
    "gamma": "augmentation.gamma",
    "noise": "augmentation.noise",
    "blur_share": "augmentation.blur_share",
    "edge_share": "augmentation.edge_share",
    "warp": "augmentation.warp",
    "fold": "paper.unshuffle",
    "widths": "paper.widths",
    "depths": "paper.depths",
    "hidden": "paper.hidden",
    "part_size": "paper.part_size",
    "part_share": "paper.part_share",
    "check_share": "paper.check_share",
    "looks": "paper.validation_rounds",
    "patience": "paper.patience",
    "held_out": "paper.held_out",
    "mixture_crops": "paper.mixture_crops",
    "training_rejection": "paper.training_rejection",
    "descriptor_dimensions": "triplets.descriptor_dimensions",
    "steps": "triplets.steps",
    "classes_per_batch": "triplets.classes_per_batch",
    "crops_per_class": "triplets.crops_per_class",
    "learning_rate": "triplets.learning_rate",
    "weight_decay": "triplets.weight_decay",
    "margin": "triplets.margin",
    "joined_weight": "triplets.auxiliary_weight",
    "weight_memory": "triplets.ema_decay",
    "mining": "triplets.mining",
    "shrinkage": "mixture.shrinkage",
    "false_rejection": "mixture.false_rejection",
    "crops_per_image": "scoring.crops_per_image",
    "augment_scoring": "scoring.augment",
    "round_crops": "scoring.round_crops",
    "settled": "scoring.confidence",
}
"""Where each setting of version 1 lies today, as section and name."""


def nested(*settings: dict[str, Any]) -> dict[str, Any]:
    """The settings merged, later ones over earlier ones, with those of version 1 in their sections."""
    merged: dict[str, Any] = {}
    for one in settings:
        for key, value in one.items():
            section, _, name = FLAT.get(key, key).partition(".")
            added = {name: value} if name else value
            before = merged.get(section)
            if isinstance(added, dict) and isinstance(before, dict):
                added = {**before, **added}
            merged[section] = added
    return merged
