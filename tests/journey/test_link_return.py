import secrets

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onboarding.linking.models import LinkAttempt
from onboarding.linking.services.invitations import key_hash
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def hop(client, company, now):
    """This browser went to Xero; the state that came with it."""
    session, client.cookies["journey"] = factories.make_session(company)
    state = secrets.token_urlsafe(24)
    connection = factories.make_connection(company)
    LinkAttempt.objects.create(
        session=session, connection=connection, state_hash=key_hash(state), sent_at=now
    )
    return state


def test_the_browser_that_left_goes_on_to_progress(client, company, hop):
    response = client.get("/link/return", {"state": hop, "statusCode": "403"})
    assert response.status_code == 303
    assert response["Location"] == f"/journey/{company.public_id}/progress/"
    assert LinkAttempt.objects.get().return_hint == "403"


def test_reloading_the_return_changes_nothing(client, hop):
    client.get("/link/return", {"state": hop, "statusCode": "403"})
    first = LinkAttempt.objects.values().get()
    client.get("/link/return", {"state": hop, "statusCode": "200"})
    assert LinkAttempt.objects.values().get() == first


FORGED = [
    {},
    {"state": "", "statusCode": "200"},
    {"state": "forged", "statusCode": "200", "companyId": "1", "connectionId": "2"},
    {"state": "x" * 5000, "statusCode": "5" * 500},
    {"statusCode": "<script>", "errorMessage": "<script>alert(1)</script>"},
]


@pytest.mark.parametrize("query", FORGED)
def test_the_page_for_any_other_browser_leads_to_the_way_in(client, hop, query):
    client.cookies.clear()
    page = client.get("/link/return", query)
    assert seen.primary_buttons(page) == ["Get a link to your connections"]
    assert 'href="/connections/"' in page.content.decode()


@pytest.mark.parametrize("browser", ["of nobody", "of another business"])
def test_every_input_costs_the_same_work(client, hop, browser):
    if browser == "of nobody":
        client.cookies.clear()
    else:
        _session, client.cookies["journey"] = factories.make_session(factories.make_company())
    client.get("/link/return")  # what is kept for later requests
    costs = []
    for query in [{"state": hop, "statusCode": "200"}, *FORGED]:
        with CaptureQueriesContext(connection) as queries:
            client.get("/link/return", query)
        costs.append(len(queries))
    assert len(set(costs)) == 1


@pytest.mark.parametrize("query", FORGED)
def test_any_other_browser_gets_one_and_the_same_page(client, company, hop, query):
    client.cookies.clear()
    page = client.get("/link/return", query)
    neutral = client.get("/link/return", {"state": hop, "statusCode": "200"})
    assert page.status_code == neutral.status_code == 200
    assert seen.text(page) == seen.text(neutral)
    assert seen.heading(page) == "Thank you, you can close this page"
    assert company.true_name not in seen.text(page)
    assert LinkAttempt.objects.get().returned_at is None


def test_a_forged_code_for_our_own_state_is_only_a_word(client, company, hop):
    response = client.get("/link/return", {"state": hop, "statusCode": "200"}, follow=True)
    assert seen.heading(response) == "We are checking with Xero"
    company.refresh_from_db()
    assert company.connections.get().status == "PendingAuth"


def test_only_a_browser_coming_back_is_answered(client):
    assert client.post("/link/return").status_code == 405
