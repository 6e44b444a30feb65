import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from onboarding.desk.paging import BoundedPaginator
from onboarding.linking.models import Company, Contact, Problem

from .cast import make_user, register

URL = "/desk/companies/"


@pytest.fixture
def three(alice):
    """Brook is lost with a problem, Harbour is ready, Mill is new."""
    brook, harbour, mill = (register(alice, name) for name in ("Brook", "Harbour", "Mill"))
    Company.objects.filter(pk=brook.pk).update(stage="lost", link_status="Deauthorised")
    Company.objects.filter(pk=harbour.pk).update(stage="ready", link_status="Linked")
    Problem.objects.create(company=brook, reason="access_lost", since=timezone.now())
    return brook, harbour, mill


def found(client, **query):
    page = client.get(URL, query).content.decode()
    return {name for name in ("Brook", "Harbour", "Mill") if f"<bdi>{name}</bdi>" in page}


def test_each_customer_is_shown_with_stage_link_status_and_problems(desk, three):
    page = desk.get(URL).content.decode()
    for words in ("Lost", "Deauthorised", "Permission ended at the software", "Linked"):
        assert words in page
    assert reverse("desk:company", args=[three[0].public_id]) in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"Brook", "Harbour", "Mill"}),
        ({"q": "harb"}, {"Harbour"}),
        ({"stage": "lost"}, {"Brook"}),
        ({"link_status": "Linked"}, {"Harbour"}),
        ({"problems": "open"}, {"Brook"}),
        ({"stage": "no such stage"}, {"Brook", "Harbour", "Mill"}),
        ({"q": "x" * 300}, {"Brook", "Harbour", "Mill"}),
        ({"owner": "nobody"}, {"Brook", "Harbour", "Mill"}),
    ],
)
def test_filters_narrow_the_list_and_nonsense_is_ignored(desk, three, query, names):
    assert found(desk, **query) == names


def test_search_finds_by_reference_email_and_codats_id(desk, three):
    brook = three[0]
    Company.objects.filter(pk=brook.pk).update(codat_id="0f4b9a3e-codat")
    for words in (brook.reference, brook.primary_contact.email, "0f4b9a3e-codat"):
        assert found(desk, q=words) == {"Brook"}


def test_what_was_searched_stays_in_the_field(desk, three):
    assert 'value="harb"' in desk.get(URL, {"q": "harb"}).content.decode()


def test_a_colleague_sees_none_of_them(bobs_desk, three):
    assert found(bobs_desk) == set()


def test_a_senior_sees_all_with_their_account_managers(sams_desk, three, bob):
    register(bob, "Bob's own")
    page = sams_desk.get(URL).content.decode()
    assert "Alice" in page
    assert "Bob&#x27;s own" in page
    assert found(sams_desk, owner="mine") == set()


def test_empty_says_why_and_what_to_do(desk, bobs_desk, three):
    assert "No customers yet" in bobs_desk.get(URL).content.decode()
    assert "No customers match" in desk.get(URL, {"q": "nobody"}).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(desk, alice, django_assert_num_queries):
    for rows in (2, 15):
        for n in range(rows):
            company = register(alice, f"Customer {n}")
            Problem.objects.create(company=company, reason="refused", since=timezone.now())
        with django_assert_num_queries(8):
            desk.get(URL)


def test_pages_keep_the_filters(desk, alice):
    for n in range(30):
        register(alice, f"Customer {n:02}")
    page = desk.get(URL, {"q": "customer"}).content.decode()
    assert "Showing 1 to 25 of 30" in page
    assert "?q=customer&amp;page=2" in page


def test_what_is_too_many_to_count_is_said_to_be_more(desk, alice, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "most", 26)
    for n in range(27):
        register(alice, f"Customer {n:02}")
    page = desk.get(URL).content.decode()
    assert "Showing 1 to 25 of more than 26" in page
    assert "page=2" in page
    assert "Showing 26 to 26 of more than 26" in desk.get(URL, {"page": 3}).content.decode()


def test_a_customer_is_found_once_by_whatever_matches(alice):
    brook = register(alice, "Brook 100%_Bakery")
    Contact.objects.create(company=brook, email="brook@books.example")
    Company.objects.filter(pk=brook.pk).update(codat_id="Brook-1", reference="brook-own-ref")
    register(alice, "Mill")
    for words in ("brook", "ROOK", "100%_", "books.EXAMPLE", "BROOK-1", "Brook-Own-Ref"):
        assert list(Company.objects.matching(words)) == [brook], words
    assert not Company.objects.matching("100_%").exists()
    assert not Company.objects.matching("own-ref").exists()


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has no index for a part of a word"
)
def test_a_part_of_a_name_or_address_is_found_through_an_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Company.objects.matching("brook").explain()
    for index in ("part_of_name", "part_of_email", "company_reference", "company_codat_id"):
        assert index in plan


def test_post_is_refused_and_anonymous_asked_to_sign_in(desk, client):
    assert desk.post(URL).status_code == 405
    assert client.get(URL).headers["Location"].startswith("/accounts/login/")


def test_a_stranger_who_is_not_staff_gets_403(db, client):
    client.force_login(make_user("Nora", is_staff=False))
    assert client.get(URL).status_code == 403
