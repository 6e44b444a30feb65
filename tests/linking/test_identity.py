"""Whose business was granted: names as people see them, and the answer to the question."""

from datetime import timedelta

import pytest
from django.db import transaction

from onboarding.linking.models import Company, CompanyIdentity, Connection, Lane
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import identity
from onboarding.linking.services.errors import OutdatedIdentity
from onboarding.linking.services.recording import lock_company
from onboarding.linking.services.restaging import restage
from onboarding.linking.stages import Stage
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection():
    return factories.make_connection(factories.make_company(), status="Linked")


@pytest.fixture
def found(connection):
    return factories.make_identity(connection)


def confirm(found, now, **who):
    company = found.connection.company
    identity.confirm(identity_public_id=found.public_id, company=company, now=now, **who)
    found.refresh_from_db()


def reject(found, now, **who):
    company = found.connection.company
    identity.reject(identity_public_id=found.public_id, company=company, now=now, **who)
    found.refresh_from_db()


SAME = [
    ("Brook & Sons Ltd", "BROOK & SONS LTD"),
    ("Brook & Sons Ltd", "Brook and Sons Limited"),
    ("Brook & Sons Ltd", "Brook & Sons"),
    ("Brook & Sons, L.L.C.", "Brook & Sons LLC"),
    ("Brook & Sons Ltd.", "  Brook  &  Sons  "),
    ("Café Zoë", "Cafe Zoe"),
    ("Müller GmbH", "MULLER"),
    ("O'Hara Plumbing", "O’Hara Plumbing"),
    ("O'Hara Plumbing", "OHara Plumbing"),
    ("Straße 5 Bau", "STRASSE 5 BAU"),
    ("Harbour Café", "Harbour Cafe\N{COMBINING ACUTE ACCENT}"),
    ("日本商事", "日本商事"),
]
DIFFERENT = [
    ("Brook & Sons Ltd", "Harbour Cafe Ltd"),
    ("Ltd", "Limited Editions"),
    ("Smith 1 Ltd", "Smith 2 Ltd"),
    ("!!!", "???"),
    ("Brook & Sons Ltd", ""),
    ("A Ltd", "B Ltd"),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_names_that_people_read_as_one_are_the_same(ours, theirs):
    assert identity.looks_the_same(
        company=Company(true_name=ours), identity=CompanyIdentity(name=theirs)
    )


@pytest.mark.parametrize(("ours", "theirs"), DIFFERENT)
def test_names_that_people_tell_apart_are_not(ours, theirs):
    assert not identity.looks_the_same(
        company=Company(true_name=ours), identity=CompanyIdentity(name=theirs)
    )


def test_the_legal_name_counts_as_well():
    found = CompanyIdentity(name="The Mill", legal_name="Brook & Sons Limited")

    assert identity.looks_the_same(company=Company(true_name="Brook & Sons"), identity=found)


def test_the_identity_of_the_present_linking_awaits_an_answer(connection, found):
    assert identity.awaiting(company=connection.company) == found


@pytest.mark.parametrize("how", ["relinked", "not read after it", "unlinked", "deleted"])
def test_an_identity_of_another_time_awaits_nothing(connection, found, how, now):
    if how == "relinked":
        Connection.objects.update(linked_last_at=now)
    elif how == "unlinked":
        Connection.objects.update(status="Unlinked")
    elif how == "deleted":
        Connection.objects.update(deleted_at=now)
    else:
        CompanyIdentity.objects.update(read_after_link=False)

    assert identity.awaiting(company=connection.company) is None


def test_confirming_ends_the_question_and_the_links_that_asked_it(connection, found, now):
    company = connection.company
    onboard = factories.make_invitation(company)
    relink = factories.make_invitation(company, Purpose.RELINK, connection=connection)

    confirm(found, now)

    company.refresh_from_db()
    assert company.stage == Stage.READING
    assert identity.awaiting(company=company) is None
    for link in (onboard, relink):
        link.refresh_from_db()
        assert link.ended_why == "finished"


def test_a_doubtful_mail_is_no_problem_once_its_link_is_no_longer_needed(connection, found, now):
    """Nor is it left standing until somebody next looks at a business that is ready."""
    company = connection.company
    link = factories.make_invitation(company)
    company.emails.filter(invitation=link).update(due_at=None, parked_reason="may have been sent")
    with transaction.atomic():
        restage(lock_company(company.pk), now=now)
    undelivered = company.problems.open().filter(reason="mail_not_delivered")
    assert undelivered.exists()

    confirm(found, now)

    assert not undelivered.exists()


def test_confirming_twice_is_confirming_once(found, now):
    confirm(found, now)
    confirm(found, now + timedelta(hours=1))

    assert found.confirmed_at == now
    assert found.connection.company.history.filter(subject="confirmed").count() == 1


def mails(connection):
    return set(connection.company.emails.values_list("kind", flat=True))


def test_the_mail_that_it_is_connected_tells_of_the_confirmation_too(connection, found, now):
    confirm(found, now)

    assert mails(connection) == {"connected"}


def test_who_was_told_before_that_it_is_connected_gets_a_mail_about_the_name(
    connection, found, now
):
    factories.make_platform(is_offline=True)
    factories.restage(connection.company)
    assert mails(connection) == {"connected"}

    confirm(found, now)

    assert mails(connection) == {"connected", "name_confirmed"}


def test_rejecting_keeps_the_record_and_plans_one_unlinking(connection, found, now):
    reject(found, now)
    reject(found, now)

    assert found.rejected_at == now
    write = connection.company.writes.get()
    assert (write.kind, write.body) == ("unlink_connection", {"connection_id": connection.codat_id})
    assert Lane.objects.due().filter(company=connection.company).exists()
    assert connection.company.problems.open().get().reason == "wrong_company"


def test_what_was_rejected_cannot_be_confirmed_from_another_tab(found, now):
    reject(found, now)

    with pytest.raises(OutdatedIdentity):
        confirm(found, now)


def test_what_was_confirmed_cannot_be_rejected_from_another_tab(found, now):
    confirm(found, now)

    with pytest.raises(OutdatedIdentity):
        reject(found, now)

    assert not found.connection.company.writes.exists()


def test_staff_can_take_a_confirmation_back(found, now, alice):
    confirm(found, now)
    reject(found, now, by=alice)

    assert found.confirmed_at is None
    assert found.connection.company.writes.filter(kind="unlink_connection").exists()


@pytest.mark.parametrize("answer", [confirm, reject])
def test_an_outdated_question_cannot_be_answered(connection, found, answer, now):
    factories.make_identity(connection, name="Somebody newer", read_at=now)

    with pytest.raises(OutdatedIdentity):
        answer(found, now)


@pytest.mark.parametrize("answer", [identity.confirm, identity.reject])
def test_another_companys_question_cannot_be_answered(found, answer, now):
    other = factories.make_company("Other")

    with pytest.raises(OutdatedIdentity):
        answer(identity_public_id=found.public_id, company=other, now=now)
