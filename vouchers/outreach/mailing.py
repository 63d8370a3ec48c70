"""One e-mail through Django's backend, and what its answer means: sent, refused, not sent, or in doubt.

Only a failure to connect and a plain refusal are certain. Whatever breaks once the message is on its way is
in doubt, and an e-mail in doubt is never sent again. Knows no rows.
"""

import smtplib
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage, get_connection

#: SMTP answers from here on are final; below, the server asks to come again later.
_FINAL = 500


class NotSentError(Exception):
    """Nothing left: there is no connection, or the server asked to come again later."""


class RefusedError(Exception):
    """The server said no for good; `code` is its number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class InDoubtError(Exception):
    """The message may have been taken."""


@dataclass(frozen=True)
class Letter:
    """What is written to whom. `opt_out_url` ends the e-mails with one press in the reader's program (RFC 8058).

    A test to oneself has neither that address nor an id of ours.
    """

    to: str
    subject: str
    body: str
    opt_out_url: str = ""
    message_id: str = ""


class Mailer:
    """A connection to the mail server, opened when first needed and again after it broke."""

    def __init__(self) -> None:
        self._backend: Any = None

    def connect(self) -> None:
        """Be connected before anything is on its way. Raises `NotSentError`."""
        backend = self._backend or get_connection(fail_silently=False)
        try:
            backend.open()
        except Exception as error:
            self.close()
            raise NotSentError(type(error).__name__) from error
        self._backend = backend

    def send(self, letter: Letter) -> None:
        """Send over the open connection. Raises `RefusedError`, `NotSentError`, `InDoubtError`."""
        mail = self._mail(letter)
        try:
            taken = self._backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            self.close()
            code = max((answer[0] for answer in error.recipients.values()), default=_FINAL)
            raise _end(code) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise _end(error.smtp_code) from error
        except Exception as error:
            self.close()
            raise InDoubtError(type(error).__name__) from error
        if taken != 1:
            raise InDoubtError("not_told")

    def close(self) -> None:
        """Let the connection go; what is broken already is let go in silence."""
        backend, self._backend = self._backend, None
        if backend is not None:
            try:
                backend.close()
            except (OSError, smtplib.SMTPException):
                return

    def _mail(self, letter: Letter) -> EmailMessage:
        headers = {"Auto-Submitted": "auto-generated"}
        if letter.message_id:
            headers["Message-ID"] = letter.message_id
        if letter.opt_out_url:
            headers["List-Unsubscribe"] = f"<{letter.opt_out_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail = EmailMessage(
            letter.subject, letter.body, to=[letter.to], headers=headers, connection=self._backend
        )
        try:
            mail.message()
        except ValueError as error:
            # A line break in the subject or the address: nothing was sent.
            raise RefusedError("header") from error
        return mail


def _end(code: int) -> Exception:
    return RefusedError(str(code)) if code >= _FINAL else NotSentError(str(code))
