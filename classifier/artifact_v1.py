"""Tensors of artifacts of version 1, which have other names. config/version_1.py upgrades their settings."""

from torch import Tensor

RENAMED = {
    "network.scale_spread": "network.scale_deviation",
    "network.strangeness.mean": "network.ood_residual.mean",
    "network.strangeness.spread": "network.ood_residual.deviation",
    "network.strangeness.axes": "network.ood_residual.axes",
    "state.centre": "state.location",
    "state.spread": "state.dispersion",
    "state.strangest": "state.ood_threshold",
}


def upgraded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under today's names."""
    return {_renamed(name): value for name, value in tensors.items()}


def _renamed(name: str) -> str:
    if name.startswith("network.heads.") and name.endswith(".spread"):
        return f"{name.removesuffix('spread')}deviation"
    return RENAMED.get(name, name)
