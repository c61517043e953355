"""The colours of the classes, in their order. The site shows the same ones: a test holds both lists equal."""

RGB = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (213, 94, 0),
    (204, 121, 167),
    (86, 180, 233),
    (184, 169, 0),
    (122, 92, 199),
)


def class_colour(index: int) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of the class at this index; beyond the list they repeat."""
    return RGB[index % len(RGB)]
