"""The chemical elements that occur in materials."""

_SYMBOLS = (
    " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au "
    "Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu "
)
"""Up to plutonium: further ones are in no alloy, and the column “No” of a table is a number, not nobelium."""


def element_symbol(text: str) -> str | None:
    """The symbol that ``text`` means, in whatever case; None where it is none."""
    symbol = text.strip().capitalize()
    return symbol if symbol.isalpha() and f" {symbol} " in _SYMBOLS else None
