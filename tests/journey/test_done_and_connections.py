import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(company, xero, qbo):
    return reverse("journey:done", args=[company.public_id])


@pytest.fixture
def connections(company, xero, qbo):
    return reverse("journey:connections", args=[company.public_id])


def connect(company, status="Linked", **fields):
    connection = factories.make_connection(company, status=status, **fields)
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection, "company")
    factories.restage(company)
    return connection


def test_done_says_what_is_connected_and_gives_the_reference(customer, done, company):
    connect(company)
    page = customer.get(done)
    assert seen.heading(page) == "You are connected"
    assert company.reference in seen.text(page)
    assert "Xero Connected" in seen.text(page)
    assert len(seen.primary_buttons(page)) == 1


def test_what_was_read_once_is_not_called_connected(customer, done, company):
    connect(company, "Deauthorized", one_time=True)
    page = customer.get(done)
    assert seen.heading(page) == "We have what we need"
    assert seen.title(page).startswith("We have what we need")


def test_done_says_how_to_stop(customer, done, company):
    connect(company)
    words = "You can stop at any time, under “Your connections” or inside your software."
    assert words in seen.text(customer.get(done))


@pytest.mark.parametrize("status", ["PendingAuth", "Linked", "Deauthorized"])
def test_done_says_what_is_open_beside_what_is_needed(customer, done, company, status):
    connect(company)
    shop = {"platform_key": "fztf", "platform_name": "Shopify", "source_type": "Commerce"}
    if status == "Deauthorized":
        connect(company, status, **shop)
    else:
        optional = factories.make_connection(company, status=status, **shop)
        if status == "Linked":
            factories.make_identity(optional)
        factories.restage(company)
    page = customer.get(done)
    assert seen.heading(page) == "What we need is connected"
    assert "You are connected" not in seen.title(page)
    words = seen.text(page)
    assert "Something else is not finished. It does not hold up the rest." in words
    act = {
        "PendingAuth": "Continue with Shopify",
        "Linked": "Check the name",
        "Deauthorized": "Reconnect Shopify",
    }
    assert act[status] in words
    assert len(seen.primary_buttons(page)) == 1


def test_done_is_whole_again_once_the_optional_one_was_disconnected(customer, done, company):
    connect(company)
    shop = {"platform_key": "fztf", "platform_name": "Shopify", "source_type": "Commerce"}
    factories.make_connection(company, status="Unlinked", **shop)
    factories.restage(company)
    assert seen.heading(customer.get(done)) == "You are connected"


def test_a_name_to_check_is_offered_beside_the_connection(customer, connections, company):
    found = factories.make_identity(factories.make_connection(company, status="Linked"))
    factories.restage(company)
    page = customer.get(connections)
    assert "Check the name" in seen.buttons(page)
    confirm = f"/journey/{company.public_id}/confirm/"
    assert f'href="{confirm}"' in page.content.decode()
    assert seen.hidden(customer.get(confirm), "identity") == str(found.public_id)


def test_done_before_its_time_leads_to_where_things_stand(customer, done, company):
    assert customer.get(done)["Location"] == f"/journey/{company.public_id}/progress/"


def test_done_as_a_bookmark_after_a_loss_leads_to_the_connections(customer, done, company):
    connect(company, status="Deauthorized")
    assert customer.get(done)["Location"] == f"/journey/{company.public_id}/connections/"


def test_nothing_connected_is_said_with_a_way_to_begin(customer, connections):
    page = customer.get(connections)
    assert "Nothing is connected yet." in seen.text(page)
    assert seen.primary_buttons(page) == ["Connect accounting software"]


@pytest.mark.parametrize(
    "case",
    [
        ("Linked", [], "Connected", None),
        ("Linked", [{"status": "Active"}], "Needs attention", None),
        ("PendingAuth", [], "Not finished", "Continue with Xero"),
        ("Deauthorized", [], "Needs attention", "Reconnect Xero"),
        ("Mystery", [], "Unknown", None),
    ],
)
def test_each_status_has_its_word_and_its_act(customer, connections, company, case):
    status, errors, word, act = case
    connection = factories.make_connection(company, status=status, errors=errors)
    if status in ("Linked", "Deauthorized"):
        factories.make_identity(connection, confirmed_at=timezone.now())
    factories.restage(company)
    page = customer.get(connections)
    assert f"Xero {word}" in seen.text(page)
    if act:
        assert act in seen.buttons(page)
        assert f"/connections/{connection.public_id}/reconnect/" in page.content.decode()


def test_the_first_thing_to_do_stands_out_below_one_that_needs_nothing(
    customer, connections, company
):
    factories.make_connection(company, status="Linked", errors=[{"status": "Active"}])
    shop = {"platform_key": "fztf", "platform_name": "Shopify", "source_type": "Commerce"}
    factories.make_connection(company, status="PendingAuth", **shop)
    factories.restage(company)
    page = customer.get(connections)
    assert seen.primary_buttons(page) == ["Continue with Shopify"]


def test_of_what_ended_it_is_said_that_it_is_no_longer_read(customer, connections, company):
    factories.make_connection(company, status="Unlinked", linked_first_at=timezone.now())
    factories.restage(company)
    assert "We no longer read from it." in seen.text(customer.get(connections))


def test_the_page_costs_the_same_for_many_connections(
    customer, connections, company, kept, django_assert_max_num_queries
):
    for number in range(8):
        connection = factories.make_connection(company, status="Linked", platform_key=f"k{number}")
        factories.make_identity(connection, confirmed_at=timezone.now())
    with django_assert_max_num_queries(14):
        customer.get(connections)


def test_finishing_on_this_computer_shuts_every_page(customer, connections, company):
    response = customer.post(f"/journey/{company.public_id}/sign-out/", follow=True)
    assert "You have signed out on this device." in seen.text(response)
    assert customer.get(connections).status_code == 404


def test_the_old_key_opens_nothing_after_finishing(customer, connections, company):
    key = customer.cookies["journey"].value
    customer.post(f"/journey/{company.public_id}/sign-out/")
    customer.cookies["journey"] = key
    assert customer.get(connections).status_code == 403
