"""What each setting means, from the texts below the fields of the configuration."""

import ast
import inspect
from functools import lru_cache

from classifier.config import SECTIONS, Config


@lru_cache(maxsize=1)
def setting_meanings() -> dict[str, str]:
    """The first sentence about each setting, by its name with its section: `crops.size`."""
    found = {name: text for name, text in _texts(Config).items() if name not in SECTIONS}
    for section, kind in SECTIONS.items():
        found |= {f"{section}.{name}": text for name, text in _texts(kind).items()}
    return found


def _texts(kind: type) -> dict[str, str]:
    """The first sentence of the text below each field of a class."""
    (body,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(body, ast.ClassDef)
    texts = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(below):
            text = " ".join(str(ast.literal_eval(below.value)).split())  # type: ignore[attr-defined] # it is a text
            texts[field.target.id] = text.split(". ")[0].rstrip(".") + "."
    return texts


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
