"""Reads single vouchers out of the platform's list, the only place where it tells them (`smartbis-v2.md` §2, §4.2).

Knows where in that list a voucher was last seen as well as our copy does; decides nothing about it.
"""

from collections.abc import Collection, Iterator

from django.db.models import Q

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.ports import Client
from smartbis_admin.api.records import Page, VoucherRecord
from smartbis_admin.api.walk import WalkOutcome, WalkState, iterate
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import walking
from vouchers.models import Voucher

#: More vouchers than this are looked for in the whole list at once.
FEW = 3
#: The page it stood on, and what it moves to when some rows came or went before it.
NEAR = (0, 1, -1)


def find_vouchers(
    client: Client, connection: Connection, codes: Collection[str], *, everywhere: bool = True
) -> tuple[dict[str, VoucherRecord], bool]:
    """Read the voucher list until all codes are found: the page where each was last seen, then (`everywhere`) the
    whole list.

    Returns them by code in capitals, and whether the list was read to its end where some were not.
    """
    missing = {code.upper() for code in codes}
    found: dict[str, VoucherRecord] = {}

    def search(page: Page[VoucherRecord]) -> None:
        for record in page.records:
            key = record.remote_id.upper()
            if key in missing and isinstance(record, VoucherRecord):
                found[key] = record
                missing.discard(key)

    for number in last_seen_on(connection, codes) if len(codes) <= FEW else ():
        state = WalkState(page=number, per_page=walking.PER_PAGE)
        if (near := client.walk(Resource.VOUCHERS, state=state).fetch()) is not None:
            search(near)
        if not missing:
            return found, True
    if not everywhere:
        return found, False
    walk = client.walk(Resource.VOUCHERS, per_page=walking.PER_PAGE)
    for page in iterate(walk):
        search(page)
        if not missing:
            return found, True
    return found, walk.outcome is WalkOutcome.COMPLETE


def last_seen_on(connection: Connection, codes: Collection[str]) -> Iterator[int]:
    """Pages to look at first, each once: our copy's rank in the order of the list, and the pages beside it.

    The rank is counted, because a page noted with each row would make an unchanged list write them all. The
    order (oldest first) is a hope and no promise: a wrong page costs a call and nothing else.
    """
    asked: set[int] = set()
    rows = Voucher.objects.filter(connection=connection, withdrawn_at=None)
    for code, issued_at in rows.filter(remote_id__in=codes).values_list("remote_id", "issued_at"):
        if issued_at is None:
            continue
        older = Q(issued_at__lt=issued_at) | Q(issued_at=issued_at, remote_id__lt=code)
        page = rows.filter(older).count() // walking.PER_PAGE + 1
        for number in (page + step for step in NEAR):
            if number >= 1 and number not in asked:
                asked.add(number)
                yield number
