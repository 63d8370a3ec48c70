"""What a person does with a note about a customer: write, change one's own, delete it and bring it back."""

from datetime import datetime, timedelta

from django.utils import timezone

from customers.models import Customer, Note
from smartbis_admin.staff.models import User

#: So long a deleted note can be brought back; then a job erases it.
KEPT_DELETED = timedelta(days=1)


def add_note(*, customer: Customer, text: str, by: User) -> Note:
    """Write a note, signed and dated."""
    return Note.objects.create(customer=customer, text=text, author=by, created_at=timezone.now())


def edit_note(*, note: Note, text: str, by: User) -> bool:
    """Change one's own note; the first date stays. False: it is somebody else's, or gone."""
    mine = Note.objects.filter(pk=note.pk, author=by, deleted_at=None)
    return bool(mine.update(text=text, edited_at=timezone.now()))


def delete_note(*, note: Note, by: User) -> bool:
    """Take one's own note away. False: it is somebody else's, or gone already."""
    return bool(Note.objects.filter(pk=note.pk, author=by, deleted_at=None).update(deleted_at=timezone.now()))


def restore_note(*, note: Note, by: User) -> bool:
    """Bring back one's own deleted note, within `KEPT_DELETED`. False: too late, or not deleted."""
    since = timezone.now() - KEPT_DELETED
    return bool(Note.objects.filter(pk=note.pk, author=by, deleted_at__gt=since).update(deleted_at=None))


def erase_deleted(now: datetime | None = None) -> int:
    """Erase notes that can no longer be brought back. Returns how many."""
    gone, _rows = Note.objects.filter(deleted_at__lte=(now or timezone.now()) - KEPT_DELETED).delete()
    return gone
