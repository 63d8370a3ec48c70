"""Which machine and which of our stores a sale belongs to; what nobody listed yet is made on the way.

One object serves one feed's batch after the other, so that a file of fifty thousand sales asks for each machine once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from customers.bridge.issues import Problem
from customers.bridge.models import Bridge, PosMachine, PosStore
from smartbis_admin.staff.models import Store

#: The time of a machine's last sale is written at most this often while sales stream in.
_STEP = timedelta(minutes=1)


class Places:
    """The machines and stores of one bridge, as far as they were asked for."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self._machines: dict[str, PosMachine] = {}
        self._stores: dict[str, PosStore] = {}

    def prepare(self, machines: Iterable[tuple[str, str, str, str]], stores: Iterable[str]) -> list[Problem]:
        """Load or make these: machines as (id, acquirer, serial, store id), stores by id.

        Returns a problem for each machine that is not in SmartPOS's list although that was read.
        """
        fresh = {row[0]: row for row in machines if row[0] and row[0] not in self._machines}
        unknown: list[str] = []
        if fresh:
            self._load_machines(fresh)
            unknown = [key for key in fresh if key not in self._machines]
            PosMachine.objects.bulk_create(
                [
                    PosMachine(
                        bridge=self.bridge, remote_id=key, acquirer=acquirer, terminal_serial=serial,
                        store_remote_id=store,
                    )
                    for key, acquirer, serial, store in (fresh[key] for key in unknown)
                ],
                ignore_conflicts=True,
            )  # fmt: skip
            self._load_machines(unknown)
        self._prepare_stores({key for key in stores if key})
        if self.bridge.machines_at is None:
            return []
        return [Problem("unknown_machine", key, "machine", lost=False) for key in unknown]

    def machine(self, remote_id: str) -> PosMachine | None:
        """The machine with this id."""
        return self._machines.get(remote_id)

    def store_id(self, machine: PosMachine | None, store_remote_id: str) -> int | None:
        """Our store: where the machine stands, else what SmartPOS's store is mapped to."""
        if machine is not None and machine.store_id is not None:
            return machine.store_id
        known = self._stores.get(store_remote_id or (machine.store_remote_id if machine else ""))
        return known.store_id if known else None

    def note_sales(self, latest: dict[str, datetime]) -> None:
        """Remember when machines last sold something."""
        for key, at in latest.items():
            machine = self._machines.get(key)
            if machine is None or (machine.last_sale_at and machine.last_sale_at + _STEP > at):
                continue
            earlier = Q(last_sale_at=None) | Q(last_sale_at__lt=at)
            PosMachine.objects.filter(earlier, pk=machine.pk).update(last_sale_at=at)
            machine.last_sale_at = at

    def _load_machines(self, keys: Iterable[str]) -> None:
        rows = PosMachine.objects.filter(bridge=self.bridge, remote_id__in=list(keys))
        self._machines |= {row.remote_id: row for row in rows}
        self._prepare_stores({row.store_remote_id for row in self._machines.values() if row.store_remote_id})

    def _prepare_stores(self, wanted: set[str]) -> None:
        fresh = [key for key in wanted if key not in self._stores]
        if not fresh:
            return
        rows = PosStore.objects.filter(bridge=self.bridge, remote_id__in=fresh)
        self._stores |= {row.remote_id: row for row in rows}
        missing = [key for key in fresh if key not in self._stores]
        if not missing:
            return
        # A store of the same name is the same store, until a person says otherwise.
        ours = {name.casefold(): pk for pk, name in Store.objects.values_list("pk", "name")}
        PosStore.objects.bulk_create(
            [
                PosStore(bridge=self.bridge, remote_id=key, store_id=ours.get(key.casefold()))
                for key in missing
            ],
            ignore_conflicts=True,
        )
        self._stores |= {row.remote_id: row for row in rows.all()}
