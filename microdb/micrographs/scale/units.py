"""Units of length, as instruments and people write them."""

MICROMETRES = {"m": 1e6, "cm": 1e4, "mm": 1e3, "µm": 1.0, "nm": 1e-3, "pm": 1e-6, "å": 1e-4}
ALIASES = {"um": "µm", "μm": "µm", "\\u00b5m": "µm", "micron": "µm", "microns": "µm", "micrometer": "µm"}
"""A micrometre with a Latin u, with a Greek mu, or with an escape that nobody decoded."""


def micrometres(unit: str) -> float | None:
    """How many micrometres one of this unit has; None where the unit is unknown."""
    name = unit.strip().lower()
    return MICROMETRES.get(ALIASES.get(name, name))
