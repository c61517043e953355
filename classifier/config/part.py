"""What every part of the configuration has in common: checked bounds, and a way to and from plain values."""

import math
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from classifier.errors import ClassifierError

T = TypeVar("T")


def setting(default: T, *, at_least: float | None = None, at_most: float | None = None) -> T:
    """A field with a default and the bounds of its value, both included."""
    return field(default=default, metadata={"at_least": at_least, "at_most": at_most})


def share(default: float) -> float:
    """A field between 0 and 1."""
    return setting(default, at_least=0, at_most=1)


@dataclass(frozen=True)
class Part:
    """One section of the configuration. Raises ClassifierError for a value outside its bounds."""

    section: ClassVar[str]

    def __post_init__(self) -> None:
        for one in fields(self):
            self._check(one, getattr(self, one.name))

    def _check(self, one: Field[Any], value: Any) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            raise refusal(f"{self.section}.{one.name} must be a finite number")
        low, high = one.metadata.get("at_least"), one.metadata.get("at_most")
        smallest, largest = (min(value), max(value)) if isinstance(value, tuple) and value else (value, value)
        if low is not None and high is not None and not (low <= smallest and largest <= high):
            raise refusal(f"{self.section}.{one.name} must lie between {low:g} and {high:g}")
        if low is not None and isinstance(smallest, int | float) and smallest < low:
            raise refusal(f"{self.section}.{one.name} must be at least {low:g}")


def refusal(problem: str) -> ClassifierError:
    """The error for settings that cannot work together or alone."""
    return ClassifierError(f"The configuration cannot be used: {problem}.")


def read_part(kind: type[Part], settings: object) -> dict[str, Any]:
    """The values of a section in the types of their defaults.

    Raises ClassifierError for an unknown key or a wrong type.
    """
    name, known = kind.section, {one.name: one.default for one in fields(kind)}
    if not isinstance(settings, dict):
        raise ClassifierError(f"Setting {name} should be an object of settings, but {settings!r} was given.")
    if unknown := sorted(set(settings) - set(known)):
        raise ClassifierError(
            f"Unknown settings in the configuration: {', '.join(f'{name}.{key}' for key in unknown)}. "
            f"Known in {name} are: {', '.join(known)}."
        )
    return {key: typed_like(known[key], f"{name}.{key}", value) for key, value in settings.items()}


def typed_like(default: object, name: str, value: object) -> Any:
    """`value` in the type of the default. Raises ClassifierError with an example of what was wanted."""
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(type(item) is int for item in value):
        return tuple(value)
    if type(default) is float and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]
    if type(value) is type(default) and not isinstance(default, tuple):
        return value
    raise ClassifierError(f"Setting {name} should be like {default!r}, but {value!r} was given.")
