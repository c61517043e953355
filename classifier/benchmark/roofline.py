"""What the machine could do, and what of it a way uses: float32 operations a second."""

import time

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

SIDE = 2048
"""Side of the matrices that are multiplied: large enough to be bound by arithmetic alone."""
TRIES = 8


def matmul_rate() -> float:
    """The best rate in operations a second at which torch multiplied two float32 matrices, with the threads it has."""
    left, right = torch.ones(SIDE, SIDE), torch.ones(SIDE, SIDE)
    seconds = []
    with torch.inference_mode():
        for _ in range(TRIES):
            began = time.perf_counter()
            torch.mm(left, right)
            seconds.append(time.perf_counter() - began)
    return 2 * SIDE**3 / min(seconds)


def count(module: nn.Module, *inputs: Tensor) -> float:
    """Operations of one pass, as torch counts them: convolutions and matrix products, an addition and a multiplication
    for two."""
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        module(*inputs)
    return float(counter.get_total_flops())
