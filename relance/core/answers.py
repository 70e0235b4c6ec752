"""The words with which a user answers: why something is held or late, what to do with the backlog."""

from enum import StrEnum


class Backlog(StrEnum):
    """The user's answer about what was late before relance came."""

    AS_IS = "as-is"
    GENTLY = "gently"
    IGNORE = "ignore"


class Cause(StrEnum):
    """Why a customer was late, as a person learnt it."""

    OVERSIGHT = "oversight"
    DISPUTE = "dispute"
    CASH = "cash"


class HoldReason(StrEnum):
    """Why the user holds an invoice or a customer."""

    DISPUTE = "dispute"
    PROMISE = "promise"
    PLAN = "plan"
    PAUSE = "pause"
    INSOLVENCY = "insolvency"
    OTHER = "other"
