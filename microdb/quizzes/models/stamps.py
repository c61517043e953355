"""Which of two answers to a question the reader gave later, without clocks: clocks jump, and two devices differ.

A browser stamps every choice with a name that it makes up for the ballot and a count that only grows (``8f3c:17``), and
sends with it ``over``: the stamp of the answer that it showed when the reader chose. Of one browser's answers the one
with the higher count is the later. An answer of another browser follows the kept one only where the reader had that one
in view.
"""

PATTERN = r"^[0-9a-f]{1,32}:[0-9]{1,15}\Z"
LENGTH = 48


def is_later(stamp: str, *, over: str, kept: str) -> bool:
    """Whether a choice follows the one that is kept; one without a stamp (a page without script) always does."""
    if not stamp or not kept:
        return True
    browser, count = stamp.split(":")
    kept_browser, kept_count = kept.split(":")
    if browser == kept_browser:
        return int(count) > int(kept_count)
    return over == kept
