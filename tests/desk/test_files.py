"""What customers sent is downloaded at the desk, and nowhere else."""

import pytest
from django.urls import reverse

from onboarding.linking.models import Company
from tests import factories

from .cast import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(company):
    found = factories.make_file(company, "Bilanz <b> „2026“.pdf", b"<script>alert(1)</script>")
    factories.restage(company)
    return found


def page_of(company):
    return reverse("desk:company", args=[company.public_id])


def file_url(sent):
    return reverse("desk:file", args=[sent.company.public_id, sent.public_id])


def test_a_download_is_saved_as_bytes_and_written_down(desk, company, sent):
    response = desk.get(file_url(sent))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    entry = company.history.get(subject="file_downloaded")
    assert (entry.text, entry.actor) == (sent.name, "Alice")


def test_a_colleague_who_may_not_see_the_customer_finds_no_file(bobs_desk, sent):
    assert bobs_desk.get(file_url(sent)).status_code == 404
    assert not sent.company.history.filter(subject="file_downloaded").exists()


def test_a_file_of_one_customer_is_not_found_at_another(desk, alice, sent):
    other = factories.make_company("Harbour Cafe Ltd", owner=alice)
    url = reverse("desk:file", args=[other.public_id, sent.public_id])
    assert desk.get(url).status_code == 404


def test_what_was_taken_back_or_lost_is_not_found(desk, sent, settings):
    sent.path = "nowhere"
    sent.save(update_fields=["path"])
    assert desk.get(file_url(sent)).status_code == 404
    sent.company.files.update(removed_at=sent.sent_at)
    assert desk.get(file_url(sent)).status_code == 404
    assert not sent.company.history.filter(subject="file_downloaded").exists()


def test_the_worklist_says_how_many_and_leads_to_them(desk, company, sent):
    page = desk.get(reverse("desk:worklist")).content.decode()
    assert "Files to look at" in page
    assert "1 file sent." in page
    assert f'href="{page_of(company)}"' in page
    shown = desk.get(page_of(company)).content.decode()
    assert "Bilanz &lt;b&gt; „2026“.pdf" in shown
    assert file_url(sent) in shown


def test_once_looked_at_they_leave_the_worklist_and_stay_on_the_page(desk, company, sent):
    url = reverse("desk:files_seen", args=[company.public_id])
    assert desk.post(url, {"newest": sent.public_id})["Location"] == page_of(company)
    assert not company.problems.open().exists()
    shown = desk.get(page_of(company)).content.decode()
    assert file_url(sent) in shown
    assert "I have looked at them" not in shown


def test_who_may_only_look_downloads_and_settles_nothing(client, company, sent):
    viewer = make_user("Vera")
    Company.objects.filter(pk=company.pk).update(owner=viewer)
    client.force_login(viewer)
    assert client.get(file_url(sent)).status_code == 200
    assert "I have looked at them" not in client.get(page_of(company)).content.decode()
    url = reverse("desk:files_seen", args=[company.public_id])
    assert client.post(url, {"newest": sent.public_id}).status_code == 403


def test_the_page_of_a_request_says_what_was_sent(desk, company, sent):
    factories.make_session(company)
    from onboarding.linking.services import deletions, unlisted  # noqa: PLC0415

    session = company.sessions.get()
    unlisted.tell(session=session, software="Abacus", phone="", now=sent.sent_at)
    deletions.ask(session=session, now=sent.sent_at)
    for name in ("not_listed", "deletion"):
        page = desk.get(reverse(f"desk:{name}", args=[company.public_id])).content.decode()
        assert "1 file sent." in page
    assert (
        "They use “\u2068Abacus\u2069”. 1 file sent."
        in desk.get(reverse("desk:worklist")).content.decode()
    )
