"""What people say about a bridge: which programme, who registers, which machine and store is which of ours."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers.bridge.models import Bridge, FeedIssue, PosMachine, PosSale, PosStore
from customers.bridge.refusing import BridgeRefusedError
from customers.bridge.working import ring
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.staff.services import audit

State = PosSale.State


def bridge_of(connection: Connection) -> Bridge:
    """The bridge of a SmartPOS connection, made when it is first asked for."""
    return Bridge.objects.get_or_create(connection=connection)[0]


@transaction.atomic
def choose_mode(
    *, bridge: Bridge, target: Connection, mode: str, by: User, creates_customers: bool = False
) -> None:
    """Say which programme the sales are for and who registers them; sales that waited for it go on.

    Raises `BridgeRefusedError("not_offered")` for a programme that takes no sales, or no such mode.
    """
    if mode not in Bridge.Mode.values or not (target.is_active and target.can(Capability.REGISTER_SALE)):
        raise BridgeRefusedError("not_offered")
    changed = {"target": target, "mode": mode, "mode_by": by, "mode_at": timezone.now()}
    Bridge.objects.filter(pk=bridge.pk).update(**changed, creates_customers=creates_customers)
    bridge.refresh_from_db()
    audit(
        actor=by,
        action="bridge.mode_chosen",
        subject=f"bridge:{bridge.pk}",
        mode=mode,
        target=target.pk,
        creates_customers=creates_customers,
    )
    ring(bridge.pk)


def note_setup(*, bridge: Bridge, step: str, done: bool, by: User) -> None:
    """Remember that a person said a step of the assistant is done, or that it is not."""
    with transaction.atomic():
        current = Bridge.objects.select_for_update().get(pk=bridge.pk)
        setup = {name: at for name, at in current.setup.items() if name != step}
        bridge.setup = setup | ({step: timezone.now().isoformat()} if done else {})
        Bridge.objects.filter(pk=bridge.pk).update(setup=bridge.setup)
        audit(actor=by, action="bridge.setup_noted", subject=f"bridge:{bridge.pk}", step=step, done=done)


@transaction.atomic
def place_machine(*, machine: PosMachine, store: Store | None, by: User) -> None:
    """Say in which of our stores a machine stands; its sales that were not sent yet follow."""
    PosMachine.objects.filter(pk=machine.pk).update(store=store)
    machine.store = store
    _move_sales(Q(machine=machine), store)
    audit(actor=by, action="bridge.machine_placed", subject=f"pos_machine:{machine.pk}")


@transaction.atomic
def map_store(*, pos_store: PosStore, store: Store | None, by: User) -> None:
    """Say which of our stores SmartPOS's store is; sales that were not sent yet follow."""
    PosStore.objects.filter(pk=pos_store.pk).update(store=store)
    pos_store.store = store
    named = Q(store_remote_id=pos_store.remote_id) | Q(
        store_remote_id="", machine__store_remote_id=pos_store.remote_id
    )
    _move_sales(Q(bridge=pos_store.bridge_id) & named & Q(machine__store=None), store)
    audit(actor=by, action="bridge.store_mapped", subject=f"pos_store:{pos_store.pk}")


def resolve_issue(*, issue: FeedIssue, by: User) -> None:
    """Put a feed's problem aside; if it happens again it is back."""
    FeedIssue.objects.filter(pk=issue.pk, resolved_at=None).update(resolved_at=timezone.now(), resolved_by=by)
    issue.refresh_from_db()


def _move_sales(which: Q, store: Store | None) -> None:
    """Sales nobody has checked yet belong to the store as it is known now."""
    open_states = (State.RECEIVED, State.UNIDENTIFIED, State.MATCHED)
    PosSale.objects.filter(which, state__in=open_states).update(store=store)
