"""Settings of the method, each with the reason behind its default.

A `Config` says how to train and score; it says nothing about where (device) or with which random state (seed). It goes
to and from a plain dict, so that a version of a model can be frozen with it and a later reader can refuse what it does
not know.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from classifier.errors import ClassifierError

Mining = Literal["semi-hard", "all"]

RECIPES: dict[str, dict[str, Any]] = {
    "pretrained": {},
    "paper": {
        # As the paper has it.
        "crop_size": 200,
        "descriptor_dimensions": 2,
        "augment_scoring": True,
        # "Aggressive data augmentation", how strong it does not say. Trained for 200 s of one core on two of three
        # grouped folds (96 micrographs), mild augmentation recognised 56 and this 56 too, but with a log-loss of 1.31
        # instead of 1.60 a micrograph: it is less sure of what it gets wrong. Noise is ours: detectors differ in it.
        "brightness": 0.4,
        "contrast": 0.3,
        "gamma": 0.3,
        "noise": 0.3,
        "blur_share": 0.3,
        "edge_share": 0.1,
        "warp": 0.025,
        # "A smaller crop, either down- or up-sampled", how small it does not say: to half the network's input.
        "smallest_crop": 0.5,
        # At most ten minutes on two cores. In the same trial, 450 s with half the learning rate, less noise and larger
        # crops recognised 31 of a fold's 45, 200 s as here 32: more steps alone gain little.
        "steps": 4800,
        # Half of them with every specimen, since 140 images are few.
        "check_share": 0.5,
        # On two folds 62 % of the held-out crops were right, 59 % at 3e-3.
        "learning_rate": 1e-2,
        "weight_decay": 1e-2,
        # Two dimensions alone pass little on to learn from, so the layer before them learns by triplets as well.
        "joined_weight": 1.0,
        # A mean over the last hundred steps is a better network than the last step alone, and is what a look judges.
        "weight_memory": 0.99,
        "patience": 6,
        # A class's own covariance, drawn towards the pooled one: a class may have two specimens.
        "shrinkage": 0.7,
        "false_rejection": 0.1,
    },
}
"""The recipes, with what a plain dict that names one sets unless it says otherwise."""


@dataclass(frozen=True)
class Config:
    """How to train and to score. Shares recognised are of specimen-grouped folds of the 140 UHCS training images."""

    recipe: str = "pretrained"
    """How descriptors come about. "paper" is that of the paper: the whole network learns from the dataset alone.
    "pretrained" keeps an ImageNet encoder as it is and trains only small heads by triplets. Five grouped folds of the
    140 training images, None of these not allowed: "paper" 63 %, scale alone 56 to 62 %, "pretrained" 77 %."""

    # Recipe "pretrained"
    members: int = 3
    """Heads in the committee, all trained on every micrograph, from other first weights and batches."""
    folds: int = 5
    """Folds of the specimens; a head without each of them measures the accuracy and sets the thresholds."""
    bank_crops: int = 8
    """Random augmented crops of each micrograph that heads train on, beside its windows: so that a head reads them
    alike."""
    bank_windows: int = 32
    """Plain windows of each micrograph, at most, that heads train on: all of one of 645 x 481, a random part of a large
    one's, so that five thousand micrographs of any size stay within a few gigabytes."""
    augmented_share: float = 0.5
    """Share of those crops in a batch."""
    texture_dropout: float = 0.9
    """Share of a texture's channels left out in each step, so that a head leans on none of them. 0.5, 0.8 and 0.9
    recognised 78, 78 and 79 % (balanced 75, 75 and 77 %). Larger datasets leave out less: see capacity.py."""

    weights: str = ""
    """A safetensors file with weights for the encoder, such as of micrographs instead of ImageNet, named as those of
    the package efficientnet_lite_pytorch; without one, the ImageNet weights that come along."""

    # Crops
    crop_size: int = 384
    """Side of the network's input in pixels. The paper's 200 shows too little of a structure for an encoder that does
    not learn it: in the trials, larger was better up to the whole image."""
    smallest_crop: float = 0.8
    """Side of the smallest crop before resampling, in crop sizes. Enlarging much shows only blur: with untrained
    features, crops of at least 0.5, 1.0 and 1.6 sizes recognised 58, 59 and 59 % of the micrographs."""
    largest_side: int = 4096
    """Images with a longer side are reduced to it first: a panorama must not fill the memory."""
    scale_free: bool = False
    """True: the scale is unknown for the whole dataset; the network is told nothing and no scale is asked for."""

    # Augmentation: the share of crops that each transformation touches, and how strongly. All of it is mild: a short
    # training has no time to learn what strong transformations hide.
    brightness: float = 0.2
    """Standard deviation of the added brightness, in standard deviations of the image's gray values."""
    contrast: float = 0.15
    """Standard deviation of the natural logarithm of the contrast factor: lighting and detectors differ that much."""
    gamma: float = 0.0
    """Standard deviation of the natural logarithm of the exponent that bends the gray values."""
    noise: float = 0.0
    """Standard deviation of the strongest noise added to a crop, in standard deviations of the image's gray values."""
    blur_share: float = 0.1
    """Share of crops with one blurred spot, as a dust particle would make."""
    edge_share: float = 0.05
    """Share of crops blended with their edges; more of it and gray levels stop to matter."""
    warp: float = 0.015
    """Standard deviation of the warping displacement in crop sides: 3 of 200 px bends a lamella, breaks nothing."""

    # Network of the recipe "paper"
    fold: int = 4
    """The input's 4 x 4 pixels become 16 channels at a quarter of the resolution: nothing is lost, and on a processor
    the network is twice as fast as with strided convolutions on one channel."""
    widths: tuple[int, ...] = (32, 64, 128, 256, 512)
    """Channels per stage; each stage after the first halves the resolution. The paper's network has "several million"
    parameters, this one 5.0: four fifths of them in the last stage, whose maps are so small that they cost little."""
    depths: tuple[int, ...] = (1, 2, 2, 2, 2)
    """Convolutions per stage; those after the first are residual. The first stage is shallow: it costs the most."""
    hidden: int = 128
    """Width of the layer that joins texture and scale."""
    descriptor_dimensions: int = 16
    """The paper has two, which can be drawn; they recognised 60 % and found half of the far unknown,
    16 recognised 78 % and found nine in ten. The map shows the two principal ones. "pretrained" takes more where there
    are more than 17 classes: see capacity.py."""

    # Training
    steps: int = 100
    """Batches of a head, under a second; 300 recognised 3 points fewer. The whole network of "paper" needs minutes."""
    draws_per_micrograph: int = 40
    """How often a head draws each micrograph, at least: many get more than `steps`, since with 100 each of 140 is drawn
    43 times, each of 840 only 11 times. Figures in capacity.py ("pretrained" alone)."""
    part_size: int = 96
    """Side in pixels of the part of each crop that most steps see: the same texture at the same scale for a quarter of
    the time."""
    part_share: float = 0.8
    """Share of the steps that see parts; the rest see whole crops, as scoring does."""
    check_share: float = 0.6
    """Share of the steps trained without the held-out specimens; the rest continues with every image. More leaves the
    held-out images unlearnt, less makes the measured accuracy that of a half-trained network."""
    looks: int = 20
    """How often a long training ("paper") looks at the held-out specimens on its way; a look costs as much as about
    five steps."""
    patience: int = 0
    """Looks without a gain after which it stops early; 0: never."""
    held_out: float = 0.2
    """For "paper": share of the images, by whole specimens, that measures accuracy and sets the threshold."""
    classes_per_batch: int = 8
    """At most so many classes in a batch, so that many classes do not make a batch slow."""
    crops_per_class: int = 12
    """Crops per class in a batch: enough positives and negatives to mine, small enough for two cores."""
    learning_rate: float = 3e-3
    """Peak of the one-cycle schedule (AdamW)."""
    weight_decay: float = 0.1
    """Keeps the weights small; a hundred images are soon learnt by heart."""
    margin: float = 1.0
    """Distance wanted between descriptors of different classes (alpha in eq. 1): it only sets the unit of the map."""
    joined_weight: float = 0.0
    """Weight of the same loss on the layer before the descriptors, where that layer learns too ("paper")."""
    weight_memory: float = 0.0
    """Share of the running mean of the weights that each step keeps; 0: the last weights are the network."""
    mining: Mining = "semi-hard"
    """Which triplets of a batch count: per anchor and positive the nearest negative beyond the positive, or all."""

    # Mixture
    shrinkage: float = 1.0
    """Weight of the pooled covariance in each class's: with few specimens a class's own spread is poorly known. 0.7
    recognised 74 % where 1 did 78 %."""
    mixture_crops: int = 1000
    """Training crops, over all classes, to which the Gaussians of "paper" are fitted."""
    false_rejection: float = 0.05
    """Share of known held-out micrographs that the threshold may call none of these; none_of_these.py has the table."""
    training_rejection: float = 0.05
    """For "paper", which holds out few specimens: at most this share of the training crops lies under the threshold."""

    # Scoring
    crops_per_image: int = 1000
    """The paper's thousand: all of them when exact, the most of them otherwise."""
    augment_scoring: bool = False
    """Whether the random crops of scoring, and those that the mixture is fitted to, are augmented as in training; in
    the paper they are."""
    round_crops: int = 32
    """Random crops between two looks at whether the label is settled."""
    settled: float = 0.99
    """Confidence in the label at which scoring stops early."""
    clear_lead: float = 0.2
    """Lead of the windows' first outcome over the second above which they are believed ("pretrained" alone). On grouped
    folds one in five leads by less; above it six labels in a thousand are not those of 64 random crops, below 317."""
    doubtful_crops: int = 64
    """Random crops, at most, that decide where the windows are in doubt: a second or two."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot work, in a sentence."""
        for wrong, text in self._problems():
            if wrong:
                raise ClassifierError(f"The configuration cannot be used: {text}.")

    def _problems(self) -> list[tuple[bool, str]]:
        positive = (
            "steps",
            "members",
            "folds",
            "bank_crops",
            "bank_windows",
            "draws_per_micrograph",
            "classes_per_batch",
            "hidden",
            "mixture_crops",
            "round_crops",
            "looks",
            "doubtful_crops",
        )
        shares = (
            "blur_share",
            "edge_share",
            "shrinkage",
            "false_rejection",
            "training_rejection",
            "check_share",
            "part_share",
            "texture_dropout",
            "augmented_share",
            "clear_lead",
        )
        return [
            (self.recipe not in RECIPES, f'recipe "{self.recipe}" is not known; use {" or ".join(RECIPES)}'),
            (
                self.mining not in get_args(Mining),
                f'mining "{self.mining}" is not known; use "semi-hard" or "all"',
            ),
            (len(self.widths) != len(self.depths) or not self.widths, "widths and depths need one number per stage"),
            (self.fold < 1 or self.crop_size % self.fold != 0, "crop_size must be a multiple of fold"),
            (self.part_size < self.fold or self.part_size % self.fold != 0, "part_size must be a multiple of fold"),
            (self.crop_size < self.fold * 2 ** (len(self.widths) - 1), "crop_size is too small for so many stages"),
            (min(self.widths + self.depths, default=1) < 1, "widths and depths must be at least 1"),
            (self.descriptor_dimensions < 2, "descriptor_dimensions must be at least 2, to draw the map"),
            (self.crops_per_class < 2, "crops_per_class must be at least 2, an anchor and a positive"),
            (self.classes_per_batch < 2, "classes_per_batch must be at least 2, for a negative"),
            (not 0 < self.smallest_crop <= 8, "smallest_crop must lie between 0 and 8 crop sizes"),
            (not 0 <= self.held_out <= 0.5, "held_out must lie between 0 and 0.5"),
            (not 0 <= self.weight_memory < 1, "weight_memory must lie between 0 and 1, 1 excluded"),
            (not 0.5 < self.settled < 1, "settled must lie between 0.5 and 1"),
            (self.texture_dropout == 1, "texture_dropout must lie below 1, or nothing is left to learn from"),
            (self.patience < 0, "patience must be at least 0"),
            (self.crops_per_image < 1, "crops_per_image must be at least 1"),
            (not self.learning_rate > 0 or not self.margin > 0, "learning_rate and margin must be above 0"),
            *((getattr(self, name) < 1, f"{name} must be at least 1") for name in positive),
            *(
                (not math.isfinite(value) or value < 0, f"{name} must be a finite number, at least 0")
                for name, value in vars(self).items()
                if isinstance(value, float)
            ),
            *((not 0 <= getattr(self, name) <= 1, f"{name} must lie between 0 and 1") for name in shares),
        ]

    def to_dict(self) -> dict[str, Any]:
        """All settings as JSON-able values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> "Config":
        """The settings given, defaults for the rest. Raises ClassifierError for an unknown key or a wrong type."""
        if not isinstance(settings, dict):
            raise ClassifierError('A configuration is an object of settings; give for example {"steps": 400}.')
        known = {field.name: field.default for field in fields(cls)}
        if unknown := sorted(set(settings) - set(known)):
            raise ClassifierError(
                f"Unknown settings in the configuration: {', '.join(unknown)}. Known are: {', '.join(known)}."
            )
        own = RECIPES.get(str(settings.get("recipe")), {})
        return cls(**{**own, **{key: _like(known[key], key, value) for key, value in settings.items()}})


def _like(default: object, key: str, value: object) -> Any:
    """`value` in the type of the default, or a sentence about what was wanted."""
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(type(item) is int for item in value):
        return tuple(value)
    if type(default) is float and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]
    if type(value) is type(default) and not isinstance(default, tuple):
        return value
    raise ClassifierError(f"Setting {key} should look like {default!r}, but {value!r} was given.")
