"""Specimens chosen by what their records say; the gallery and the list of specimens have the same filters."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from microdb.metallurgy import COOLINGS, element_symbol
from microdb.micrographs.models import Dataset, Specimen

SAME = 1e-9
"""Relative difference up to which two numbers are the same."""


@dataclass(frozen=True)
class SpecimenFilter:
    """The names of the fields are those in an address.

    ``temperature`` (°C) and ``cooling`` are those of one step; ``about`` is a part of any text of the record.
    """

    material: str = ""
    element: str = ""
    percent_min: str = ""
    percent_max: str = ""
    temperature: str = ""
    cooling: str = ""
    heat_number: str = ""
    about: str = ""

    NAMES: ClassVar[tuple[str, ...]] = (
        "material", "element", "percent_min", "percent_max", "temperature", "cooling", "heat_number", "about",
    )  # fmt: skip

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        """Read an address; what can't be is ignored."""
        given = {name: str(query.get(name, "")).replace("\x00", "").strip() for name in cls.NAMES}
        for name in ("percent_min", "percent_max", "temperature"):
            number = given[name].replace(",", ".")
            given[name] = number if readable(number, float) else ""
        given["element"] = element_symbol(given["element"]) or ""
        if not given["element"]:
            given["percent_min"] = given["percent_max"] = ""
        given["cooling"] = given["cooling"] if given["cooling"] in COOLINGS else ""
        return cls(**given)

    @property
    def values(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def texts(self) -> dict[str, str]:
        """What is chosen, by facet."""
        low, high = self.percent_min or "0", self.percent_max or "100"
        composition = f"{low if low == high else f'{low}–{high}'} % {self.element}" if self.element else ""
        temperature = f"{self.temperature} °C" if self.temperature else ""
        together = (composition or self.material, temperature, self.cooling)
        return {
            "condition": ", ".join(filter(None, together)) if sum(map(bool, together)) > 1 else "",
            "material": self.material,
            "composition": composition,
            "temperature": temperature,
            "cooling": self.cooling,
            "heat_number": self.heat_number,
        }

    @property
    def active(self) -> bool:
        return any(self.values.values())

    @property
    def facet_items(self) -> list[tuple[str, str]]:
        """What a form that changes only the typed filters has to carry along."""
        typed = ("element", "percent_min", "percent_max", "about")
        return [(name, value) for name, value in self.values.items() if value and name not in typed]

    def without(self, names: Iterable[str]) -> Self:
        return replace(self, **{name: "" for name in names if name in self.NAMES})

    def query(self, **changes: str) -> str:
        """The address part of this filter with some changes."""
        return urlencode({name: value for name, value in replace(self, **changes).values.items() if value})

    def matches(self, specimen: Specimen) -> bool:
        return (
            self.material in ("", specimen.material)
            and self.heat_number in ("", specimen.heat_number)
            and (not self.element or self._has_element(specimen.composition))
            and (not (self.temperature or self.cooling) or any(map(self._is_step, specimen.steps)))
            and (not self.about or self.about.casefold() in _texts(specimen))
        )

    def names(self, dataset: Dataset) -> list[str]:
        """Of the dataset's specimens whose records match."""
        return [one.name for one in dataset.specimens.all() if self.matches(one)]

    def _has_element(self, composition: Mapping[str, float]) -> bool:
        percent = composition.get(self.element)
        low, high = float(self.percent_min or 0), float(self.percent_max or 100)
        return percent is not None and low - SAME <= percent <= high + SAME

    def _is_step(self, step: Mapping[str, Any]) -> bool:
        celsius = step.get("celsius")
        hot = not self.temperature or (
            celsius is not None and math.isclose(celsius, float(self.temperature), rel_tol=SAME, abs_tol=SAME)
        )
        return hot and self.cooling in ("", step.get("cooling"))


def _texts(specimen: Specimen) -> str:
    """All that a record says, in lower case."""
    others = [text for pair in specimen.other_fields.items() for text in pair]
    own = [specimen.name, specimen.material, specimen.heat_number, specimen.heat_treatment, specimen.notes]
    return "\n".join([*own, specimen.treatment_text, specimen.composition_text, *others]).casefold()


def readable(text: str, read: Any) -> bool:
    """Whether a filter can be read as a number or a day."""
    try:
        return bool(text) and read(text) == read(text)  # NaN is no bound
    except ValueError:
        return False


Choices = Sequence[tuple[str, dict[str, str]]]
"""What a facet offers for one specimen: a text, and the filters that it sets, the most telling one first."""


def conditions(specimen: Specimen) -> Choices:
    """Carbon, or the material, and the hottest step with its cooling; for example “0.9 % C, 970 °C, quenched”."""
    hottest = max((step for step in specimen.treatment if step.celsius is not None), key=_celsius, default=None)
    texts, filters = [], {}
    if hottest:
        filters = {"temperature": f"{hottest.celsius:.10g}", "cooling": hottest.cooling}
        texts = [f"{hottest.celsius:.10g} °C", hottest.cooling]
    of_what = [*amounts(specimen)[:1], *materials(specimen)] if "C" in specimen.composition else materials(specimen)
    if not of_what and hottest:
        return [(", ".join(filter(None, texts)), filters)]
    return [(", ".join(filter(None, [text, *texts])), set_by | filters) for text, set_by in of_what]


def materials(specimen: Specimen) -> Choices:
    return [(specimen.material, {"material": specimen.material})] if specimen.material else []


def amounts(specimen: Specimen) -> Choices:
    """Carbon, or every element where there is none."""
    composition = specimen.composition
    shown = {"C": composition["C"]} if "C" in composition else composition
    return [_amount(element, percent) for element, percent in shown.items()]


def temperatures(specimen: Specimen) -> Choices:
    found = dict.fromkeys(f"{step.celsius:.10g}" for step in specimen.treatment if step.celsius is not None)
    return [(f"{celsius} °C", {"temperature": celsius}) for celsius in found]


def coolings(specimen: Specimen) -> Choices:
    found = dict.fromkeys(step.cooling for step in specimen.treatment if step.cooling)
    return [(cooling, {"cooling": cooling}) for cooling in found]


def heat_numbers(specimen: Specimen) -> Choices:
    return [(specimen.heat_number, {"heat_number": specimen.heat_number})] if specimen.heat_number else []


def _celsius(step: Any) -> float:
    return float(step.celsius)


def _amount(element: str, percent: float) -> tuple[str, dict[str, str]]:
    text = f"{percent:.10g}"
    return f"{text} % {element}", {"percent_min": text, "percent_max": text, "element": element}
