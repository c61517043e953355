"""The sections of the configuration, each with the reason for its defaults.

"Recognised" means the accuracy on specimen-grouped folds of the 140 UHCS training images. `docs/method` has the full
tables.
"""

from dataclasses import dataclass
from typing import Literal

from classifier.config.part import Part, setting, share

Mining = Literal["semi-hard", "all"]


@dataclass(frozen=True)
class CropConfig(Part):
    """The square crops that the network sees."""

    section = "crops"

    size: int = setting(384, at_least=1)
    """Side of the network's input in pixels. The paper uses 200; a frozen encoder recognised more with larger crops."""
    smallest: float = setting(0.8, at_least=0, at_most=8)
    """Side of the smallest crop before resampling, in units of `size`. Strong enlargement only shows blur."""
    largest_side: int = setting(4096, at_least=1)
    """Micrographs with a longer side are reduced to it first, to bound the memory. In pixels."""


@dataclass(frozen=True)
class AugmentationConfig(Part):
    """Random changes to training crops. The defaults are mild: a short training cannot learn from strong ones."""

    section = "augmentation"

    brightness: float = setting(0.2, at_least=0)
    """Standard deviation of the added brightness, in standard deviations of the micrograph's gray values."""
    contrast: float = setting(0.15, at_least=0)
    """Standard deviation of the natural logarithm of the contrast factor."""
    gamma: float = setting(0.0, at_least=0)
    """Standard deviation of the natural logarithm of the exponent applied to the gray values."""
    noise: float = setting(0.0, at_least=0)
    """Largest standard deviation of the added noise, in standard deviations of the micrograph's gray values."""
    blur_share: float = share(0.1)
    """Share of crops with one blurred spot, as a dust particle causes."""
    edge_share: float = share(0.05)
    """Share of crops blended with their edges."""
    warp: float = setting(0.015, at_least=0)
    """Standard deviation of the warping displacement in crop sides."""


@dataclass(frozen=True)
class TripletConfig(Part):
    """The descriptor and its training by triplets."""

    section = "triplets"

    descriptor_dimensions: int = setting(16, at_least=2)
    """Numbers in a descriptor. The paper uses 2, which recognised 60 % where 16 recognised 78 %. The map shows the two
    principal axes."""
    steps: int = setting(100, at_least=1)
    """Batches that a training takes. A head needs 100 (under a second); 300 recognised 3 points less."""
    classes_per_batch: int = setting(8, at_least=2)
    """Classes in a batch, at most: a batch stays fast however many classes there are."""
    crops_per_class: int = setting(12, at_least=2)
    """Crops per class in a batch."""
    learning_rate: float = 3e-3
    """Peak of the one-cycle schedule (AdamW)."""
    weight_decay: float = setting(0.1, at_least=0)
    """AdamW's weight decay. High, because a hundred micrographs are soon memorised."""
    margin: float = 1.0
    """The margin of equation 1 (alpha in the paper). It only sets the unit of the descriptor space."""
    auxiliary_weight: float = setting(0.0, at_least=0)
    """Weight of the same loss on the layer before the descriptors."""
    ema_decay: float = setting(0.0, at_least=0)
    """Decay of the exponential moving average of the weights; 0 keeps the last weights."""
    mining: Mining = "semi-hard"
    """Which triplets of a batch count: per anchor and positive the nearest negative beyond the positive, or all."""


@dataclass(frozen=True)
class MixtureConfig(Part):
    """The Gaussian mixture over the descriptors."""

    section = "mixture"

    shrinkage: float = share(1.0)
    """Weight of the pooled covariance in each class's covariance. 0.7 recognised 74 % where 1 recognised 78 %."""
    false_rejection: float = share(0.04)
    """Share of known micrographs of unseen specimens that may be called none of these. The report of a training says
    what other shares would reject and find."""


@dataclass(frozen=True)
class ScoringConfig(Part):
    """The average over the crops of one micrograph."""

    section = "scoring"

    crops_per_image: int = setting(1000, at_least=1)
    """Random crops of an exact score, as in the paper; otherwise the most that are used."""
    augment: bool = False
    """Whether scoring crops, and the crops that the mixture is fitted to, are augmented, as in the paper."""
    round_crops: int = setting(32, at_least=1)
    """Random crops between two checks whether the label is settled."""
    confidence: float = 0.99
    """Confidence in the label at which scoring stops early."""


@dataclass(frozen=True)
class PaperConfig(Part):
    """What only the recipe "paper" uses: its network, its validation and its mixture."""

    section = "paper"

    unshuffle: int = setting(4, at_least=1)
    """Side of the pixel blocks that become channels (pixel unshuffle): 4 x 4 pixels to 16 channels. Lossless, and
    twice as fast on a processor as strided convolutions on one channel."""
    widths: tuple[int, ...] = setting((32, 64, 128, 256, 512), at_least=1)
    """Channels per stage; each stage after the first halves the resolution. Gives 5.0 million parameters."""
    depths: tuple[int, ...] = setting((1, 2, 2, 2, 2), at_least=1)
    """Convolutions per stage; those after the first are residual."""
    hidden: int = setting(128, at_least=1)
    """Width of the layer that joins features and scale."""
    part_size: int = setting(96, at_least=1)
    """Side in pixels of the part of each crop that most steps see: the same scale for a quarter of the time."""
    part_share: float = share(0.8)
    """Share of the steps that see parts; the rest see whole crops, as scoring does."""
    check_share: float = share(0.6)
    """Share of the steps trained without the held-out specimens; the rest continues with every micrograph."""
    validation_rounds: int = setting(20, at_least=1)
    """How often training is validated on the held-out specimens. A round costs about as much as five steps."""
    patience: int = setting(0, at_least=0)
    """Validation rounds without a gain after which training stops early; 0: never."""
    held_out: float = setting(0.2, at_least=0, at_most=0.5)
    """Share of the micrographs, by whole specimens, that measures the accuracy and sets the threshold."""
    mixture_crops: int = setting(1000, at_least=1)
    """Training crops, over all classes, that the mixture is fitted to."""
    training_rejection: float = share(0.05)
    """Share of the training crops that may lie under the threshold: few specimens are held out."""


@dataclass(frozen=True)
class PretrainedConfig(Part):
    """What only the recipe "pretrained" uses: its heads, their training windows and the fast score."""

    section = "pretrained"

    weights: str = ""
    """A safetensors file with weights for the encoder, named as in efficientnet_lite_pytorch; empty: ImageNet's."""
    ensemble_size: int = setting(3, at_least=1)
    """Heads, all trained on every micrograph, with different first weights and batches."""
    folds: int = setting(5, at_least=1)
    """Folds of the specimens. One head without each fold measures the accuracy and sets the rejection limits."""
    augmented_crops: int = setting(8, at_least=1)
    """Random augmented crops of each micrograph that heads train on, beside its windows."""
    windows_per_micrograph: int = setting(32, at_least=1)
    """Windows of each micrograph that heads train on, at most, to bound the memory."""
    augmented_share: float = share(0.5)
    """Share of augmented crops in a batch."""
    feature_dropout: float = share(0.9)
    """Share of the features that each step leaves out. 0.5, 0.8 and 0.9 recognised 78, 78 and 79 %. Larger datasets
    leave out less: see pretrained/sizing.py."""
    draws_per_micrograph: int = setting(40, at_least=1)
    """How often a head draws each micrograph, at least: large datasets get more than `triplets.steps`."""
    decisive_lead: float = share(0.2)
    """Lead of the likeliest class over the next above which the windows decide. On grouped folds one micrograph in five
    leads by less."""
    doubtful_crops: int = setting(64, at_least=1)
    """Random crops, at most, that decide where the windows do not. They recognise no more than the windows, but then
    the label is that of `--exact`."""
    background: int = setting(128, at_least=16, at_most=1024)
    """Drawn micrographs of other materials that the evidence of none of these is fitted against."""
