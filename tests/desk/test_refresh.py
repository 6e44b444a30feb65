"""“Refresh”: staff have Codat read anew, everything or one data type."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import CodatWrite, HistoryEntry, Lane, Problem
from onboarding.linking.services import onboarding
from tests import factories

from .cast import connect, make_user


@pytest.fixture
def connection(company, xero):
    company.codat_id = "at-codat"
    company.save(update_fields=["codat_id"])
    return connect(company)


@pytest.fixture
def url(company, connection):
    return reverse("desk:refresh", args=[company.public_id, connection.public_id])


def test_everything_is_asked_for_and_stands_in_the_history(desk, company, connection, url):
    Lane.objects.update(due_at=None)
    response = desk.post(url, follow=True)

    assert response.redirect_chain == [(f"/desk/companies/{company.public_id}/", 303)]
    assert "Codat is asked to read it again." in response.content.decode()
    write = CodatWrite.objects.get()
    assert (write.kind, write.body["connection_id"]) == ("refresh_all", connection.codat_id)
    act = HistoryEntry.objects.get(subject="reading_asked")
    assert (act.actor, act.connection) == ("Alice", connection)
    assert Lane.objects.get().due_at <= timezone.now()


def test_one_data_type_is_chosen_on_the_customers_page(desk, company, connection, url):
    page = desk.get(reverse("desk:company", args=[company.public_id])).content.decode()
    assert '<option value="invoices">' in page

    page = desk.post(url, {"data_type": "invoices"}, follow=True).content.decode()
    assert "Asked to have this read again: invoices" in page
    write = CodatWrite.objects.get()
    assert (write.kind, write.body["data_type"]) == ("refresh_data_type", "invoices")


def test_two_presses_queue_once_even_when_the_first_was_carried_out_between(desk, url):
    desk.post(url)
    desk.post(url)
    CodatWrite.objects.update(done_at=timezone.now(), outcome="done")
    page = desk.post(url, follow=True).content.decode()

    assert "Asked already." in page
    assert CodatWrite.objects.count() == 1
    assert HistoryEntry.objects.filter(subject="reading_asked").count() == 1


def test_after_ten_minutes_it_can_be_asked_again(desk, url):
    desk.post(url)
    earlier = timezone.now() - timedelta(minutes=11)
    CodatWrite.objects.update(done_at=earlier, outcome="done", created_at=earlier)
    desk.post(url)

    assert CodatWrite.objects.count() == 2


@pytest.mark.parametrize("data_type", ["no-such", "<b>", "suppliers"])
def test_what_its_software_does_not_offer_is_not_asked_for(desk, url, data_type):
    page = desk.post(url, {"data_type": data_type}, follow=True).content.decode()

    assert "Not asked" in page
    assert not CodatWrite.objects.exists()


@pytest.mark.parametrize("status", ["PendingAuth", "Unlinked", "Deauthorized"])
def test_nothing_is_asked_through_what_is_not_linked(desk, company, connection, url, status):
    company.connections.update(status=status)
    page = desk.get(reverse("desk:company", args=[company.public_id])).content.decode()
    assert url not in page

    assert "Not asked" in desk.post(url, follow=True).content.decode()
    assert not CodatWrite.objects.exists()


def test_nothing_is_asked_for_a_closed_customer(desk, company, url, alice):
    onboarding.close(company=company, by=alice, now=timezone.now())
    assert "Not asked" in desk.post(url, follow=True).content.decode()
    assert not CodatWrite.objects.exists()


def test_a_colleagues_customer_and_another_customers_connection_do_not_exist(
    bobs_desk, desk, alice, url
):
    assert bobs_desk.post(url).status_code == 404
    other = connect(factories.make_company("Harbour", email="h@harbour.example", owner=alice))
    stranger = url.replace(url.split("/")[5], str(other.public_id))
    assert desk.post(stranger).status_code == 404
    assert not CodatWrite.objects.exists()


def test_without_the_permission_it_is_refused(company, url):
    company.owner = make_user("Vera")
    company.save(update_fields=["owner"])
    client = Client()
    client.force_login(company.owner)
    assert client.post(url).status_code == 403
    assert url not in client.get(f"/desk/companies/{company.public_id}/").content.decode()


def test_it_is_a_post_with_a_token_by_somebody_who_is_signed_in(desk, alice, client, url):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(url).status_code == 403
    assert desk.get(url).status_code == 405
    assert client.post(url).headers["Location"].startswith("/accounts/login/")


OFFERED = {
    "read_failed": ["Refresh"],
    "read_stalled": ["Look again", "Refresh"],
    "about_to_lapse": ["Refresh now", "Send renew link"],
}


@pytest.mark.parametrize("reason", OFFERED)
def test_the_worklist_offers_it_and_leads_back_there(desk, company, connection, url, reason):
    Problem.objects.create(
        company=company, connection=connection, reason=reason, since=timezone.now()
    )
    page = desk.get("/desk/").content.decode()

    assert f'action="{url}"' in page
    places = [page.index(f">{button}<span") for button in OFFERED[reason]]
    assert places == sorted(places)
    answer = desk.post(url, {"from": "worklist"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
