"""Pictures with fewer pixels than those trained on: scored as they are, and enlarged."""

import numpy as np
import torch.nn.functional as F

from classifier.config import Config
from classifier.crops.plan import Plan
from classifier.crops.pyramid import Pyramid, build_pyramid
from classifier.scoring.averaging import Average


def enlarged(pyramid: Pyramid, factor: float, config: Config) -> Pyramid:
    """The same picture with `factor` times the pixels along each side, at the scale that goes with them."""
    gray = pyramid.gray(0)[None, None]
    size = [round(side * factor) for side in pyramid.shape]
    larger = F.interpolate(gray, size=size, mode="bicubic", align_corners=False)[0, 0].cpu().numpy()
    masked = [rectangle.scaled(factor) for rectangle in pyramid.masked]
    return build_pyramid(larger, pyramid.pixels_per_micrometre * factor, config, gray.device, masked)


def joined(own: Average, larger: Average, factor: float) -> Average:
    """The windows of a picture and of its enlargement, both with the same weight: the fewer ones are repeated."""
    plans = [Plan(p.image, p.x / factor, p.y / factor, p.side / factor, p.angle, p.mirrored) for p in larger.plans]
    count = max(len(own.probabilities), len(larger.probabilities))
    first, second = (np.resize(np.arange(len(one.probabilities)), count) for one in (own, larger))
    return Average(
        (own.plans[0].rows(first), plans[0].rows(second)),
        np.concatenate((own.probabilities[first], larger.probabilities[second])),
        np.concatenate((own.descriptors[first], larger.descriptors[second])),
        descriptor=own.descriptor,
    )
