"""Words of answers: why the user holds something, what to do with the backlog, what a customer's mail is."""

from enum import StrEnum


class Backlog(StrEnum):
    """The user's answer about what was late before relance came."""

    AS_IS = "as-is"
    GENTLY = "gently"
    IGNORE = "ignore"


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
