"""Whose business it is, from Codat's answer to the record, for each kind of software."""

import pytest
from django.utils import timezone

from onboarding.linking import stages
from onboarding.linking.models import Platform
from onboarding.linking.services import connecting, identity, onboarding
from tests import factories
from tests.simulated import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("read_at_once")]


@pytest.fixture
def connect(xero_at_codat, simulator, take_turn):
    """`connect(session, key, organisation=…)`: through the sign-in, until its name is known."""

    def connect(session, key="gbol", *, another=False, **granted):
        company = session.company
        known = set(company.connections.values_list("pk", flat=True))
        platform = Platform.objects.get(key=key)
        begin = connecting.add_another if another else connecting.begin_connection
        begin(session=session, platform=platform, now=timezone.now())
        take_turn(company)
        made = company.connections.exclude(pk__in=known).get()
        simulator.act(made.codat_id, "authorize", **granted)

        def found():
            take_turn(company)
            return company.connections.get(pk=made.pk).identity

        return eventually(found, what="the identity")

    return connect


def confirm(found, **more):
    company = found.connection.company
    identity.confirm(
        identity_public_id=found.public_id, company=company, now=timezone.now(), **more
    )


def test_each_shop_has_details_of_its_own(session, connect, simulator):
    first = connect(session, "fztf", organisation="own")
    confirm(first)
    second = connect(session, "fztf", another=True, organisation="Harbour Cafe Ltd")

    assert first.display_name != second.display_name
    assert second.display_name == "Harbour Cafe Ltd"
    assert first.platform_ref != second.platform_ref
    assert first.currency == "GBP"
    (at_codat,) = simulator.companies_of(session.company.public_id)
    assert len(at_codat["dataConnections"]) == 2
    assert simulator.calls()["operations"]["get-commerce-profile"] >= 2


def test_a_shop_without_a_name_is_asked_about_as_an_account(session, connect):
    found = connect(session, "ltpp")

    assert found.display_name == ""
    assert identity.awaiting(company=session.company) == found


def test_a_bank_is_confirmed_with_its_holder_whom_staff_see(session, connect):
    found = connect(session, "suuo")
    confirm(found, account_holder="Olive Brook")
    found.refresh_from_db()

    assert (found.display_name, found.account_holder) == ("", "Olive Brook")


# ── names that Codat cannot hold ─────────────────────────────────────────────────────────────────
def codats_name(simulator, company):
    (at_codat,) = simulator.companies_of(company.public_id)
    return at_codat["name"]


@pytest.mark.parametrize("given", ["日本商事", ""], ids=["not a letter of it", "none"])
def test_a_placeholder_gives_way_to_the_softwares_name_once_confirmed(
    given, xero_at_codat, connect, simulator, take_turn
):
    company = factories.make_company(given)
    session, _key = factories.make_session(company)
    assert company.name_is_placeholder
    found = connect(session, organisation="Harbour Cafe Ltd")
    assert codats_name(simulator, company) == f"Customer {company.reference.replace('_', '')}"
    assert identity.looks_the_same(company=company, identity=found) == (given == "")

    confirm(found)
    take_turn(company)

    assert codats_name(simulator, company) == "Harbour Cafe Ltd"
    assert company.name_at_codat == "Harbour Cafe Ltd"
    assert not company.name_is_placeholder
    assert company.true_name == (given or "Harbour Cafe Ltd")


def test_a_name_that_codat_cannot_hold_either_leaves_the_placeholder(
    xero_at_codat, connect, simulator, take_turn
):
    company = factories.make_company("日本商事")
    session, _key = factories.make_session(company)
    found = connect(session)
    type(found).objects.filter(pk=found.pk).update(name="日本商事", legal_name="")
    confirm(found)
    take_turn(company)

    company.refresh_from_db()
    assert company.name_is_placeholder
    assert not company.writes.filter(kind="update_company").exists()


def test_where_codat_cannot_hold_the_softwares_name_its_legal_name_takes_the_place(
    xero_at_codat, connect, simulator, take_turn
):
    company = factories.make_company("日本商事")
    session, _key = factories.make_session(company)
    found = connect(session)
    names = {"name": "日本商事", "legal_name": "Nippon Shoji Ltd"}
    type(found).objects.filter(pk=found.pk).update(**names)
    confirm(found)
    take_turn(company)

    assert codats_name(simulator, company) == "Nippon Shoji Ltd"
    assert company.true_name == "日本商事"


def test_a_real_name_is_never_overwritten(session, connect, take_turn):
    confirm(connect(session, organisation="Harbour Cafe Ltd"))
    take_turn(session.company)

    assert session.company.true_name == "Brook & Sons Ltd"
    assert not session.company.writes.filter(kind="update_company").exists()


def test_a_host_that_gives_no_name_registers_all_the_same(db, now):
    company = onboarding.register_company(
        true_name=" ", email="owner@brook.example", origin="host", now=now
    )

    assert company.has_no_name
    assert company.true_name == company.name_at_codat == f"Customer {company.reference}"


def test_staff_can_vouch_for_software_that_never_says_whose_it_is(session, made, alice):
    connection = made.connections.get()
    type(connection).objects.filter(pk=connection.pk).update(
        status="Linked", linked_first_at=timezone.now(), linked_last_at=timezone.now()
    )
    connection.refresh_from_db()
    factories.restage(made)
    identity.confirm_unnamed(connection=connection, by=alice, now=timezone.now())

    made.refresh_from_db()
    assert made.stage == stages.Stage.READING
    assert connection.identity.confirmed_by == alice
