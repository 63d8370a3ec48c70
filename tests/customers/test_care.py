"""What we know of a customer ourselves: notes, tags, consents, and who is not whom. Nothing of it leaves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers import consents, notes, tags
from customers.duplicates import are_similar, duplicates_of, not_same_person
from customers.models import Consent, Customer, Note, NotSamePerson, Tag, Tagging
from customers.tasks import erase_deleted_notes
from smartbis_admin.staff.models import User
from tests.conftest import signed_in
from tests.customers.conftest import CPF, said
from tests.customers.test_detail import detail

Make = Callable[..., Customer]


@pytest.fixture
def ana(make_customer: Make) -> Customer:
    return make_customer("Ana Prado", cpf=CPF, phone="+5511988880001", email="ana@cliente.example")


@pytest.fixture
def vip(manager: User) -> Tag:
    return Tag.objects.create(name="VIP", color="violet", created_by=manager)


def to(name: str, *keys: Any) -> str:
    return reverse(f"customers:{name}", args=[getattr(key, "pk", key) for key in keys])


# --- Notes ---------------------------------------------------------------------------------------------
def test_a_note_is_written_changed_deleted_and_brought_back(
    ana: Customer, manager: User, manager_client: Client
) -> None:
    response = manager_client.post(to("note_create", ana), {"text": "Prefere <b>manhã</b>"})
    assert (response.status_code, response["Location"]) == (302, detail(ana) + "#notes")
    note = Note.objects.get()
    assert (note.customer, note.author, note.text, note.edited_at) == (
        ana,
        manager,
        "Prefere <b>manhã</b>",
        None,
    )
    page = manager_client.get(detail(ana)).content.decode()
    assert "Prefere &lt;b&gt;manhã&lt;/b&gt;" in page

    assert "Prefere" in manager_client.get(to("note_edit", ana, note)).content.decode()
    manager_client.post(to("note_edit", ana, note), {"text": "Prefere tarde"})
    note.refresh_from_db()
    assert (note.text, note.edited_at is not None) == ("Prefere tarde", True)

    response = manager_client.post(to("note_delete", ana, note))
    assert said(response)[-1:] == ["Nota apagada."]
    page = manager_client.get(detail(ana)).content.decode()
    assert "Prefere tarde" not in page
    assert f'action="{to("note_restore", ana, note)}"' in page  # the toast offers it
    assert said(manager_client.post(to("note_restore", ana, note)))[-1:] == ["Nota recuperada."]
    assert "Prefere tarde" in manager_client.get(detail(ana)).content.decode()


def test_a_note_belongs_to_its_author(
    ana: Customer, owner: User, manager: User, owner_client: Client
) -> None:
    note = notes.add_note(customer=ana, text="Da Marta", by=manager)
    page = owner_client.get(detail(ana)).content.decode()
    assert "Da Marta" in page
    assert to("note_edit", ana, note) not in page
    assert owner_client.post(to("note_edit", ana, note), {"text": "outra"}).status_code == 200
    owner_client.post(to("note_delete", ana, note))
    note.refresh_from_db()
    assert (note.text, note.edited_at, note.deleted_at) == ("Da Marta", None, None)
    other = Customer.objects.create(
        connection=ana.connection, remote_id="99", name="Bia", name_search="bia", content_hash=b""
    )
    assert owner_client.get(to("note_edit", other, note)).status_code == 404
    assert notes.restore_note(note=note, by=manager) is False


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_note_is_not_kept(ana: Customer, manager_client: Client, text: str) -> None:
    assert manager_client.post(to("note_create", ana), {"text": text}).status_code == 200
    assert not Note.objects.exists()


def test_deleted_notes_are_erased_after_a_day(ana: Customer, manager: User) -> None:
    now = timezone.now()
    for number, age in enumerate((None, timedelta(hours=23), timedelta(hours=25))):
        note = notes.add_note(customer=ana, text=str(number), by=manager)
        Note.objects.filter(pk=note.pk).update(deleted_at=age and now - age)
    erase_deleted_notes()
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == ["0", "1"]
    assert notes.restore_note(note=Note.objects.get(text="1"), by=manager)


def test_who_sees_data_masked_sees_no_notes_and_changes_nothing(
    ana: Customer, vip: Tag, manager: User, viewer_client: Client, cashier_client: Client
) -> None:
    note = notes.add_note(customer=ana, text="Telefone da mãe", by=manager)
    tags.add_tag(tag_id=vip.pk, customers=[ana], by=manager)
    consents.record_consent(
        customer=ana, channel="email", is_given=True, said_on=date(2026, 1, 2), source="paper",
        proof="Ficha 7", by=manager,
    )  # fmt: skip
    page = viewer_client.get(detail(ana)).content.decode()
    assert ("VIP" in page, "Telefone da mãe" in page, "Ficha 7" in page) == (True, False, False)
    assert "Telefone da mãe" not in viewer_client.get(to("timeline", ana)).content.decode()
    for text in (
        to("tag_put", ana),
        to("tag_take", ana, vip),
        to("consent_create", ana),
        to("note_create", ana),
    ):
        assert text not in page
    page = cashier_client.get(detail(ana)).content.decode()
    assert ("VIP" in page, "Telefone da mãe" in page) == (False, False)
    addresses = [
        to("note_create", ana), to("note_edit", ana, note), to("note_delete", ana, note), to("tag_put", ana),
        to("tag_take", ana, vip), to("tag_back", ana, vip), to("consent_create", ana), to("not_same", ana, ana),
    ]  # fmt: skip
    for client in (viewer_client, cashier_client):
        assert [client.post(address).status_code for address in addresses] == [403] * len(addresses)
    assert (Note.objects.get().deleted_at, Tagging.objects.get().removed_at) == (None, None)


# --- Tags ----------------------------------------------------------------------------------------------
def test_a_tag_is_made_put_on_taken_off_and_put_back(
    ana: Customer, manager: User, manager_client: Client
) -> None:
    manager_client.post(to("tag_create"), {"name": "  Cliente   VIP ", "color": "violet"})
    tag = Tag.objects.get()
    assert (tag.name, tag.color, tag.created_by) == ("Cliente VIP", "violet", manager)
    again = manager_client.post(to("tag_create"), {"name": "cliente vip", "color": "gray"})
    assert "Já existe uma etiqueta com este nome." in again.content.decode()

    assert said(manager_client.post(to("tag_put", ana), {"tag": tag.pk}))[-1:] == [
        "Etiqueta posta: Cliente VIP"
    ]
    manager_client.post(to("tag_put", ana), {"tag": tag.pk})
    assert Tagging.objects.get().added_by == manager
    assert "tagword-violet" in manager_client.get(detail(ana)).content.decode()
    response = manager_client.post(to("tag_take", ana, tag))
    assert said(response)[-1:] == ["Etiqueta tirada: Cliente VIP"]
    assert Tagging.objects.get().removed_by == manager
    assert to("tag_back", ana, tag) in manager_client.get(detail(ana)).content.decode()
    manager_client.post(to("tag_back", ana, tag))
    assert Tagging.objects.get().removed_at is None


@pytest.mark.parametrize("key", ["", "x", "0", "999999"])
def test_only_a_tag_in_use_can_be_put_on(ana: Customer, vip: Tag, manager_client: Client, key: str) -> None:
    assert said(manager_client.post(to("tag_put", ana), {"tag": key}))[-1:] == ["Escolha uma etiqueta."]
    assert said(manager_client.post(to("tag_archive", vip)))[-1:] == ["Etiqueta arquivada: VIP"]
    assert said(manager_client.post(to("tag_put", ana), {"tag": vip.pk}))[-1:] == ["Escolha uma etiqueta."]
    assert not Tagging.objects.exists()
    assert said(manager_client.post(to("tag_restore", vip)))[-1:] == ["Etiqueta em uso de novo: VIP"]


def test_two_presses_at_once_put_a_tag_on_once(ana: Customer, vip: Tag, manager: User) -> None:
    tags.add_tag(tag_id=vip.pk, customers=[ana], by=manager)
    tags.add_tag(tag_id=vip.pk, customers=[ana], by=manager)
    assert Tagging.objects.count() == 1
    with pytest.raises(IntegrityError):
        Tagging.objects.create(tag=vip, customer=ana, added_by=manager, added_at=timezone.now())


def test_undo_leaves_what_others_did_since(make_customer: Make, vip: Tag, manager: User, owner: User) -> None:
    one, two = make_customer("Um"), make_customer("Dois")
    tags.add_tag(tag_id=vip.pk, customers=[one, two], by=manager)
    tags.remove_tag(tag_id=vip.pk, customers=[two], by=owner)
    tags.add_tag(tag_id=vip.pk, customers=[two], by=owner)
    tags.undo_add(tag_id=vip.pk, customers=[one, two], by=manager)
    assert tags.bearers(vip.pk, [one, two]) == {two.pk}
    tags.remove_tag(tag_id=vip.pk, customers=[two], by=manager)
    tags.add_tag(tag_id=vip.pk, customers=[two], by=owner)
    tags.undo_remove(tag_id=vip.pk, customers=[two], by=manager)
    assert Tagging.objects.filter(customer=two, removed_at=None).get().added_by == owner


# --- Consents ------------------------------------------------------------------------------------------
ASKED = {
    "channel": "whatsapp",
    "is_given": "yes",
    "said_on": "2026-03-05",
    "source": "paper",
    "proof": "Ficha 12",
}


def test_consent_is_recorded_with_channel_day_source_and_proof(
    ana: Customer, manager: User, manager_client: Client
) -> None:
    assert manager_client.post(to("consent_create", ana), ASKED).status_code == 302
    row = Consent.objects.get()
    assert (row.channel, row.is_given, row.said_on, row.source, row.proof, row.recorded_by) == (
        "whatsapp", True, date(2026, 3, 5), "paper", "Ficha 12", manager,
    )  # fmt: skip
    page = manager_client.get(detail(ana)).content.decode()
    for text in ("05/03/2026", "Formulário em papel", "Ficha 12", "Consentimento dado: WhatsApp"):
        assert text in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"said_on": "2999-01-01"}, "A data está no futuro."),
        ({"said_on": "1990-01-01"}, "Confira o ano."),
        ({"is_given": ""}, "Diga o que o cliente disse."),
        ({"channel": "pombo"}, "pombo"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(
    ana: Customer, manager_client: Client, change: dict[str, str], sentence: str
) -> None:
    page = manager_client.post(to("consent_create", ana), ASKED | change).content.decode()
    assert sentence in page
    assert not Consent.objects.exists()


def test_history_is_only_added_to_and_the_latest_day_holds(ana: Customer, manager: User) -> None:
    def say(given: bool, day: int, channel: str = "email") -> None:
        consents.record_consent(
            customer=ana, channel=channel, is_given=given, said_on=date(2026, 5, day), source="store", proof="",
            by=manager,
        )  # fmt: skip

    def holds(channel: str, given: bool) -> bool:
        return consents.consenting(Customer.objects.all(), channel, is_given=given).exists()

    assert (holds("email", True), holds("email", False)) == (False, False)
    say(True, 10)
    say(False, 20)
    say(True, 15)  # found later, on paper of an earlier day
    assert (holds("email", True), holds("email", False)) == (False, True)
    say(True, 20)  # the same day: what was recorded last
    assert (holds("email", True), holds("whatsapp", True)) == (True, False)
    assert Consent.objects.count() == 4
    assert {channel: row and row.is_given for channel, row in consents.consents_now(ana)} == {
        "WhatsApp": None, "E-mail": True, "SMS": None, "Telefone": None,
    }  # fmt: skip


# --- Duplicates ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("ana prado", "ana beatriz prado", True),
        ("ana beatriz prado", "prado ana beatris", True),
        ("joao da silva", "joana da silva", True),
        ("ana", "ana prado", False),
        ("ana prado", "bruno lima", False),
        ("maria souza", "carla souza", False),
    ],
)
def test_similar_names(one: str, other: str, similar: bool) -> None:
    assert are_similar(one, other) is similar


def test_hints_name_their_reasons_and_a_dismissal_is_for_good(
    ana: Customer, make_customer: Make, manager: User, manager_client: Client
) -> None:
    Customer.objects.filter(pk=ana.pk).update(birth_date="1990-05-17")
    ana.refresh_from_db()
    both = make_customer("Outra Pessoa", phone="+5511988880001", email="ANA@cliente.example")
    born = make_customer("Ana B. Prado", birth_date="1990-05-17")
    make_customer("Bruno Lima", birth_date="1990-05-17")
    make_customer("Sumida", phone="+5511988880001", withdrawn_at=timezone.now())
    hints = [(hint.customer, [str(reason) for reason in hint.reasons]) for hint in duplicates_of(ana)]
    assert hints == [
        (both, ["mesmo telefone", "mesmo e-mail"]),
        (born, ["mesmo nascimento e nome parecido"]),
    ]
    assert "Pode ser a mesma pessoa" in manager_client.get(detail(ana)).content.decode()
    manager_client.post(to("not_same", ana, both))
    manager_client.post(to("not_same", both, ana))
    pair = NotSamePerson.objects.get()
    assert (pair.first, pair.second, pair.by) == (ana, both, manager)
    assert [hint.customer for hint in duplicates_of(ana)] == [born]
    assert duplicates_of(both) == []
    not_same_person(customer=born, other=ana, by=manager)
    assert "Pode ser a mesma pessoa" not in manager_client.get(detail(ana)).content.decode()
    assert manager_client.post(to("not_same", ana, ana)).status_code == 404


def test_another_connection_is_another_customer(
    ana: Customer, make_customer: Make, make_person: Any, make_connection: Any, manager: User
) -> None:
    other = make_connection("bare")
    far = make_customer("Ana Prado", connection=other, phone="+5511988880001")
    assert duplicates_of(ana) == []
    assert signed_in(manager).post(to("not_same", ana, far)).status_code == 404
