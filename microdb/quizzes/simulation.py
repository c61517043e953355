"""Made-up readers of plausible skill, so that a demonstration's results page has something to show."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from microdb.accounts.models import Panel
from microdb.quizzes.models import UNSURE

MEAN_SKILL = {Panel.EXPERT: 0.73, Panel.NON_EXPERT: 0.55}
"""Share of right answers; the experts' is that of the paper's first quiz."""
SKILL_SPREAD = 0.09
UNSURE_SHARE = 0.25
"""Of the answers that are not right."""


@dataclass(frozen=True)
class SimulatedReader:
    """A made-up reader's choices, one per question, with the time each took in milliseconds."""

    nickname: str
    panel: Panel
    choices: list[str]
    active_ms: list[int]


def draw_readers(
    truths: Sequence[str], options: Sequence[str], *, experts: int, non_experts: int, seed: int
) -> list[SimulatedReader]:
    """Readers who differ in skill, on questions that differ in difficulty; the same for the same ``seed``."""
    chance = random.Random(seed)
    ease = [chance.gauss(0, 0.18) for _ in truths]
    panels = [Panel.EXPERT] * experts + [Panel.NON_EXPERT] * non_experts
    readers = []
    for number, panel in enumerate(panels, start=1):
        skill = chance.gauss(MEAN_SKILL[panel], SKILL_SPREAD)
        readers.append(
            SimulatedReader(
                nickname=f"Simulated {panel.label} {number}",
                panel=panel,
                choices=[_choose(chance, truth, options, skill + e) for truth, e in zip(truths, ease, strict=True)],
                active_ms=[round(1000 * chance.lognormvariate(2.1, 0.5)) for _ in truths],
            )
        )
    return readers


def _choose(chance: random.Random, truth: str, options: Sequence[str], probability: float) -> str:
    if chance.random() < probability:
        return truth
    wrong = [option for option in options if option != truth]
    return UNSURE if not wrong or chance.random() < UNSURE_SHARE else chance.choice(wrong)
