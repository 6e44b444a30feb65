"""Several connections of one software: a second shop, a second bank."""

import pytest
from django.utils import timezone

from onboarding.linking.models import CodatWrite
from onboarding.linking.services import connecting
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company):
    return lambda page: f"/journey/{company.public_id}/{page}/"


@pytest.fixture
def agreed(company, shopify):
    """Permission for Shopify was given."""
    from onboarding.journey.tiles import current_wording  # noqa: PLC0415 - needs the language

    company.consents.create(
        platform_key="fztf",
        version=current_wording(shopify).version,
        text="…",
        data_types=[],
        at=timezone.now(),
    )


def shop(company, status="Linked", *, confirmed=True, **fields):
    defaults = {"platform_name": "Shopify", "source_type": "Commerce"}
    connection = factories.make_connection(company, "fztf", status, **defaults | fields)
    if confirmed and status != "PendingAuth":
        factories.make_identity(connection, confirmed_at=timezone.now())
    factories.restage(company)
    connection.refresh_from_db()
    return connection


def planned(company):
    return company.writes.filter(kind=CodatWrite.Kind.CREATE_CONNECTION).count()


def test_a_connected_shop_is_chosen_again_to_add_another(customer, url, company, shopify, agreed):
    shop(company)
    page = customer.get(url("software"))
    assert "Choose it to add another one." in seen.text(page)
    permission = url("permission/fztf")
    assert permission in page.content.decode()
    assert customer.get(permission)["Location"] == url("leave/fztf")
    assert seen.heading(customer.get(url("leave/fztf"))) == "You are going to Shopify"


def test_of_accounting_software_there_is_one(customer, url, company, xero):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.restage(company)
    page = customer.get(url("software"))
    assert "add another one" not in seen.text(page)
    assert "Add another Xero" not in seen.buttons(customer.get(url("connections")))


def test_going_back_before_the_first_shop_is_confirmed_makes_no_second(company, shopify):
    first = shop(company, confirmed=False)
    assert connecting.connection_for(company=company, platform_key="fztf") == first


def test_an_open_question_about_the_first_shop_keeps_nobody_from_adding_another(
    customer, url, company, shopify, agreed
):
    first = shop(company, confirmed=False)
    factories.make_identity(first)
    assert "Add another Shopify" in seen.buttons(customer.get(url("connections")))
    for _ in range(2):
        assert customer.post(url("another/fztf"))["Location"] == url("preparing/fztf")
    assert planned(company) == 1
    assert "Go to Shopify" not in seen.buttons(customer.get(url("preparing/fztf")))
    assert connecting.connection_for(company=company, platform_key="fztf") is None

    company.writes.update(done_at=timezone.now(), outcome=CodatWrite.Outcome.DONE)
    second = shop(company, "PendingAuth")
    assert "Go to Shopify" in seen.buttons(customer.get(url("preparing/fztf")))
    assert connecting.connection_for(company=company, platform_key="fztf") == second
    identity = seen.hidden(customer.get(url("confirm")), "identity")
    assert identity == str(first.identity.public_id), "the first asks by itself"


def test_another_is_added_beside_one_that_ended(customer, url, company, shopify, agreed):
    shop(company, "Deauthorized")
    assert "Add another Shopify" in seen.buttons(customer.get(url("connections")))
    for _ in range(2):
        assert customer.post(url("another/fztf"))["Location"] == url("preparing/fztf")
    assert planned(company) == 1


def test_another_needs_permission_as_the_first_did(customer, url, company, shopify):
    shop(company)
    assert customer.post(url("another/fztf"))["Location"] == url("permission/fztf")
    assert planned(company) == 0


def test_one_not_signed_in_to_yet_is_used_for_another(customer, url, company, shopify, agreed):
    shop(company)
    pending = shop(company, "PendingAuth")
    assert "Add another Shopify" not in seen.buttons(customer.get(url("connections")))
    customer.post(url("another/fztf"))
    assert planned(company) == 0
    assert connecting.connection_for(company=company, platform_key="fztf") == pending


def test_each_shop_is_reconnected_and_disconnected_by_itself(customer, url, company, shopify):
    first, second = shop(company, "Deauthorized"), shop(company, "Unlinked")
    third = shop(company)
    page = customer.get(url("connections")).content.decode()
    for each in (first, second):
        address = url(f"connections/{each.public_id}/reconnect")
        assert address in page
        assert seen.heading(customer.get(address)) == "You are going to Shopify"
    assert url(f"connections/{third.public_id}/disconnect") in page


def test_another_businesss_connection_is_not_reconnected_here(customer, url, shopify):
    theirs = shop(factories.make_company("Harbour Cafe"), "Deauthorized")
    assert customer.get(url(f"connections/{theirs.public_id}/reconnect")).status_code == 404


def test_each_shop_asks_whose_it_is(customer, url, company, shopify):
    for name in ("Brook & Sons", "Harbour Cafe"):
        connection = shop(company, confirmed=False)
        factories.make_identity(connection, name, legal_name="")
    factories.restage(company)
    for answer in ("yes", "no"):
        page = customer.get(url("confirm"))
        identity = seen.hidden(page, "identity")
        customer.post(url("confirm"), {"identity": identity, "answer": answer})
    assert customer.get(url("confirm"))["Location"] == url("progress")
    answers = [each.identity for each in company.connections.all()]
    assert [bool(each.confirmed_at) for each in answers] == [True, False]
    assert company.writes.get(kind="unlink_connection").body == {
        "connection_id": answers[1].connection.codat_id
    }


@pytest.mark.parametrize("asked_before_it_was_made", [True, False])
def test_who_helps_with_a_second_shop_is_not_done_with_the_first(
    client, company, shopify, asked_before_it_was_made
):
    shop(company)
    second = None if asked_before_it_was_made else shop(company, "PendingAuth")
    link = factories.make_invitation(company, "delegate", platform_key="fztf", connection=second)
    factories.restage(company)
    link.refresh_from_db()
    assert link.ended_at is None
    _session, key = factories.make_session(company, purpose="delegate", invitation=link)
    client.cookies["journey"] = key
    page = client.get(f"/journey/{company.public_id}/helping/fztf/")
    assert "Go to Shopify" in seen.buttons(page)
