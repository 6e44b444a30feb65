"""“Send files”: the customer's pages, and the files at the desk."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Company
from tests.factories import make_company, make_file, make_session, restage
from tests.sample_files import CSV, LOCKED_PDF, PDF

from .customers import brook, visit
from .desk_states import alice
from .registry import LONG, add, customer, member, straight

NAMES = ["Balance.pdf", "Sales.csv"]
LONG_NAME = f"{LONG}.xlsx"


def _with_files(company: Company, *names: str, seen: bool = False) -> Company:
    moment = timezone.now() if seen else None
    for number, name in enumerate(names, start=1):
        kind = "csv" if name.endswith("csv") else "excel" if name.endswith("xlsx") else "pdf"
        make_file(company, name, size=number * 1_234_567, kind=kind, seen_at=moment)
    return restage(company)


def send(*names: str) -> HttpResponse:
    return visit("send_files", _with_files(brook(), *names))


def refused() -> HttpResponse:
    """One is kept, the others are each named with what to do."""
    contents = {
        "Sales.csv": CSV,
        "Balance.pdf": LOCKED_PDF,
        LONG_NAME: PDF,
        "Sam.exe": PDF,
    }
    files = [SimpleUploadedFile(name, content) for name, content in contents.items()]
    company = brook()
    address = reverse("journey:send_files", args=[company.public_id])
    return customer(company).post(address, {"files": files})


def none_chosen() -> HttpResponse:
    company = brook()
    return customer(company).post(reverse("journey:send_files", args=[company.public_id]))


def sent(*names: str, seen: bool = False) -> HttpResponse:
    return visit("files_sent", _with_files(brook(), *names, seen=seen))


def _at_work(*names: str, seen: bool = False) -> Company:
    company = make_company("Brook & Sons Ltd", owner=alice())
    make_session(company)
    company.refresh_from_db()
    return _with_files(company, *names, seen=seen)


def at_the_desk(*names: str, seen: bool = False) -> HttpResponse:
    company = _at_work(*names, seen=seen)
    return member(company.owner).get(reverse("desk:company", args=[company.public_id]))


def on_the_worklist() -> HttpResponse:
    company = _at_work(*NAMES)
    return member(company.owner).get(reverse("desk:worklist"))


_SEND, _SENT = "journey/send_files.html", "journey/files_sent.html"
add("journey-send_files--empty", _SEND, send)
add("journey-send_files--listed", _SEND, send, *NAMES)
add("journey-send_files--refused", _SEND, refused)
add("journey-send_files--none", _SEND, none_chosen)
add("journey-send_files--long", _SEND, send, LONG_NAME, *[f"{LONG}{n}.pdf" for n in range(4)])
add("journey-files_sent--one", _SENT, sent, "Balance.pdf")
add("journey-files_sent--several", _SENT, sent, *NAMES)
add("journey-files_sent--looked_at", _SENT, sent, *NAMES, seen=True)
add("journey-files_sent--long", _SENT, sent, LONG_NAME)
add("error-413--default", "413.html", straight, "413.html")
add("desk-company--files", "desk/company.html", at_the_desk, *NAMES, LONG_NAME)
add("desk-company--files_seen", "desk/company.html", at_the_desk, *NAMES, seen=True)
add("desk-worklist--files", "desk/worklist.html", on_the_worklist)
