"""What staff see of the administration that Django would draw otherwise."""

import pytest
from django.urls import reverse

from onboarding.linking.models import Category, ConsentText, Pause, Platform
from tests.factories import make_company, make_connection, make_platform

from .test_every_table import change_url, list_url

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def test_the_account_manager_is_chosen_and_not_edited_from_a_companys_page(as_charlie, brook):
    page = text(as_charlie.get(change_url(type(brook), brook)))
    assert 'name="owner"' in page
    assert "related-widget-wrapper-link" not in page


def test_rows_that_hang_on_a_company_lead_to_their_own_pages(as_charlie, brook):
    page = text(as_charlie.get(change_url(type(brook), brook)))
    for row in (*brook.connections.all(), *brook.contacts.all(), *brook.problems.all()):
        assert f'<a href="{change_url(type(row), row)}">' in page
    assert "Codat refused</a>" in page


def test_a_company_with_nothing_yet_says_so_and_can_still_be_saved(as_charlie):
    company = make_company()
    url = change_url(type(company), company)
    assert "None." in text(as_charlie.get(url))
    forms = {
        f"{name}-{part}_FORMS": "0"
        for name in ("connections", "problems", "contacts")
        for part in ("TOTAL", "INITIAL")
    }
    assert as_charlie.post(url, {"true_name": "Harbour", "owner": "", **forms}).status_code == 302
    company.refresh_from_db()
    assert company.true_name == "Harbour"


def test_stages_and_reasons_are_said_in_the_words_of_the_desk(as_charlie):
    company = make_company(stage="authorizing", link_status="PendingAuth")
    make_connection(company, stage="verifying")
    page = text(as_charlie.get(list_url(type(company))))
    assert '<td class="field-stage">Signing in</td>' in page
    assert '<a href="?stage__exact=authorizing">Signing in</a>' in page.replace("\n", "")
    page = text(as_charlie.get(change_url(type(company), company)))
    assert '<td class="field-stage">Name to confirm</td>' in page


def test_dates_are_written_with_the_day_first_and_twenty_four_hours(as_charlie, brook):
    connection = brook.connections.get()
    page = text(as_charlie.get(change_url(type(connection), connection)))
    written = f"{connection.linked_first_at:%H:%M}"
    assert f"{connection.linked_first_at.year}, {written}" in page
    assert "a.m." not in page
    assert "p.m." not in page


def test_each_box_in_the_list_of_platforms_says_whose_it_is(as_charlie):
    make_platform()
    page = text(as_charlie.get(list_url(Platform)))
    assert 'aria-label="Offered to customers: Xero"' in page
    assert 'aria-label="Order: Xero"' in page


def test_source_types_are_ticked_and_one_at_least(as_charlie):
    category = Category.objects.get(slug="commerce")
    make_platform("kkdm", "Expenses", "Expense")
    url = change_url(Category, category)
    page = text(as_charlie.get(url))
    assert 'value="Commerce"' in page
    assert 'value="Expense"' in page
    values = {"slug": "commerce", "name": "Shops", "offered": "on", "order": 20}
    assert "This field is required." in text(as_charlie.post(url, values))
    values["source_types"] = ["Commerce", "Expense"]
    assert as_charlie.post(url, values).status_code == 302
    category.refresh_from_db()
    assert category.source_types == ["Commerce", "Expense"]


def test_a_permission_text_is_in_one_of_the_portals_languages(as_charlie):
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    values = dict.fromkeys(sections, "Words")
    url = reverse("admin:linking_consenttext_add")
    assert "Select a valid choice" in text(as_charlie.post(url, {**values, "language": "english"}))
    assert as_charlie.post(url, {**values, "language": "en"}).status_code == 302
    assert ConsentText.objects.get().language == "en"


def test_ending_a_pause_says_what_it_does_and_why_there_is_one(as_charlie, now):
    pause = Pause.objects.create(scope="codat", reason="401: the key is refused", since=now)
    url = reverse("admin:linking_pause_delete", args=[pause.pk])
    page = text(as_charlie.get(url))
    assert "Let this work go on?" in page
    assert "401: the key is refused" in page
    assert "Are you sure" not in page
    assert as_charlie.post(url, {"post": "yes"}).status_code == 302
    assert not Pause.objects.exists()


def test_staff_change_their_password_on_the_portals_own_page(as_charlie):
    page = as_charlie.get(reverse("admin:password_change"))
    assert page["Location"] == reverse("accounts:password_change")


def test_whether_a_column_holds_something_is_asked_as_a_question(as_charlie, set_aside):
    page = text(as_charlie.get(list_url(type(set_aside)), {"_facets": "True"}))
    assert "Yes (1)" in page
    assert "No (0)" in page
    assert "Not empty" not in page
