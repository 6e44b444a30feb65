"""What a file really is: name and bytes have to agree."""

import io
import zipfile

import pytest

from onboarding.linking.services import file_checks
from onboarding.linking.services.file_checks import Unfit, Why, clean_name, examine
from tests.sample_files import CSV, JPG, LOCKED_PDF, PDF, PNG, office, old_office


def look(name, content):
    return examine(io.BytesIO(content), name=name, size=len(content))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Bilanz.PDF", PDF, "pdf"),
        ("preceded.pdf", b"\n\n" + PDF, "pdf"),
        ("a.xlsx", office("xl"), "excel"),
        ("a.docx", office("word"), "word"),
        ("a.pptx", office("ppt"), "powerpoint"),
        ("a.xls", old_office("Workbook"), "excel"),
        ("a.xls", old_office("Book"), "excel"),
        ("a.doc", old_office("WordDocument"), "word"),
        ("a.ppt", old_office("PowerPoint Document"), "powerpoint"),
        ("a.csv", CSV, "csv"),
        ("a.csv", "Größe;1\n".encode("cp1252"), "csv"),
        ("a.csv", "Größe;1\n".encode("utf-16"), "csv"),
        ("a.jpeg", JPG, "jpg"),
        ("a.png", PNG, "png"),
    ],
)
def test_each_kind_is_known_by_its_bytes(name, content, kind):
    assert look(name, content) == kind


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"MZ", Why.KIND),
        ("pdf", PDF, Why.KIND),
        ("a.heic", JPG, Why.KIND),
        ("a.pdf", b"<html>", Why.CONTENT),
        ("a.pdf", PNG, Why.CONTENT),
        ("a.xlsx", office("word"), Why.CONTENT),
        ("a.docx", b"PK\x03\x04 torn off", Why.CONTENT),
        ("a.xlsx", office("xl").replace(b"PK\x05\x06", b"PK\x06\x07PK\x05\x06"), Why.CONTENT),
        ("a.xls", b"<table>", Why.CONTENT),
        ("a.doc", old_office("Workbook"), Why.CONTENT),
        ("a.csv", b"a;b\0c", Why.CONTENT),
        ("a.csv", office("xl"), Why.CONTENT),
        ("a.png", JPG, Why.CONTENT),
        ("a.jpg", PNG, Why.CONTENT),
        ("a.pdf", b"", Why.EMPTY),
        ("a.csv", b" \r\n", Why.EMPTY),
        ("a.pdf", LOCKED_PDF, Why.PASSWORD),
        ("a.xlsx", old_office("EncryptionInfo", "EncryptedPackage"), Why.PASSWORD),
        ("a.xlsx", office("xl", "xl/vbaProject.bin"), Why.HARMFUL),
        ("a.docm", office("word", "word/vbaProject.bin"), Why.HARMFUL),
        ("a.xls", old_office("Workbook", "_VBA_PROJECT"), Why.HARMFUL),
    ],
)
def test_what_is_not_what_it_says_is_not_accepted(name, content, why):
    with pytest.raises(Unfit) as unfit:
        look(name, content)

    assert unfit.value.why == why


def test_ten_megabytes_are_accepted_and_one_byte_more_is_not():
    most = PDF.ljust(file_checks.MOST_BYTES, b" ")
    assert look("a.pdf", most) == "pdf"
    with pytest.raises(Unfit) as unfit:
        look("a.pdf", most + b" ")
    assert unfit.value.why == Why.TOO_LARGE


def test_metadata_that_is_left_open_is_no_password():
    assert look("a.pdf", PDF + b"/EncryptMetadata true") == "pdf"


def test_a_list_that_would_fill_memory_is_not_read(monkeypatch):
    content = office("xl")
    at = content.rindex(b"PK\x05\x06") + 12
    content = content[:at] + (50_000_000).to_bytes(4, "little") + content[at + 4 :]
    monkeypatch.setattr(zipfile, "ZipFile", None)

    with pytest.raises(Unfit) as unfit:
        look("a.xlsx", content)

    assert unfit.value.why == Why.CONTENT


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Balance sheet.pdf", "Balance sheet.pdf"),
        ("..\\..\\C:\\secret\\a.pdf", "a.pdf"),
        ("../../etc/a.pdf", "a.pdf"),
        ("in\u202efdp.exe", "infdp.exe"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
        ("ميزانية.pdf", "ميزانية.pdf"),
        ("x" * 300 + ".xlsx", "x" * 115 + ".xlsx"),
    ],
)
def test_a_name_is_shown_without_folders_and_without_tricks(given, shown):
    assert clean_name(given) == shown
