"""What the staff app does for others: writes the audit trail."""

from typing import Any

from smartbis_admin.staff.models import AuditEvent, User


def audit(*, actor: User | None, action: str, subject: str = "", **details: Any) -> AuditEvent:
    """Add one row to the audit trail. `actor` None means the program itself.

    `details` are plain JSON values; never personal data or secrets.
    """
    return AuditEvent.objects.create(actor=actor, action=action, subject=subject, details=details)
