"""The paper's transformations, on batched tensors.

Rotation, mirroring and the length scale are part of the crop's plan (crops.py); warping bends the sampling grid there.
Here: the displacement for warping, brightness and contrast, a locally blurred spot, and an edge detector.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from classifier.config import Config

WARP_NODES = 5
"""Nodes per side of the random displacement; between them it is smooth."""
BLUR_WIDTH = 9
"""Pixels; the box that blurs a spot, applied twice."""


def warp_field(count: int, size: int, config: Config, generator: torch.Generator) -> Tensor:
    """A smooth random displacement (count, size, size, 2) in crop sides."""
    nodes = torch.randn((count, 2, WARP_NODES, WARP_NODES), generator=generator) * config.warp
    smooth = F.interpolate(nodes, size=(4 * WARP_NODES, 4 * WARP_NODES), mode="bicubic", align_corners=True)
    smooth = F.interpolate(smooth, size=(size, size), mode="bilinear", align_corners=True)
    return smooth.permute(0, 2, 3, 1)


def augment(crops: Tensor, config: Config, generator: torch.Generator) -> Tensor:
    """Crops (n, 1, s, s) in standard deviations of their image, as another microscope might have shown them."""
    u = torch.rand((5, len(crops)), generator=generator)
    spread = torch.randn((2, len(crops)), generator=generator).to(crops.device)
    blurred = (u[0] < config.blur_share).nonzero().flatten()
    edged = (u[1] < config.edge_share).nonzero().flatten()
    if len(blurred):
        crops[blurred] = blur_spot(crops[blurred], u[2:5, blurred].to(crops.device))
    if len(edged):
        crops[edged] = 0.5 * crops[edged] + 0.5 * edges(crops[edged])
    factor = (config.contrast * spread[0]).exp()[:, None, None, None]
    return crops * factor + (config.brightness * spread[1])[:, None, None, None]


def blur_spot(crops: Tensor, u: Tensor) -> Tensor:
    """Crops with one soft round spot blurred; `u` (3, n) in 0..1 places its centre x, y and sets its radius."""
    size = crops.shape[-1]
    place = (torch.arange(size, device=crops.device) + 0.5) / size
    across = (place[None, None, :] - u[0][:, None, None]) ** 2
    down = (place[None, :, None] - u[1][:, None, None]) ** 2
    radius = (0.1 + 0.25 * u[2])[:, None, None]
    mask = torch.exp(-(((across + down) / radius**2) ** 2))[:, None]
    soft = crops
    for _ in range(2):
        soft = F.avg_pool2d(soft, BLUR_WIDTH, 1, BLUR_WIDTH // 2, count_include_pad=False)
    return crops + mask * (soft - crops)


def edges(crops: Tensor) -> Tensor:
    """Sobel gradient magnitude of crops (n, 1, s, s), with mean 0 and deviation 1 in each."""
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], device=crops.device)
    kernels = torch.stack((sobel, sobel.T))[:, None]
    gradient = F.conv2d(F.pad(crops, (1, 1, 1, 1), mode="replicate"), kernels)
    magnitude = (gradient.square().sum(1, keepdim=True) + 1e-6).sqrt()
    mean = magnitude.mean((1, 2, 3), keepdim=True)
    return (magnitude - mean) / (magnitude.std((1, 2, 3), keepdim=True) + 1e-3)
