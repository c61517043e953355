"""Logistic regression on a micrograph's mean features, whose posterior is mixed with that of the heads.

On 606 micrographs of UHCS the mixture of both recognises more than either, on 140 it gains nothing. So the folds choose
its weight: docs/method/fit.md.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from classifier.arrays import Floats

SPREAD = 10.0
"""Factor on the inputs, whose squares add up to about 1: with it a penalty of 1 per micrograph is a mild one."""
PENALTY = 1.0
"""Weight of the squared weights, over the number of micrographs (1 / C in scikit-learn's terms)."""
STEPS = 100
"""Iterations of L-BFGS, at most."""
WEIGHTS = (0.0, 0.25, 0.5)
"""Weights that the folds choose from."""
LEAST_GAIN = 0.01
"""Gain in the mean log-probability of the right class from which a weight above 0 is taken."""


class LinearClassifier(nn.Module):
    """From standardised features and scale (n, w) to logits (n, k)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(classes, width))
        self.register_buffer("bias", torch.zeros(classes))

    def fit(self, inputs: Tensor, labels: Tensor) -> "LinearClassifier":
        """Fit to micrographs (n, w) with labels (n,), every class with the same weight."""
        classes = len(self.bias)
        # The best weights are combinations of the micrographs, which are far fewer than the features
        *_, basis = torch.linalg.svd(SPREAD * inputs.detach().double(), full_matrices=False)
        x = SPREAD * inputs.detach().double() @ basis.T
        weight = torch.zeros(classes, len(basis), dtype=x.dtype, device=x.device, requires_grad=True)
        bias = torch.zeros(classes, dtype=x.dtype, device=x.device, requires_grad=True)
        counts = torch.bincount(labels, minlength=classes).clamp(min=1)
        balance = (len(labels) / (classes * counts)).to(x)
        optimiser = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimiser.zero_grad()
            wrong = F.cross_entropy(x @ weight.T + bias, labels, weight=balance, reduction="sum") / len(labels)
            value: Tensor = wrong + PENALTY / (2 * len(labels)) * weight.square().sum()
            value.backward()
            return value

        optimiser.step(loss)
        self.weight.copy_(SPREAD * weight.detach() @ basis)
        self.bias.copy_(bias.detach())
        return self

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs @ self.weight.T + self.bias


def choose_weight(heads: Floats, linear: Floats, labels: list[int]) -> float:
    """The weight of the linear classifier's posteriors (n, k) beside those of the heads (n, k), by held-out labels."""
    rows = list(range(len(labels)))

    def gain(weight: float) -> float:
        mixed = (1 - weight) * heads + weight * linear
        return float(torch.from_numpy(mixed[rows, labels]).clamp(min=1e-12).log().mean())

    best = max(WEIGHTS, key=gain)
    return best if gain(best) >= gain(0.0) + LEAST_GAIN else 0.0
