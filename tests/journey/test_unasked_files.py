"""Files sent to addresses that take none: read past, and never kept on a disk or without bound."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onboarding.journey import uploads
from onboarding.linking.pictures import MAX_BYTES
from onboarding.linking.services import self_service
from tests.sample_files import PDF

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_disk(settings, tmp_path):
    """Where Django would write a file while the request lasts, nothing can be written."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "there is no such folder"


def files(many=1, size=3_000_000):
    return [SimpleUploadedFile(f"{n}.pdf", PDF.ljust(size)) for n in range(many)]


@pytest.mark.parametrize("name", ["journey:way_in", "accounts:login", "admin:login"])
def test_a_stranger_fills_no_disk(client, no_disk, name):
    answer = client.post(reverse(name), {"email": "owner@brook.example", "files": files()})
    assert answer.status_code in {200, 302, 422}


def test_what_was_typed_beside_a_file_still_counts(client, no_disk, xero, monkeypatch):
    begun = []
    monkeypatch.setattr(self_service, "begin", lambda **values: begun.append(values["true_name"]))
    typed = {"name": "Brook & Sons Ltd", "email": "owner@brook.example", "files": files()}
    client.post(reverse("journey:start"), typed)
    assert begun == ["Brook & Sons Ltd"]


def test_of_many_files_the_memory_holds_no_more_than_two_pictures(rf):
    request = rf.post("/", {"files": files(many=5)})
    kept = [each.file.getbuffer().nbytes for each in request.FILES.getlist("files")]
    assert sum(kept) <= 2 * (MAX_BYTES + uploads.SmallUploads.chunk_size)
    assert [each.size for each in request.FILES.getlist("files")] == [3_000_000] * 5


def test_a_request_longer_than_any_form_of_ours_is_not_parsed(client, no_disk, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OF_A_REQUEST", 1_000_000)
    page = client.post(reverse("journey:way_in"), {"email": "a@b.example", "files": files()})
    assert page.status_code == 400
    assert seen.primary_buttons(page)
