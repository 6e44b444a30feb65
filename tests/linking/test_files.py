"""Files that customers send: kept once, taken back, looked at, and gone with what is deleted."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from onboarding.linking.models import SentFile
from onboarding.linking.services import deletions, files, housekeeping, unlisted
from onboarding.linking.services.file_checks import Why
from onboarding.linking.stages import Reason
from tests import factories
from tests.sample_files import CSV, LOCKED_PDF, PDF

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(company):
    return factories.make_session(company)[0]


def send(session, **contents):
    uploads = [
        SimpleUploadedFile(name.replace("_", "."), content) for name, content in contents.items()
    ]
    refused = files.send(session=session, uploads=uploads, now=timezone.now())
    return [(each.name, each.why) for each in refused]


def reasons(company):
    return set(company.problems.open().values_list("reason", flat=True))


def bytes_of(company):
    try:
        return set(storages["files"].listdir(str(company.public_id))[1])
    except FileNotFoundError:
        return set()


def test_what_was_accepted_stays_when_something_else_was_not(session, company):
    assert send(session, a_pdf=PDF, b_pdf=LOCKED_PDF, c_csv=CSV) == [("b.pdf", Why.PASSWORD)]

    kept = {each.name: each for each in company.files.kept()}
    assert set(kept) == {"a.pdf", "c.csv"}
    assert storages["files"].open(kept["a.pdf"].path).read() == PDF
    assert "a.pdf" not in kept["a.pdf"].path
    assert kept["c.csv"].contact == company.primary_contact
    assert company.history.get(subject="files_sent").text == "a.pdf, c.csv"


def test_the_same_file_comes_twice_and_is_kept_once(session, company):
    assert send(session, a_pdf=PDF) == send(session, a_pdf=PDF) == []

    assert company.files.kept().count() == 1
    assert len(bytes_of(company)) == 1
    assert company.history.filter(subject="files_sent").count() == 1


def test_there_is_an_end_to_what_one_customer_may_send(session, company, monkeypatch):
    monkeypatch.setattr(files, "MOST_OF_A_COMPANY", 2)
    assert send(session, a_pdf=PDF, b_pdf=PDF, c_pdf=PDF) == [("c.pdf", Why.NO_ROOM)]

    monkeypatch.setattr(files, "MOST_BYTES_OF_A_COMPANY", 2 * len(PDF))
    monkeypatch.setattr(files, "MOST_OF_A_COMPANY", 9)
    assert send(session, d_pdf=PDF) == [("d.pdf", Why.NO_ROOM)]

    files.remove(session=session, public_id=company.files.first().public_id, now=timezone.now())
    assert send(session, d_pdf=PDF) == []


def test_a_full_disk_is_said_of_the_file_and_breaks_nothing(session, company, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storages["files"], "save", full)

    assert send(session, a_pdf=PDF) == [("a.pdf", Why.NOT_RECEIVED)]
    assert not company.files.exists()


def test_a_file_taken_back_loses_its_bytes_and_stays_in_the_history(session, company):
    send(session, a_pdf=PDF)
    found = company.files.get()

    for _press in range(2):
        files.remove(session=session, public_id=found.public_id, now=timezone.now())

    assert bytes_of(company) == set()
    assert not company.files.kept().exists()
    assert company.history.filter(subject="file_removed").count() == 1
    assert reasons(company) == set()


def test_nobody_takes_back_the_file_of_another_business(session, company):
    other = factories.make_file(factories.make_company("Harbour Cafe Ltd"))

    files.remove(session=session, public_id=other.public_id, now=timezone.now())

    other.refresh_from_db()
    assert other.removed_at is None


def test_new_files_are_on_the_worklist_until_somebody_has_looked(session, company, alice):
    send(session, a_pdf=PDF)
    assert reasons(company) == {Reason.FILES_SENT}
    seen = company.files.get()
    send(session, b_pdf=PDF)

    look = {"company": company, "by": alice, "now": timezone.now()}
    files.look_at(newest=seen.public_id, **look)
    assert reasons(company) == {Reason.FILES_SENT}, "one has come since"

    files.look_at(newest=company.files.first().public_id, **look)
    assert reasons(company) == set()
    assert company.history.filter(subject="files_seen").count() == 2


def test_who_told_what_they_use_stands_on_the_worklist_once(session, company, alice):
    unlisted.tell(session=session, software="Abacus", phone="", now=timezone.now())
    send(session, a_pdf=PDF)
    assert reasons(company) == {Reason.NOT_SUPPORTED}

    unlisted.answer(company=company, by=alice, now=timezone.now())
    assert reasons(company) == {Reason.FILES_SENT}


def test_a_request_to_delete_that_is_carried_out_leaves_no_bytes(
    session, company, alice, django_capture_on_commit_callbacks
):
    send(session, a_pdf=PDF, b_csv=CSV)
    storages["files"].save(f"{company.public_id}/left-by-a-crash", ContentFile(b"x"))
    deletions.ask(session=session, now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        deletions.answer(company=company, by=alice, now=timezone.now(), text="The law.")
    assert len(bytes_of(company)) == 3, "refused"

    deletions.ask(session=session, now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        deletions.answer(company=company, by=alice, now=timezone.now(), carried_out=True)
    assert bytes_of(company) == set()
    assert not company.files.kept().exists()


def test_a_company_that_goes_takes_its_files_with_it(company, django_capture_on_commit_callbacks):
    factories.make_file(company)

    with django_capture_on_commit_callbacks(execute=True):
        company.delete()

    assert bytes_of(company) == set()


def test_what_a_killed_process_left_is_cleared_away(session, company):
    send(session, a_pdf=PDF)
    SentFile.objects.update(removed_at=timezone.now())
    storages["files"].save("half.upload", ContentFile(b"x"))

    assert housekeeping.prune(now=timezone.now())["files"] == 1
    assert bytes_of(company) == set()
    assert storages["files"].exists("half.upload"), "it may still be coming in"

    assert housekeeping.prune(now=timezone.now() + timedelta(days=2))["files"] == 1
    assert not storages["files"].exists("half.upload")


def test_housekeeping_does_without_a_folder(company, settings, tmp_path):
    backend = "django.core.files.storage.FileSystemStorage"
    options = {"location": tmp_path / "nowhere"}
    settings.STORAGES = {**settings.STORAGES, "files": {"BACKEND": backend, "OPTIONS": options}}

    assert housekeeping.prune(now=timezone.now())["files"] == 0
