"""“Send files”, the other way in."""

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import TooManyFilesSent
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.journey import uploads
from onboarding.journey.views.leaving import trouble_page
from onboarding.linking.models import Category
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import file_checks
from onboarding.linking.services.errors import ServiceTrouble
from tests import factories
from tests.sample_files import CSV, LOCKED_PDF, PDF

from . import seen
from .test_progress import hop

pytestmark = pytest.mark.django_db

PAGES = ["send_files", "files_sent"]


def address(page, company, *more):
    return reverse(f"journey:{page}", args=[company.public_id, *more])


@pytest.fixture
def url(company):
    return address("send_files", company)


def upload(name, content=PDF):
    return SimpleUploadedFile(name, content, "text/html")


def test_two_files_are_sent_and_the_page_says_what_happens_next(customer, company, url):
    response = customer.post(url, {"files": [upload("Balance.pdf"), upload("sales.csv", CSV)]})
    assert response.status_code == 303
    page = customer.get(response["Location"])
    assert seen.heading(page) == "We have your 2 files"
    assert company.reference in seen.text(page)
    assert "looks at them by" in seen.text(page)
    assert "Balance.pdf" in seen.text(page)
    assert seen.primary_buttons(page) == ["Back to your connections"]
    assert "Already sent" in seen.text(customer.get(url))


def test_what_was_not_accepted_is_named_and_the_rest_stays(customer, company, url):
    files = [upload("Balance.pdf"), upload("locked.pdf", LOCKED_PDF), upload("virus.exe")]
    page = customer.post(url, {"files": files})
    assert page.status_code == 422
    assert seen.title(page).startswith("Error:")
    text = seen.text(page)
    assert "“ locked.pdf ” has a password; remove it and choose the file again" in text
    assert "“ virus.exe ” must be PDF, Excel, Word, PowerPoint, CSV, JPG or PNG" in text
    assert [each.name for each in company.files.kept()] == ["Balance.pdf"]
    assert page.content.decode().count('href="#id_files"') == 2


def test_a_name_with_markup_is_shown_as_it_is_and_does_nothing(customer, company, url):
    page = customer.post(url, {"files": [upload("<b>x</b>.exe"), upload("<img src=x>.pdf")]})
    assert "<img src=x>" not in page.content.decode()
    assert "&lt;img src=x&gt;.pdf" in page.content.decode()


@pytest.mark.parametrize(
    ("files", "said"),
    [([], "Choose the files to send"), (["a"] * 21, "Choose up to 20 files at a time.")],
)
def test_none_and_too_many_are_asked_for_again(customer, company, url, files, said):
    page = customer.post(url, {"files": [upload(f"{n}.pdf") for n, _ in enumerate(files)]})
    assert page.status_code == 422
    assert seen.errors(page) == [said]
    assert not company.files.exists()


def test_a_file_taken_back_is_gone_from_the_list(customer, company, url):
    found = factories.make_file(company)
    response = customer.post(address("remove_file", company, found.public_id))
    assert response["Location"] == url
    page = customer.get(url)
    assert "We no longer have this file." in seen.text(page)
    assert found.name not in seen.text(page)
    assert customer.get(address("files_sent", company))["Location"] == url


def test_once_staff_have_looked_no_day_is_promised(customer, company):
    factories.make_file(company, seen_at=timezone.now())
    text = seen.text(customer.get(address("files_sent", company)))
    assert "We have your file " in text
    assert "We have looked at it." in text
    assert "What happens next" not in text


# ── who may ──────────────────────────────────────────────────────────────────────────────────────
def test_a_helper_sends_nothing(client, company, url):
    _session, client.cookies["journey"] = factories.make_session(company, purpose=Purpose.DELEGATE)
    assert client.post(url, {"files": [upload("a.pdf")]}).status_code == 404
    assert not company.files.exists()


def test_where_it_is_switched_off_there_is_neither_page_nor_button(
    customer, company, settings, xero
):
    settings.SEND_FILES = False
    found = factories.make_file(company)
    for page in PAGES:
        assert customer.get(address(page, company)).status_code == 404
    assert customer.post(address("remove_file", company, found.public_id)).status_code == 404
    for page in ("choose", "not_listed", "connections"):
        assert "end files" not in seen.text(customer.get(address(page, company)))
    assert "end files" not in seen.text(Client().get("/"))


def test_a_form_without_our_token_is_refused(company, url):
    client = Client(enforce_csrf_checks=True)
    _session, client.cookies["journey"] = factories.make_session(company)
    assert client.post(url, {"files": [upload("a.pdf")]}).status_code == 403
    assert not company.files.exists()
    token = seen.hidden(client.get(url), "csrfmiddlewaretoken")
    sent = client.post(url, {"csrfmiddlewaretoken": token, "files": [upload("a.pdf")]})
    assert sent.status_code == 303


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────
def test_a_request_that_is_too_large_gets_a_page_and_is_not_parsed(
    customer, company, url, monkeypatch
):
    monkeypatch.setattr(uploads, "MOST_OF_A_REQUEST", 100)
    page = customer.post(url, {"files": [upload("a.pdf")]})
    assert page.status_code == 413
    assert seen.heading(page) == "That was too much at once"
    assert not company.files.exists()


def test_hundreds_of_files_get_the_same_page(customer, company, url, monkeypatch):
    def too_many(*args, **kwargs):
        raise TooManyFilesSent

    monkeypatch.setattr(uploads.BoundedUpload, "new_file", too_many)
    assert customer.post(url, {"files": [upload("a.pdf")]}).status_code == 413


def test_of_a_file_that_is_too_large_only_the_limit_reaches_the_disk(
    customer, company, url, monkeypatch
):
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    monkeypatch.setattr(file_checks, "MOST_BYTES", 100_000)
    written = []
    write = uploads.BoundedUpload.receive_data_chunk

    def watched(self, raw_data, start):
        write(self, raw_data, start)
        written.append(self.file.file.tell())

    monkeypatch.setattr(uploads.BoundedUpload, "receive_data_chunk", watched)
    page = customer.post(url, {"files": [upload("a.pdf", PDF.ljust(1_000_000))]})
    assert "must be 10 MB or smaller" in seen.text(page)
    assert 0 < max(written) < 200_000


def test_what_comes_in_goes_by_the_folder_it_is_kept_in_and_leaves_nothing_behind(
    customer, company, url, settings, tmp_path
):
    settings.FILES_DIR = tmp_path / "files"
    options = {
        **django_settings.STORAGES["files"].get("OPTIONS", {}),
        "location": tmp_path / "files",
    }
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "files": {"BACKEND": backend, "OPTIONS": options}}
    customer.post(url, {"files": [upload("a.pdf"), upload("b.pdf", LOCKED_PDF)]})
    (kept,) = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert kept.read_bytes() == PDF
    assert storages["files"].open(company.files.get().path).read() == PDF


# ── the doors ────────────────────────────────────────────────────────────────────────────────────
def test_who_names_software_that_is_not_listed_may_send_files_at_once(customer, company, xero, qbo):
    page = customer.get(address("not_listed", company))
    assert seen.primary_buttons(page) == ["Send files"]
    sent = customer.post(address("not_listed", company), {"software": "Abacus", "send_files": "1"})
    assert sent["Location"] == address("send_files", company)
    assert company.history.not_listed() == "Abacus"
    called = customer.post(address("not_listed", company), {"software": "Abacus"})
    assert called["Location"] == address("not_listed", company)


def test_the_pages_that_end_elsewhere_lead_here(customer, company, url, xero, qbo):
    for page in ("connections", "not_listed"):
        if page == "not_listed":
            customer.post(address(page, company), {"software": "Abacus"})
        assert f'href="{url}"' in customer.get(address(page, company)).content.decode()


def test_a_version_that_cannot_be_connected_leads_here_where_files_may_be_sent(
    customer, company, url, settings
):
    hop(factories.make_connection(company), hint="501")
    progress = address("progress", company)
    assert f'href="{url}"' in customer.get(progress).content.decode()
    settings.SEND_FILES = False
    assert seen.primary_buttons(customer.get(progress)) == ["Choose different software"]


@pytest.mark.parametrize(("kind", "leads"), [("refused", True), ("busy", False), ("down", False)])
def test_a_day_on_which_nothing_can_be_connected_leads_here(rf, company, url, kind, leads):
    request = rf.get("/")
    request.company, request.user, request.htmx = company, AnonymousUser(), False
    page = trouble_page(request, "gbol", "Xero", ServiceTrouble(kind, 60))
    assert (f'href="{url}"' in page.content.decode()) is leads


def test_nobody_is_promised_a_way_round_what_is_needed(customer, company, url, xero, qbo):
    assert "send files instead" not in seen.text(Client().get("/")).lower()
    assert url not in customer.get(address("choose", company)).content.decode()
    Category.objects.update(required=False)
    assert "You can skip this and send files instead." in seen.text(Client().get("/"))
    assert f'href="{url}"' in customer.get(address("choose", company)).content.decode()
