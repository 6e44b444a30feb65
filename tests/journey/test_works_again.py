import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import Company, Connection, Lane, LinkAttempt, Pause
from onboarding.linking.services.works_again import ask
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:tell_me", args=[company.public_id, "gbol"])


def answered(company):
    """Codat answers a look."""
    Company.objects.filter(pk=company.pk).update(observed_at=timezone.now())
    company.refresh_from_db()
    factories.restage(company)


def mails(company):
    return list(company.emails.filter(kind="works_again"))


def test_the_wish_is_kept_and_what_is_said_is_true(customer, company, url):
    connection = factories.make_connection(company)
    page = customer.post(url)
    assert seen.heading(page) == "We will e-mail you when it works"
    assert "o•••@b••••.example" in seen.text(page)
    assert Lane.objects.get(company=company).due_at
    factories.restage(company)
    assert not mails(company)
    answered(company)
    (mail,) = mails(company)
    assert mail.connection == connection
    assert emails.send(mail.pk, now=timezone.now())


def test_a_second_press_and_a_second_answer_mail_once(customer, company, url):
    factories.make_connection(company)
    customer.post(url)
    customer.post(url)
    assert company.history.filter(subject="works_again_asked").count() == 1
    answered(company)
    answered(company)
    assert len(mails(company)) == 1


def test_a_connection_that_is_still_to_be_made_is_waited_for(customer, company, url):
    customer.post(url)
    answered(company)
    assert not mails(company)
    factories.make_connection(company)
    answered(company)
    assert len(mails(company)) == 1


def test_who_has_left_meanwhile_needs_no_mail(customer, company, url):
    connection = factories.make_connection(company)
    customer.post(url)
    session, _key = factories.make_session(company)
    LinkAttempt.objects.create(
        session=session, connection=connection, state_hash="x", sent_at=timezone.now()
    )
    answered(company)
    assert not mails(company)


def test_who_is_connected_meanwhile_gets_no_mail(customer, company, url):
    factories.make_connection(company)
    customer.post(url)
    answered(company)
    Connection.objects.update(status="Linked")
    (mail,) = mails(company)
    assert not emails.send(mail.pk, now=timezone.now())


def test_the_page_of_trouble_offers_it_once(customer, company, xero, qbo):
    session, _key = factories.make_session(company)
    factories.make_connection(company)
    Pause.objects.create(scope=Pause.CODAT, reason="refused", since=timezone.now())
    leave = reverse("journey:leave", args=[company.public_id, "gbol"])
    assert "E-mail me when it works" in seen.buttons(customer.post(leave))
    ask(session=session, platform_key="gbol", now=timezone.now())
    page = customer.post(leave)
    assert page.status_code == 503
    assert "E-mail me when it works" not in seen.buttons(page)
    assert "We will e-mail o•••@b••••.example when you can carry on." in seen.text(page)


def test_only_software_on_offer_is_waited_for(customer, company, xero, qbo):
    response = customer.post(reverse("journey:tell_me", args=[company.public_id, "nope"]))
    assert response["Location"] == reverse("journey:choose", args=[company.public_id])
    assert not company.history.filter(subject="works_again_asked").exists()
