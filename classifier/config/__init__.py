"""The configuration: how to train and how to score, in sections, each setting with the reason for its default.

It does not hold where to run (device) or with which random state (seed). A model artifact stores it as a plain dict.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, get_args

from classifier.config.part import Part, read_part, refusal, typed_like
from classifier.config.parts import (
    AugmentationConfig,
    CropConfig,
    Mining,
    MixtureConfig,
    PaperConfig,
    PretrainedConfig,
    ScoringConfig,
    TripletConfig,
)
from classifier.config.presets import PRESETS
from classifier.config.version_1 import nested
from classifier.errors import ClassifierError

SECTIONS: dict[str, type[Part]] = {
    kind.section: kind
    for kind in (
        CropConfig,
        AugmentationConfig,
        TripletConfig,
        MixtureConfig,
        ScoringConfig,
        PaperConfig,
        PretrainedConfig,
    )
}


@dataclass(frozen=True)
class Config:
    """How to train and to score. Raises ClassifierError for settings that cannot work together."""

    recipe: str = "pretrained"
    """How descriptors are learned. "paper" trains the whole network on the dataset alone. "pretrained" keeps an
    ImageNet encoder frozen and trains small heads. On five grouped folds of the 140 UHCS training images, where a class
    must be named, they recognised 63 and 77 %; the scale alone 56 to 62 %."""
    scale_free: bool = False
    """True: no micrograph of the dataset has a scale, and the network gets none."""
    crops: CropConfig = field(default_factory=CropConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    triplets: TripletConfig = field(default_factory=TripletConfig)
    mixture: MixtureConfig = field(default_factory=MixtureConfig)
    scoring: ScoringConfig = field(default_factory=ScoringConfig)
    paper: PaperConfig = field(default_factory=PaperConfig)
    pretrained: PretrainedConfig = field(default_factory=PretrainedConfig)

    def __post_init__(self) -> None:
        size, network, triplets = self.crops.size, self.paper, self.triplets
        unshuffle, part = network.unshuffle, network.part_size
        for wrong, problem in (
            (self.recipe not in PRESETS, f'recipe "{self.recipe}" is not known; use {" or ".join(PRESETS)}'),
            (
                triplets.mining not in get_args(Mining),
                f'triplets.mining "{triplets.mining}" is not known; use "semi-hard" or "all"',
            ),
            (
                not triplets.learning_rate > 0 or not triplets.margin > 0,
                "triplets.learning_rate and triplets.margin must be above 0",
            ),
            (not triplets.ema_decay < 1, "triplets.ema_decay must lie between 0 and 1, 1 excluded"),
            (not self.crops.smallest > 0, "crops.smallest must lie between 0 and 8 crop sizes"),
            (not 0.5 < self.scoring.confidence < 1, "scoring.confidence must lie between 0.5 and 1"),
            (self.pretrained.feature_dropout == 1, "pretrained.feature_dropout must be below 1, or no feature is left"),
            (
                len(network.widths) != len(network.depths) or not network.widths,
                "paper.widths and paper.depths need one number per stage",
            ),
            (size % unshuffle != 0, "crops.size must be a multiple of paper.unshuffle"),
            (part < unshuffle or part % unshuffle != 0, "paper.part_size must be a multiple of paper.unshuffle"),
            (size < unshuffle * 2 ** (len(network.widths) - 1), "crops.size is too small for so many stages"),
        ):
            if wrong:
                raise refusal(problem)

    def to_dict(self) -> dict[str, Any]:
        """All settings as JSON-able values, by section."""
        settings = asdict(self)
        for name in ("widths", "depths"):
            settings["paper"][name] = list(settings["paper"][name])
        return settings

    def changed(self, **changes: Any) -> "Config":
        """The same configuration with other values: `changed(triplets={"steps": 7}, scale_free=True)`."""
        values = {
            name: replace(getattr(self, name), **value) if name in SECTIONS else value
            for name, value in changes.items()
        }
        return replace(self, **values)

    @classmethod
    def from_dict(cls, *settings: dict[str, Any]) -> "Config":
        """The given settings, later ones over earlier ones, over those of their recipe, over the defaults.

        Settings of version 1 are accepted. Raises ClassifierError for an unknown key or a wrong type.
        """
        if not all(isinstance(one, dict) for one in settings):
            raise ClassifierError('A configuration is an object of settings; give for example {"recipe": "paper"}.')
        given = nested(*settings)
        known = {"recipe": "pretrained", "scale_free": False}
        if unknown := sorted(set(given) - set(known) - set(SECTIONS)):
            raise ClassifierError(
                f"Unknown settings in the configuration: {', '.join(unknown)}. "
                f"Known are: {', '.join([*known, *SECTIONS])}."
            )
        flat = {key: typed_like(known[key], key, given[key]) for key in known if key in given}
        preset = PRESETS.get(flat.get("recipe", "pretrained"), {})
        sections: dict[str, Any] = {
            name: kind(**{**preset.get(name, {}), **read_part(kind, given.get(name, {}))})
            for name, kind in SECTIONS.items()
        }
        return cls(**flat, **sections)
