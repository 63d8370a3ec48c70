"""Words in the addresses we hand to customers: signed, naming one message, saying nothing to a reader."""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.core.signing import BadSignature, Signer

_OPT_OUT = Signer(salt="vouchers.outreach.opt_out", sep=".")
_SURVEY = Signer(salt="vouchers.outreach.survey", sep=".")


def opt_out_token(message: uuid.UUID) -> str:
    """The word of a message's opt-out page; it stays good for as long as the message is known."""
    return _OPT_OUT.sign(_short(message))


def survey_token(message: uuid.UUID) -> str:
    """The word of a message's survey page."""
    return _SURVEY.sign(_short(message))


def message_of_opt_out(token: str) -> uuid.UUID | None:
    """The message an opt-out word names; None for a word that is not ours."""
    return _read(_OPT_OUT, token)


def message_of_survey(token: str) -> uuid.UUID | None:
    """The message a survey word names; None for a word that is not ours."""
    return _read(_SURVEY, token)


def _short(message: uuid.UUID) -> str:
    return urlsafe_b64encode(message.bytes).decode().rstrip("=")


def _read(signer: Signer, token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(bytes=urlsafe_b64decode(signer.unsign(token) + "=="))
    except (BadSignature, ValueError):
        return None
