"""Float32 operations: the rate that the machine reaches, and the number that a network needs."""

import time

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

SIDE = 2048
"""Side of the multiplied matrices, large enough for arithmetic to be the only limit."""
TRIES = 8


def matmul_rate() -> float:
    """Operations per second of torch's multiplication of two float32 matrices: the best of `TRIES`."""
    left, right = torch.ones(SIDE, SIDE), torch.ones(SIDE, SIDE)
    seconds = []
    with torch.inference_mode():
        for _ in range(TRIES):
            began = time.perf_counter()
            torch.mm(left, right)
            seconds.append(time.perf_counter() - began)
    return 2 * SIDE**3 / min(seconds)


def count_flops(module: nn.Module, *inputs: Tensor) -> float:
    """Operations of one pass: convolutions and matrix products, a multiplication and an addition counted as two."""
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        module(*inputs)
    return float(counter.get_total_flops())
