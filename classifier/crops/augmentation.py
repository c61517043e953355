"""Augmentation: the paper's transformations, on batches of crops.

Rotation, mirroring and the length scale belong to the crop plan (plan.py), and warping to the sampling grid (cut.py).
Here are the displacement field for warping, brightness, contrast, gamma, noise, local blur and an edge filter.
"""

import zlib
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from classifier.config import Config
from classifier.crops.cut import cut
from classifier.crops.plan import Plan
from classifier.crops.pyramid import CLIP, Pyramid

WARP_NODES = 5
"""Control points per side of the random displacement field, which is interpolated between them."""
BLUR_WIDTH = 9
"""Pixels; side of the box filter that blurs a spot, applied twice."""


def warp_field(count: int, size: int, config: Config, generator: torch.Generator) -> Tensor:
    """A smooth random displacement (count, size, size, 2) in crop sides."""
    nodes = torch.randn((count, 2, WARP_NODES, WARP_NODES), generator=generator) * config.augmentation.warp
    smooth = F.interpolate(nodes, size=(4 * WARP_NODES, 4 * WARP_NODES), mode="bicubic", align_corners=True)
    smooth = F.interpolate(smooth, size=(size, size), mode="bilinear", align_corners=True)
    return smooth.permute(0, 2, 3, 1)


def augment(crops: Tensor, config: Config, generator: torch.Generator) -> Tensor:
    """Augmented crops (n, 1, s, s), in standard deviations of their micrograph."""
    u = torch.rand((5, len(crops)), generator=generator)
    normal = torch.randn((2, len(crops)), generator=generator).to(crops.device)
    blurred = (u[0] < config.augmentation.blur_share).nonzero().flatten()
    edged = (u[1] < config.augmentation.edge_share).nonzero().flatten()
    if len(blurred):
        crops[blurred] = blur_spot(crops[blurred], u[2:5, blurred].to(crops.device))
    if len(edged):
        crops[edged] = 0.5 * crops[edged] + 0.5 * edges(crops[edged])
    factor = (config.augmentation.contrast * normal[0]).exp()[:, None, None, None]
    crops = crops * factor + (config.augmentation.brightness * normal[1])[:, None, None, None]
    if config.augmentation.gamma:
        crops = change_gamma(crops, config, generator)
    return add_noise(crops, config, generator) if config.augmentation.noise else crops


def add_noise(crops: Tensor, config: Config, generator: torch.Generator) -> Tensor:
    """Crops with white noise of random strength.

    Each takes its noise from a random place of one shared field: to draw a field for each would be the slowest step.
    """
    count, size = len(crops), crops.shape[-1]
    strength = config.augmentation.noise * torch.rand(count, generator=generator)[:, None, None, None]
    field = torch.randn((2 * size, 2 * size), generator=generator).to(crops.device)
    corners = torch.randint(size + 1, (count, 2), generator=generator).tolist()
    noise = torch.stack([field[top : top + size, left : left + size] for top, left in corners])[:, None]
    return crops + noise * strength.to(crops.device)


def change_gamma(crops: Tensor, config: Config, generator: torch.Generator) -> Tensor:
    """Gamma correction by a random exponent, as detectors and screens apply it; the middle gray value stays."""
    exponent = (config.augmentation.gamma * torch.randn(len(crops), generator=generator)).exp()[:, None, None, None]
    exponent = exponent.to(crops.device)
    gray = ((crops + CLIP) / (2 * CLIP)).clamp(0, 1)
    return (gray**exponent - 0.5**exponent) * (2 * CLIP)


def scoring_crops(pyramids: Sequence[Pyramid], plan: Plan, config: Config) -> Tensor:
    """The windows of a plan for scoring, (n, 1, s, s); augmented if `ScoringConfig.augment`, as in the paper.

    The plan seeds the augmentation, so the same windows always give the same crops.
    """
    if not config.scoring.augment:
        return cut(pyramids, plan, config.crops.size)
    generator = torch.Generator().manual_seed(zlib.crc32(plan.x.tobytes()))
    warp = warp_field(len(plan), config.crops.size, config, generator)
    return augment(cut(pyramids, plan, config.crops.size, warp), config, generator)


def blur_spot(crops: Tensor, u: Tensor) -> Tensor:
    """Crops with one soft round spot blurred; `u` (3, n) in 0..1 is its centre x, y and its radius."""
    size = crops.shape[-1]
    position = (torch.arange(size, device=crops.device) + 0.5) / size
    across = (position[None, None, :] - u[0][:, None, None]) ** 2
    down = (position[None, :, None] - u[1][:, None, None]) ** 2
    radius = (0.1 + 0.25 * u[2])[:, None, None]
    mask = torch.exp(-(((across + down) / radius**2) ** 2))[:, None]
    blurred = crops
    for _ in range(2):
        blurred = F.avg_pool2d(blurred, BLUR_WIDTH, 1, BLUR_WIDTH // 2, count_include_pad=False)
    return crops + mask * (blurred - crops)


def edges(crops: Tensor) -> Tensor:
    """Sobel gradient magnitude of crops (n, 1, s, s), standardised in each."""
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], device=crops.device)
    kernels = torch.stack((sobel, sobel.T))[:, None]
    gradient = F.conv2d(F.pad(crops, (1, 1, 1, 1), mode="replicate"), kernels)
    magnitude = (gradient.square().sum(1, keepdim=True) + 1e-6).sqrt()
    mean = magnitude.mean((1, 2, 3), keepdim=True)
    return (magnitude - mean) / (magnitude.std((1, 2, 3), keepdim=True) + 1e-3)
