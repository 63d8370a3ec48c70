"""Tags of customers: put on, taken off, and what an undo brings back. History stays in `Tagging`."""

from collections.abc import Iterable, Sequence

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from customers.models import Customer, Tag, Tagging
from smartbis_admin.staff.models import User


def tags_in_use() -> QuerySet[Tag]:
    """The tags that are offered."""
    return Tag.objects.filter(archived_at=None)


def with_tags(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """The customers with `tags_now`: their taggings of today, each with its tag. One more query."""
    now = Tagging.objects.filter(removed_at=None, tag__archived_at=None).select_related("tag")
    rows = now.order_by("tag__name", "pk")
    return customers.prefetch_related(Prefetch("taggings", queryset=rows, to_attr="tags_now"))


def tagged(customers: QuerySet[Customer], tag: Tag) -> QuerySet[Customer]:
    """Those that bear the tag now."""
    # From the few that bear it, not through all customers there are.
    bearing = Tagging.objects.filter(tag=tag, removed_at=None).order_by()
    return customers.filter(pk__in=bearing.values("customer"))


def bearers(tag_id: int, customers: Iterable[Customer]) -> set[int]:
    """Primary keys of those among these customers that bear the tag now."""
    rows = Tagging.objects.filter(tag=tag_id, removed_at=None, customer__in=[row.pk for row in customers])
    return set(rows.values_list("customer_id", flat=True))


def add_tag(*, tag_id: int, customers: Sequence[Customer], by: User) -> None:
    """Put the tag on all of them; who bears it already is left as is."""
    now = timezone.now()
    Tagging.objects.bulk_create(
        [Tagging(tag_id=tag_id, customer=row, added_by=by, added_at=now) for row in customers],
        ignore_conflicts=True,
    )


def remove_tag(*, tag_id: int, customers: Sequence[Customer], by: User) -> None:
    """Take the tag off all of them."""
    Tagging.objects.filter(tag=tag_id, customer__in=[row.pk for row in customers], removed_at=None).update(
        removed_at=timezone.now(), removed_by=by
    )


def undo_add(*, tag_id: int, customers: Sequence[Customer], by: User) -> None:
    """As if this person had not put the tag on; a tag somebody else put on since stays."""
    Tagging.objects.filter(
        tag=tag_id, customer__in=[row.pk for row in customers], removed_at=None, added_by=by
    ).delete()


def undo_remove(*, tag_id: int, customers: Sequence[Customer], by: User) -> None:
    """As if this person had not taken the tag off; who bears it again since stays as is."""
    has = bearers(tag_id, customers)
    rows = Tagging.objects.filter(
        tag=tag_id, removed_by=by, customer__in=[row.pk for row in customers if row.pk not in has]
    )
    newest = {row.customer_id: row.pk for row in rows.order_by("removed_at", "pk")}
    Tagging.objects.filter(pk__in=newest.values()).update(removed_at=None, removed_by=None)
