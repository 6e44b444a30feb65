"""Requests that bring files: bounded before a byte is parsed, and only where some are asked for
read to disk, piece by piece."""

import tempfile
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import (
    InMemoryUploadedFile,
    TemporaryUploadedFile,
    UploadedFile,
)
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from onboarding.journey.views.refused import bad_request
from onboarding.linking.pictures import MAX_BYTES
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


class SmallUploads(FileUploadHandler):
    """For every other address, through `FILE_UPLOAD_HANDLERS`: in memory, and no more than staff
    send of pictures. What comes beyond is read past, yet counted in the file's size.

    Django reads a form before it knows who sent it, and keeps as much as comes. Raises
    RequestDataTooBig, answered with 400, for what is longer than any form of ours.
    """

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        if content_length > MOST_OF_A_REQUEST:
            raise RequestDataTooBig
        self.left = 2 * (MAX_BYTES + self.chunk_size)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= MAX_BYTES and len(raw_data) <= self.left:
            self.left -= self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )


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
