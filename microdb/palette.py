"""Colour and shape of the material classes, once for pages, charts and saliency overlays.

The first six colours are six of the eight of M. Okabe and K. Ito (Color Universal Design, 2008): their yellow has too
little contrast with a light page, and their black with a dark one. The other colours are not theirs. The search in
``tests/colour_vision.py`` found them: each is the colour farthest from all before it, for normal vision and for full
protan, deutan and tritan colour blindness, and has the shape whose other colours are farthest. So all pairs of colour
and shape differ clearly, and all colours differ for people with normal vision.

Class 50 looks like class 0, and so on. None of these has a shape of its own, so no class looks like it.

``python -m microdb.palette`` writes ``static/css/classes.css`` from this table.
"""

import math
from pathlib import Path
from typing import NamedTuple


class Mark(NamedTuple):
    """``colour`` is #rrggbb; ``shape`` one of ``SHAPES``, a name that Plotly knows too."""

    colour: str
    shape: str


OKABE_ITO = (
    Mark("#0072b2", "square"),
    Mark("#e69f00", "circle"),
    Mark("#009e73", "diamond"),
    Mark("#d55e00", "triangle-up"),
    Mark("#cc79a7", "triangle-down"),
    Mark("#56b4e9", "cross"),
)
MARKS = (
    *OKABE_ITO,
    Mark("#a83c18", "star"),
    Mark("#b418fc", "hexagon"),
    Mark("#ccb484", "x"),
    Mark("#a86ce4", "hourglass"),
    Mark("#306c48", "cross"),
    Mark("#a8c0c0", "star"),
    Mark("#cc00b4", "x"),
    Mark("#e4783c", "square"),
    Mark("#cc0c54", "hourglass"),
    Mark("#fc84fc", "diamond"),
    Mark("#f00ccc", "circle"),
    Mark("#9c00d8", "diamond"),
    Mark("#785484", "triangle-up"),
    Mark("#6ca860", "hexagon"),
    Mark("#b45418", "triangle-down"),
    Mark("#c078fc", "triangle-up"),
    Mark("#84c054", "hourglass"),
    Mark("#b4a890", "cross"),
    Mark("#d890d8", "hexagon"),
    Mark("#9c7848", "circle"),
    Mark("#b46ca8", "star"),
    Mark("#905460", "square"),
    Mark("#a83c9c", "cross"),
    Mark("#6c8484", "triangle-up"),
    Mark("#e46ccc", "x"),
    Mark("#6c6ccc", "triangle-down"),
    Mark("#3060b4", "hexagon"),
    Mark("#a854e4", "cross"),
    Mark("#f0a8a8", "square"),
    Mark("#fc1884", "x"),
    Mark("#9c6cfc", "square"),
    Mark("#c09090", "square"),
    Mark("#3c783c", "x"),
    Mark("#60609c", "hourglass"),
    Mark("#840cf0", "star"),
    Mark("#a8609c", "triangle-down"),
    Mark("#6c9c3c", "star"),
    Mark("#f084b4", "hourglass"),
    Mark("#c0306c", "hexagon"),
    Mark("#78b460", "triangle-down"),
    Mark("#8490e4", "square"),
    Mark("#c0b4d8", "circle"),
    Mark("#9c8460", "triangle-down"),
    Mark("#00cc0c", "diamond"),
)
"""In the order of the classes' positions."""
CLASSES = len(MARKS)
RGB = tuple((int(mark.colour[1:3], 16), int(mark.colour[3:5], 16), int(mark.colour[5:7], 16)) for mark in MARKS)

NONE_OF_THESE_SHAPE = "square-open"
NONE_OF_THESE_RGB = (12, 14, 16)
"""In saliency overlays, which show colours only; on pages it is grey (``--class-none``)."""

SHAPES = {
    "square": "inset(0 round 2px)",
    "circle": "circle(50%)",
    "diamond": "polygon(50% 0, 100% 50%, 50% 100%, 0 50%)",
    "triangle-up": "polygon(50% 0, 100% 100%, 0 100%)",
    "triangle-down": "polygon(0 0, 100% 0, 50% 100%)",
    "cross": "polygon(35% 0, 65% 0, 65% 35%, 100% 35%, 100% 65%, 65% 65%, 65% 100%, 35% 100%, 35% 65%, 0 65%,"
    " 0 35%, 35% 35%)",
    "star": "polygon(50% 0, 62% 35%, 100% 35%, 69% 57%, 80% 95%, 50% 72%, 20% 95%, 31% 57%, 0 35%, 38% 35%)",
    "hexagon": "polygon(25% 0, 75% 0, 100% 50%, 75% 100%, 25% 100%, 0 50%)",
    "x": "polygon(20% 0, 50% 30%, 80% 0, 100% 20%, 70% 50%, 100% 80%, 80% 100%, 50% 70%, 20% 100%, 0 80%,"
    " 30% 50%, 0 20%)",
    "hourglass": "polygon(0 0, 100% 0, 50% 50%, 100% 100%, 0 100%, 50% 50%)",
}
"""Each shape as a CSS clip path."""

ROUNDS = 4
"""How often the stylesheet repeats the table; a class beyond is a square in the text's colour."""
LINE_LENGTH = 120
STYLESHEET = Path(__file__).resolve().parent.parent / "static" / "css" / "classes.css"


def mark(position: int) -> Mark:
    """The mark of the class at a position from 0 on."""
    return MARKS[position % CLASSES]


def outline(position: int) -> list[tuple[float, float]]:
    """The corners of a class's shape in a square from (-1, -1) to (1, 1), y pointing down; a circle has sixteen."""
    path = SHAPES[mark(position).shape]
    if path.startswith("polygon"):
        corners = [corner.split() for corner in path.removeprefix("polygon(").removesuffix(")").split(",")]
        return [(float(x.rstrip("%")) / 50 - 1, float(y.rstrip("%")) / 50 - 1) for x, y in corners]
    if path.startswith("circle"):
        return [(math.cos(math.tau * number / 16), math.sin(math.tau * number / 16)) for number in range(16)]
    return [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]


def css_variable(position: int) -> str:
    """The CSS custom property with the colour of the class at a position."""
    return f"--class-{position % CLASSES}"


def stylesheet() -> str:
    """The text of ``classes.css``: colours as custom properties, and a rule per class for what has its position."""
    variables = [f"  {css_variable(position)}: {one.colour};" for position, one in enumerate(MARKS)]
    shapes = [_property(f"--shape-{name}", path) for name, path in SHAPES.items()]
    rules = [_rule(position, one) for position, one in enumerate(MARKS)]
    return "\n".join([_HEAD, ":root {", *variables, *shapes, "}", "", _NONE_OF_THESE, "", "\n\n".join(rules), ""])


def _property(name: str, path: str) -> str:
    """A custom property; one that is too long for a line has a line per point, as the formatter of the styles wants."""
    line = f"  {name}: {path};"
    if len(line) <= LINE_LENGTH:
        return line
    function, _, points = path.removesuffix(")").partition("(")
    return f"  {name}: {function}(\n    " + points.replace(", ", ",\n    ") + "\n  );"


def _rule(position: int, one: Mark) -> str:
    positions = range(position, ROUNDS * CLASSES, CLASSES)
    selectors = ",\n".join(f'[data-position="{number}"]' for number in positions)
    colour, shape = f"var({css_variable(position)})", f"var(--shape-{one.shape})"
    return f"{selectors} {{\n  --class-colour: {colour};\n  --class-shape: {shape};\n}}"


_HEAD = "/* Written by `python -m microdb.palette`; edit microdb/palette.py instead. */"
_NONE_OF_THESE = """\
.class-mark {
  box-sizing: border-box;
  border: 0.15em solid var(--class-none);
  border-radius: 2px;
  background: none;
}

.class-mark:where([data-position]:not([data-position=""])) {
  border: 0;
  background: var(--class-colour, var(--text));
  clip-path: var(--class-shape, none);
}"""

if __name__ == "__main__":
    STYLESHEET.write_text(stylesheet())
