"""One mail for each conflict, to its owner or, without one, to the managers of the store.

Claimed in the database before it is sent and given back when sending fails, so that it is sent once and
not lost. Holds no code and no personal data.
"""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from smartbis_admin.staff.models import User
from vouchers.contingency.models import ContingencyUse
from vouchers.contingency.services import people_who_settle

log = structlog.get_logger(__name__)
#: Conflicts told of in one go.
AT_ONCE = 50


def tell_owners() -> int:
    """Send the mails that are due; returns how many went out."""
    due = ContingencyUse.objects.filter(state=ContingencyUse.State.CONFLICT, told_at=None)
    uses = due.select_related("owner", "till__store", "redemption").order_by("conflict_at")[:AT_ONCE]
    return sum(map(_tell, uses))


def _tell(use: ContingencyUse) -> bool:
    mine = ContingencyUse.objects.filter(pk=use.pk, told_at=None)
    if not mine.update(told_at=timezone.now()):
        return False
    to = [person.email for person in owners_of(use)]
    if not to:
        return False
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Conflito de contingência: %(till)s") % {"till": use.till}
        body = render_to_string("vouchers/contingency/mail.txt", {"use": use})
    try:
        EmailMessage(subject=subject, body=body, bcc=to).send()
    except (OSError, SMTPException):
        log.warning("mail_failed", template="contingency", exc_info=True)
        ContingencyUse.objects.filter(pk=use.pk).update(told_at=None)
        return False
    return True


def owners_of(use: ContingencyUse) -> list[User]:
    """Who has to act on a conflict."""
    if use.owner is not None and use.owner.is_active:
        return [use.owner]
    return list(people_who_settle(use.till.store))
