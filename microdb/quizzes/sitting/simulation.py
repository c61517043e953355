"""Simulated readers of plausible skill, for the results page of a demonstration."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from microdb.accounts.models import Panel
from microdb.quizzes.models import UNSURE

MEAN_SKILL = {Panel.EXPERT: 0.73, Panel.NON_EXPERT: 0.55}
"""Share of right answers; the experts' is that of the paper's first quiz."""
SKILL_SPREAD, EASE_SPREAD = 0.09, 0.18
UNSURE_SHARE = 0.25
"""Of the answers that are not right."""
CONFIDENCES = (20, 40, 60, 80, 100)
"""Per cent, as the buttons offer them."""


@dataclass(frozen=True)
class Sitting:
    """A simulated reader's answer to one question, with the time it took in milliseconds."""

    label: str
    confidence: int | None
    active_ms: int


@dataclass(frozen=True)
class SimulatedReader:
    nickname: str
    panel: Panel
    years_of_experience: int
    sittings: list[Sitting]


def draw_readers(
    truths: Sequence[str], options: Sequence[str], *, experts: int, non_experts: int, seed: int
) -> list[SimulatedReader]:
    """Readers who differ in skill, on questions that differ in difficulty; the same for the same ``seed``."""
    chance = random.Random(seed)
    ease = [chance.gauss(0, EASE_SPREAD) for _ in truths]
    panels = [Panel.EXPERT] * experts + [Panel.NON_EXPERT] * non_experts
    readers = []
    for number, panel in enumerate(panels, start=1):
        skill = chance.gauss(MEAN_SKILL[panel], SKILL_SPREAD)
        sittings = [_sit(chance, truth, options, skill + e) for truth, e in zip(truths, ease, strict=True)]
        years = chance.randint(3, 30) if panel == Panel.EXPERT else chance.randint(0, 2)
        readers.append(SimulatedReader(f"Simulated {panel.label} {number}", panel, years, sittings))
    return readers


def _sit(chance: random.Random, truth: str, options: Sequence[str], probability: float) -> Sitting:
    """A confident answer is right more often and faster; all readers are overconfident."""
    label = _choose(chance, truth, options, probability)
    felt = probability + 0.12 + chance.gauss(0, 0.15) - (0 if label == truth else 0.1)
    confidence = None if label == UNSURE else min(CONFIDENCES, key=lambda c: abs(c - 100 * felt))
    seconds = chance.lognormvariate(2.4 - probability / 2, 0.5)
    return Sitting(label, confidence, round(1000 * seconds))


def _choose(chance: random.Random, truth: str, options: Sequence[str], probability: float) -> str:
    if chance.random() < probability:
        return truth
    wrong = [option for option in options if option != truth]
    return UNSURE if not wrong or chance.random() < UNSURE_SHARE else chance.choice(wrong)
