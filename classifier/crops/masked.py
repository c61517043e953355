"""Masked rectangles of a picture: parts that show no material, such as an annotation box.

They are filled with the texture beside them before anything is measured. Otherwise their gray values would shift the
mean and deviation of the picture, and the encoder's cells, which see beyond the edge of a window, would see their
outline.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.arrays import Flags
from classifier.errors import ClassifierError
from classifier.samples import Rectangle

MOST_OF_PICTURE = 0.5
"""Share of a picture that may be masked."""

Gray = NDArray[np.float32]


@dataclass(frozen=True)
class _Box:
    """Whole pixels: rows from `top` to `bottom` and columns from `left` to `right`, the ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def place(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def transposed(self) -> "_Box":
        return _Box(self.left, self.right, self.top, self.bottom)


@dataclass(frozen=True)
class _Neighbour:
    """What lies beside a box on one side: `room` rows of texture, or columns if `transposed`."""

    box: _Box
    transposed: bool
    above: bool
    room: int

    @property
    def supply(self) -> float:
        """Rows of texture for each row to fill."""
        return self.room / (self.box.bottom - self.box.top)


def filled(gray: Gray, masked: Sequence[Rectangle], name: str = "") -> Gray:
    """The gray values (H, W), each masked rectangle filled with the mirrored texture of its best side.

    Raises ClassifierError if too much is masked, or the rest has one gray value.
    """
    boxes = [box for one in masked if (box := _inside(one, gray.shape))]
    result, holes = gray.copy(), np.zeros(gray.shape, np.bool_)
    for box in boxes:
        holes[box.place] = True
    _check(gray, holes, name)
    while boxes:  # first those with most texture beside them, which then supply the others
        neighbours = [max(_neighbours(holes, box), key=lambda one: one.supply) for box in boxes]
        best = max(range(len(boxes)), key=lambda index: neighbours[index].supply)
        _mirror(result, neighbours[best])
        holes[boxes.pop(best).place] = False
    return result


def _inside(one: Rectangle, shape: tuple[int, ...]) -> _Box | None:
    """The pixels of a rectangle that lie in the picture."""
    top, left = max(0, math.floor(one.y)), max(0, math.floor(one.x))
    bottom, right = min(shape[0], math.ceil(one.y + one.height)), min(shape[1], math.ceil(one.x + one.width))
    return _Box(top, bottom, left, right) if top < bottom and left < right else None


def _check(gray: Gray, holes: Flags, name: str) -> None:
    who = f'Micrograph "{name}"' if name else "The micrograph"
    share = float(holes.mean())
    if share > MOST_OF_PICTURE:
        raise ClassifierError(
            f"The masked rectangles cover {share:.0%} of {who[0].lower() + who[1:]}; leave at least "
            f"{1 - MOST_OF_PICTURE:.0%} of it free."
        )
    rest = gray[~holes]
    if rest.min() == rest.max():
        raise ClassifierError(
            f"{who} has one gray value everywhere outside its masked rectangles; there is nothing to recognise."
        )


def _neighbours(holes: Flags, box: _Box) -> list[_Neighbour]:
    """The four sides of a box. Texture ends at the picture's edge and at the next hole."""
    found = []
    for transposed in (False, True):
        turned, lanes = (box.transposed(), holes.T) if transposed else (box, holes)
        rows = np.asarray(lanes[:, turned.left : turned.right].any(axis=1))
        found.append(_Neighbour(turned, transposed, True, _run(rows[: turned.top][::-1])))
        found.append(_Neighbour(turned, transposed, False, _run(rows[turned.bottom :])))
    return found


def _run(is_hole: Flags) -> int:
    """How many rows there are before the first hole."""
    return int(is_hole.argmax()) if is_hole.any() else len(is_hole)


def _mirror(gray: Gray, beside: _Neighbour) -> None:
    """Fill a box with its neighbour, mirrored at their common edge as often as needed."""
    box, lanes = beside.box, gray.T if beside.transposed else gray
    depth = box.bottom - box.top
    room = min(beside.room, depth)
    if not room:  # other holes on all sides
        lanes[box.place] = gray.mean()
        return
    columns = slice(box.left, box.right)
    if beside.above:
        strip = lanes[box.top - room : box.top, columns]
        lanes[box.place] = np.pad(strip, ((0, depth), (0, 0)), "symmetric")[room:]
    else:
        strip = lanes[box.bottom : box.bottom + room, columns]
        lanes[box.place] = np.pad(strip, ((depth, 0), (0, 0)), "symmetric")[:depth]
