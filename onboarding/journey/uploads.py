"""Requests that bring files: read to disk piece by piece, bounded before a byte is parsed."""

import tempfile
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from onboarding.journey.views.refused import bad_request
from onboarding.linking.services.file_checks import MOST_BYTES
from onboarding.linking.services.files import MOST_AT_ONCE, UNFINISHED

MOST_OF_A_REQUEST: Final = MOST_AT_ONCE * MOST_BYTES + 1_000_000
"""Bytes: as many files as may come at once, each as large as it may be, and what is around them."""


class _OnOurDisk(TemporaryUploadedFile):
    """Beside where it is kept, so that keeping it moves no bytes; a `/tmp` may be memory."""

    def __init__(self, name: str, content_type: str, charset: str, extra: Any) -> None:
        settings.FILES_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(suffix=UNFINISHED, dir=settings.FILES_DIR)  # noqa: SIM115
        UploadedFile.__init__(self, file, name, content_type, 0, charset, extra)


class BoundedUpload(TemporaryFileUploadHandler):
    """Of a file that is too large no more is kept than shows that it is."""

    file: Any

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = _OnOurDisk(
            self.file_name, self.content_type, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= MOST_BYTES:
            self.file.write(raw_data)


def takes_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The innermost decorator of a view that takes files; nothing above it may read the form.

    Django's own check of the token would read all of it first, so it runs below the bounds here
    (Django, “Modifying upload handlers on the fly”).
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def bounded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return protected(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_OF_A_REQUEST:
            _read_away(request)
            return render(request, "413.html", status=413)
        request.upload_handlers = [BoundedUpload(request)]
        try:
            request.POST  # noqa: B018  parses the form
        except (RequestDataTooBig, TooManyFilesSent, TooManyFieldsSent):
            return render(request, "413.html", status=413)
        except UnreadablePostError:
            return bad_request(request)
        return protected(request, *args, **kwargs)

    return bounded


def _read_away(request: HttpRequest) -> None:
    """A browser that is still sending may not show an answer; twice too much is waited for."""
    left = 2 * MOST_OF_A_REQUEST
    while left > 0 and (piece := request.read(256 * 1024)):
        left -= len(piece)
