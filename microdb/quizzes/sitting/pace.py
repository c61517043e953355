"""How long a quiz takes, for every page that says so."""

SECONDS_PER_QUESTION = 12
"""Of a usual reader; the question page goes on from it to the reader's own pace."""


def usual_minutes(questions: int) -> int:
    """Rounded up, as the question page rounds what is left."""
    return max(1, -(-questions * SECONDS_PER_QUESTION // 60))
