"""Words of answers: why the user holds something, why a customer is late, what his mail is, what of the backlog."""

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


class Incoming(StrEnum):
    """What a mail that arrived after a reminder is to us."""

    ANSWER = "answer"
    OTHER = "other"
    BOUNCE = "bounce"
    DELAYED = "delayed"
    AUTOMATIC = "automatic"
