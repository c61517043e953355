"""The encoder's convolutions as an OpenVINO graph, for processors.

It takes a third of torch's processor time. Batch norms are folded into the convolutions. The arithmetic stays in 32
bits, so that a verdict does not depend on the processor. The graph uses as many threads as torch, so that
``OMP_NUM_THREADS`` holds for both.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from openvino import opset13 as ops
from torch import Tensor

Layer = tuple[Any, Any]
"""A convolution and its batch norm."""
OPTIONS = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}


def compile_encoder(first: Layer, blocks: Sequence[Any], last: Layer) -> Callable[[Tensor], Tensor]:
    """From images (n, 1, H, W) to the last layer's map, as `Encoder.blocks_in_torch` computes it."""
    image = ops.parameter([-1, 1, -1, -1], np.float32)
    maps = _relu6(_convolution(image, *first))
    for block in blocks:
        maps = _block(maps, block)
    maps = _relu6(_convolution(maps, *last))
    model = ov.Model([ops.result(maps)], [image], "encoder")
    compiled = _core().compile_model(model, "CPU", OPTIONS | {"INFERENCE_NUM_THREADS": torch.get_num_threads()})

    def encode(images: Tensor) -> Tensor:
        return torch.from_numpy(compiled(images.contiguous().numpy())[0])

    return encode


@cache
def _core() -> ov.Core:
    """One core for the life of the process. Each core installs a signal stack for its thread and frees it when it is
    destroyed; after two destroyed in the order of their creation, the next signal crashed the process."""
    return ov.Core()


def _block(inputs: ov.Node, block: Any) -> ov.Node:
    """An inverted residual block: widen, filter each channel, narrow, add."""
    maps, first = inputs, getattr(block, "_expand_conv", block._depthwise_conv)
    if first is not block._depthwise_conv:
        maps = _relu6(_convolution(maps, first, block._bn0))
    maps = _relu6(_convolution(maps, block._depthwise_conv, block._bn1))
    maps = _convolution(maps, block._project_conv, block._bn2)
    same = block._depthwise_conv.stride[0] == 1 and block._project_conv.out_channels == first.in_channels
    return ops.add(maps, inputs) if same else maps


def _convolution(inputs: ov.Node, layer: Any, norm: Any) -> ov.Node:
    """A convolution with its batch norm folded in, padded as the torch layer pads."""
    factor = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
    weight = _array(layer.weight.detach() * factor[:, None, None, None])
    bias = _array((norm.bias - norm.running_mean * factor).detach())[None, :, None, None]
    left, right, top, bottom = getattr(layer.static_padding, "padding", (0, 0, 0, 0))
    place = (list(layer.stride), [top, left], [bottom, right], [1, 1])
    if layer.groups > 1:
        return ops.add(ops.group_convolution(inputs, ops.constant(weight[:, None]), *place), ops.constant(bias))
    return ops.add(ops.convolution(inputs, ops.constant(weight), *place), ops.constant(bias))


def _relu6(inputs: ov.Node) -> ov.Node:
    return ops.clamp(inputs, 0.0, 6.0)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.cpu().numpy(), np.float32)
