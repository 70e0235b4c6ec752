"""How many examples a test draws: all that it asks for in .ci/run, fewer before a commit."""

from hypothesis import settings

_ALL = 100
"""What Hypothesis draws where neither a test nor a profile says otherwise."""


def examples(count: int) -> int:
    """So many examples, or the share of them that the profile draws where a test names no number."""
    return max(1, count * settings().max_examples // _ALL)
