"""Two customers with one registration number: who is stopped, and what staff say of it."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import CompanyIdentity, OutgoingEmail
from onboarding.linking.services import doubles, identity
from onboarding.linking.services.comparing import key_of
from onboarding.linking.services.errors import OutdatedIdentity
from onboarding.linking.services.recognising import recognise, with_number
from onboarding.linking.stages import Reason, Stage
from tests import factories

from .lanes import postgres_only

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "08123456"


def connect(name, *, number=NUMBER, company=None, **fields):
    """A customer whose software was just linked and says this number."""
    company = company or factories.make_company(name, email=f"{name.lower()}@customer.example")
    connection = factories.make_connection(company, status="Linked")
    found = CompanyIdentity(
        connection=connection,
        name=name,
        registration_number=number,
        linked_at=connection.linked_last_at,
        read_after_link=True,
        read_at=timezone.now(),
        **fields,
    )
    recognise(company, found, now=timezone.now())
    factories.restage(company)
    return found


def say_yes(found, **who):
    identity.confirm(
        identity_public_id=found.public_id,
        company=found.connection.company,
        now=timezone.now(),
        **who,
    )
    return fresh(found)


def answer(act, found, by):
    act(
        identity_public_id=found.public_id,
        company=found.connection.company,
        by=by,
        now=timezone.now(),
    )
    return fresh(found)


def fresh(found):
    return CompanyIdentity.objects.select_related("connection__company").get(pk=found.pk)


def reasons(found):
    return {problem.reason for problem in found.connection.company.problems.open()}


def kinds(found):
    return sorted(found.connection.company.emails.values_list("kind", flat=True))


@pytest.fixture
def known():
    return say_yes(connect("Mill"))


@pytest.fixture
def held(known):
    return say_yes(connect("Newer"))


def test_the_newer_of_two_with_one_number_waits_for_staff(known, held):
    company = held.connection.company
    assert (held.is_held, held.same_number_as) == (True, known)
    assert company.stage == Stage.CONFIRMING
    assert reasons(held) == {Reason.POSSIBLE_DUPLICATE}
    assert kinds(held) == [], "nothing says that it is confirmed"
    assert reasons(known) == set()
    assert fresh(known).connection.company.stage == Stage.READING


def test_the_question_is_not_asked_again_meanwhile(held, now, alice):
    company = held.connection.company
    assert identity.awaiting(company=company) is None
    before = held.doubled_at
    assert say_yes(held).doubled_at == before
    assert company.history.filter(subject="confirmed").count() == 1
    with pytest.raises(identity.NotAllowed):
        identity.ask_customer(connection=held.connection, by=alice, now=now)


@pytest.mark.parametrize(
    ("one", "other"),
    [("08123456", "8123456"), ("SC 123-456", "sc123456"), ("0812 3456", "08123456")],
)
def test_two_ways_of_writing_one_number_are_the_same(one, other):
    say_yes(connect("Mill", number=one))
    assert say_yes(connect("Newer", number=other)).is_held


@pytest.mark.parametrize("number", ["", "n/a", "0", "00000000", "none", "123"])
def test_what_says_nothing_is_never_the_same(number):
    assert key_of(number) == ""
    say_yes(connect("Mill", number=number))
    assert say_yes(connect("Newer", number=number)).confirmed_at


def test_another_number_passes(known):
    assert say_yes(connect("Newer", number="07654321")).confirmed_at


@pytest.mark.parametrize("why", ["not confirmed", "rejected", "closed"])
def test_only_an_open_customer_whose_business_was_confirmed_counts(why, now, alice):
    earlier = connect("Mill")
    if why != "not confirmed":
        say_yes(earlier)
    if why == "rejected":
        answer(identity.reject, earlier, alice)
    if why == "closed":
        factories.make_company()  # neither does a customer who has nothing
        doubles.onboarding.close(company=earlier.connection.company, by=alice, now=now)
    assert say_yes(connect("Newer")).confirmed_at


def test_a_second_software_of_the_same_customer_passes(known):
    assert say_yes(connect("Mill", company=known.connection.company)).confirmed_at


def test_a_relink_of_the_same_business_passes_unasked(held, alice):
    released = answer(doubles.separate, held, alice)
    connection = released.connection
    connection.linked_last_at = timezone.now()
    connection.save(update_fields=["linked_last_at"])
    again = CompanyIdentity(
        connection=connection,
        name="Newer",
        registration_number=NUMBER,
        linked_at=connection.linked_last_at,
        read_after_link=True,
        read_at=timezone.now(),
    )
    recognise(connection.company, again, now=timezone.now())
    factories.restage(connection.company)
    assert again.confirmed_at
    assert reasons(again) == set()


def test_separate_customers_carry_on_and_the_newer_is_told(held, alice):
    released = answer(doubles.separate, held, alice)
    company = released.connection.company
    assert (released.is_doubled, company.stage) == (False, Stage.READING)
    assert released.confirmed_by is None, "the customer confirmed it"
    assert reasons(released) == set()
    assert kinds(released) == ["checked", "connected"]
    answer(doubles.separate, held, alice)
    assert kinds(released) == ["checked", "connected"]
    assert company.history.filter(subject="separate_customers").count() == 1


def test_the_same_customer_is_disconnected_closed_and_told(known, held, alice):
    closed = answer(doubles.same_customer, held, alice)
    company = closed.connection.company
    assert company.stage == Stage.CLOSED
    assert company.writes.get().kind == "unlink_connection"
    assert reasons(closed) == set()
    (row,) = company.emails.filter(cancelled_at__isnull=True)
    assert row.kind == "already_with_us"
    assert emails.send(row.pk, now=timezone.now())
    (message,) = mail.outbox
    assert "Newer is with" in message.subject
    assert "Mill" not in message.body
    assert fresh(known).connection.company.stage == Stage.READING
    with pytest.raises(OutdatedIdentity):
        answer(doubles.same_customer, held, alice)


def test_that_mail_is_not_sent_once_the_customer_is_open_again(held, now, alice):
    company = answer(doubles.same_customer, held, alice).connection.company
    doubles.onboarding.reopen(company=company, by=alice, now=now)
    row = OutgoingEmail.objects.get(kind="already_with_us")
    assert not emails.send(row.pk, now=now)
    assert mail.outbox == []


@pytest.mark.parametrize("act", [doubles.separate, doubles.same_customer])
def test_what_has_no_double_is_not_answered(known, act, alice):
    with pytest.raises(OutdatedIdentity):
        answer(act, known, alice)


def test_a_deployment_may_let_them_pass_and_only_hear_of_it(known, settings, alice):
    settings.KNOWN_BUSINESS_STOPS = False
    newer = say_yes(connect("Newer"))
    assert newer.confirmed_at
    assert newer.connection.company.stage == Stage.READING
    assert reasons(newer) == {Reason.POSSIBLE_DUPLICATE}
    assert reasons(answer(doubles.separate, newer, alice)) == set()
    assert "checked" not in kinds(newer), "nothing had kept them waiting"


@pytest.mark.parametrize("waits_for_staff", [True, False])
def test_who_waits_for_staff_is_not_reminded(known, waits_for_staff):
    newer = connect("Newer")
    company = newer.connection.company
    factories.make_session(company, now=timezone.now() - timedelta(days=3))
    if waits_for_staff:
        say_yes(newer)
    factories.restage(company)
    assert ("reminder" in kinds(newer)) != waits_for_staff


def test_staff_may_still_say_that_it_is_another_business(held, alice):
    rejected = answer(identity.reject, held, alice)
    assert reasons(rejected) == {Reason.WRONG_COMPANY}
    with pytest.raises(OutdatedIdentity):
        answer(doubles.separate, held, alice)


@postgres_only
def test_of_two_who_confirm_at_the_same_moment_the_second_stops():
    first, second = connect("Mill"), connect("Newer")
    may_commit = threading.Event()
    began = threading.Event()

    def confirm_slowly():
        try:
            with transaction.atomic():
                say_yes(first)
                began.set()
                may_commit.wait(10)
        finally:
            connection.close()

    slow = threading.Thread(target=confirm_slowly)
    slow.start()
    assert began.wait(10)
    done = threading.Event()

    def confirm_second():
        try:
            say_yes(second)
        finally:
            done.set()
            connection.close()

    other = threading.Thread(target=confirm_second)
    other.start()
    assert not done.wait(0.3), "it waits for the first"
    may_commit.set()
    slow.join(10)
    other.join(10)
    assert fresh(first).confirmed_at
    assert fresh(second).is_held


def test_the_number_is_found_by_its_index(known):
    if connection.vendor == "sqlite":
        assert "linking_identity_number" in with_number(known.registration_key).explain()


def test_the_answer_is_due_two_days_after_the_stop(held):
    assert doubles.answer_due(held) == held.doubled_at + timedelta(days=2)
