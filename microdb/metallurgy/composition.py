"""Compositions: elements with their mass percent.

Read are “C 0.9, Mn 0.5, Fe balance”, “0.9 % C, 0.5 % Mn” and the notation of alloys, “Fe-0.9C-1.5Cr”.
"""

import re
from collections.abc import Mapping

from microdb.errors import MicroDBError
from microdb.labels import visible_line
from microdb.metallurgy.elements import element_symbol

Composition = dict[str, float]
"""Mass percent by element."""

MOST_CHARACTERS = 1000
ROUNDING = 0.1
"""By so much the sum of rounded amounts may be above 100 %."""
BALANCE = None
"""Stands for the amount that is left."""

_AMOUNT = r"[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)"
_BALANCE = r"bal(?:ance|\.)?|rest|remainder|rem\."
_UNIT = r"\s*(?P<unit>(?:wt|mass|weight|m|at|mol)\b[.\s-]*%?|%(?:\s*\(?(?:wt|mass|at)\b\)?\.?)?|ppm\b)?"
# No match begins within a word or a number, so that a long one is tried only once
_ELEMENT_FIRST = re.compile(
    rf"(?<![A-Za-z])(?P<element>[A-Za-z]+)\s*[:=]?\s*(?P<amount>{_AMOUNT}|{_BALANCE}){_UNIT}", re.IGNORECASE
)
_AMOUNT_FIRST = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?P<amount>{_AMOUNT}|{_BALANCE}){_UNIT}\s*(?P<element>[A-Za-z]+)", re.IGNORECASE
)
_ALLOY = re.compile(r"(?P<base>[A-Z][a-z]?)(?P<rest>(?:-\d+(?:\.\d+)?[A-Z][a-z]?)+)")
_SEPARATORS = " \t\n,;/|"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def parse_composition(text: str) -> Composition:
    """Raises MicroDBError where a part can't be read, or the whole is no possible composition."""
    if len(text) > MOST_CHARACTERS:
        raise _wrong(f"A composition has at most {MOST_CHARACTERS:,} characters; {len(text):,} were given. Shorten it.")
    line = visible_line(text.replace("\n", "; "))
    if alloy := _ALLOY.fullmatch(line):
        pairs = re.findall(r"-([\d.]+)([A-Z][a-z]?)", alloy["rest"])
        return checked_composition({alloy["base"]: BALANCE} | {element: float(amount) for amount, element in pairs})
    pattern = _ELEMENT_FIRST if line[:1].isalpha() and not re.match(_BALANCE, line, re.IGNORECASE) else _AMOUNT_FIRST
    amounts: dict[str, float | None] = {}
    end = 0
    for found in pattern.finditer(line):
        _refuse_rest(line[end : found.start()])
        end = found.end()
        refuse_unit(found["unit"] or "", found[0])
        element = _symbol(found["element"])
        if element in amounts:
            raise _wrong(f"The composition names {element} twice. Keep one of the amounts.")
        amounts[element] = parse_amount(found["amount"], element)
    _refuse_rest(line[end:])
    return checked_composition(amounts)


def parse_amount(text: str, element: str) -> float | None:
    """The mass percent in one cell of a table; BALANCE where it is what is left."""
    bare = text.strip().removesuffix("%").strip()
    if re.fullmatch(_BALANCE, bare, re.IGNORECASE):
        return BALANCE
    if not _NUMBER.fullmatch(bare):
        raise _wrong(
            f"The amount of {element} must be a number in mass percent; “{text}” was given. Leave it empty where the "
            "element was not found."
        )
    return float(bare.replace(",", "."))


def checked_composition(amounts: Mapping[str, object]) -> Composition:
    """Mass percent by symbol, the greatest first. Raises MicroDBError for what no material can be made of."""
    known = {_symbol(element): amount for element, amount in amounts.items()}
    left = [element for element, amount in known.items() if amount is BALANCE]
    found = {element: _percent(element, amount) for element, amount in known.items() if amount is not BALANCE}
    total = sum(found.values())
    if len(left) > 1:
        raise _wrong(f"Only one element can be the balance; {' and '.join(left)} are. Give the amount of the others.")
    if total > 100 + ROUNDING or (left and total >= 100):
        raise _wrong(f"The composition adds up to {total:.6g} %, more than 100 %. Correct the amounts.")
    if left:
        found[left[0]] = round(100 - total, 6)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def composition_text(composition: Composition) -> str:
    """For example “Fe 98.6, C 0.9, Mn 0.5”, as ``parse_composition`` reads it."""
    pairs = sorted(composition.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{element} {amount:.10g}" for element, amount in pairs)


def refuse_unit(unit: str, shown: str) -> None:
    """Raise MicroDBError for amounts that are no mass percent."""
    if re.match(r"\W*(at|mol|ppm)", unit, re.IGNORECASE) or re.search(r"%\s*\(?at", unit, re.IGNORECASE):
        raise _wrong(f"Amounts are in mass percent; “{shown}” is not. Convert it.")


def _refuse_rest(text: str) -> None:
    if rest := text.strip(_SEPARATORS):
        raise _wrong(
            f"“{rest}” can't be read as part of a composition. Write elements with their mass percent, for example "
            "C 0.9, Mn 0.5, Fe balance."
        )


def _symbol(text: str) -> str:
    symbol = element_symbol(text)
    if symbol is None:
        raise _wrong(f"“{text}” is not the symbol of a chemical element. Write for example C, Mn or Fe.")
    return symbol


def _percent(element: str, amount: object) -> float:
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 100:
        given = f"{amount:.10g}" if isinstance(amount, int | float) else str(amount)
        raise _wrong(f"The amount of {element} must be from 0 to 100 mass percent; {given} was given. Correct it.")
    return float(amount)


def _wrong(message: str) -> MicroDBError:
    return MicroDBError(message, code="bad_composition")
