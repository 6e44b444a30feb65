"""What a file really is, by its bytes: never by what the browser calls its type.

Nothing is opened or drawn here: signatures, the list of a ZIP's entries, marks of a password or of
macros. This is no virus scanner.
"""

import enum
import io
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from onboarding.linking.models import SentFile

from .pdf_passwords import is_encrypted, opens_without_password

Kind = SentFile.Kind
MOST_BYTES: Final = 10 * 1024 * 1024
NAME_LENGTH: Final = SentFile._meta.get_field("name").max_length or 120

EXTENSIONS: Final = {
    ".pdf": Kind.PDF,
    **dict.fromkeys((".xlsx", ".xlsm", ".xls"), Kind.EXCEL),
    **dict.fromkeys((".docx", ".docm", ".doc"), Kind.WORD),
    **dict.fromkeys((".pptx", ".pptm", ".ppt"), Kind.POWERPOINT),
    ".csv": Kind.CSV,
    **dict.fromkeys((".jpg", ".jpeg"), Kind.JPG),
    ".png": Kind.PNG,
}


class Why(enum.StrEnum):
    """Why a file was not accepted."""

    KIND = "kind"
    CONTENT = "content"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    PASSWORD = "password"  # noqa: S105  a reason
    HARMFUL = "harmful"
    NOT_RECEIVED = "not_received"
    NO_ROOM = "no_room"


class Unfit(Exception):
    """This file is not accepted."""

    def __init__(self, why: Why, kind: str | None = None) -> None:
        super().__init__(why)
        self.why, self.kind = why, kind


def clean_name(given: str) -> str:
    """The name without folders and without signs that cannot be seen or that turn the reading
    direction (`exe.fdp` read backwards), at most NAME_LENGTH long with its extension kept."""
    name = re.split(r"[/\\]", given)[-1]
    visible = (" " if c.isspace() else c for c in name if unicodedata.category(c)[0] != "C")
    name = " ".join("".join(visible).split())
    extension = PurePosixPath(name).suffix[:10]
    if len(name) > NAME_LENGTH:
        name = name[: NAME_LENGTH - len(extension)].rstrip() + extension
    return name


def examine(file: BinaryIO, *, name: str, size: int) -> str:
    """The kind of a file, its name and its bytes agreeing. Raises Unfit with the reason."""
    kind = EXTENSIONS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise Unfit(Why.KIND)
    if size > MOST_BYTES:
        raise Unfit(Why.TOO_LARGE, kind)
    file.seek(0)
    content = file.read(MOST_BYTES + 1)
    file.seek(0)
    if not content.strip(b"\0 \t\r\n"):
        raise Unfit(Why.EMPTY, kind)
    why = _LOOKS[kind](content, kind)
    if why:
        raise Unfit(why, kind)
    return kind


# ── one look for each kind; None when it is what it says ─────────────────────────────────────────
def _look_at_pdf(content: bytes, kind: str) -> Why | None:
    # Readers look for the header in the first kilobyte (PDF 1.7, annex H.3, note 13).
    if b"%PDF-" not in content[:1024]:
        return Why.CONTENT
    is_locked = is_encrypted(content) and not opens_without_password(content)
    return Why.PASSWORD if is_locked else None


_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOLDERS = {Kind.EXCEL: "xl/", Kind.WORD: "word/", Kind.POWERPOINT: "ppt/"}
_STREAMS = {
    Kind.EXCEL: ("Workbook", "Book"),
    Kind.WORD: ("WordDocument",),
    Kind.POWERPOINT: ("PowerPoint Document",),
}


def _look_at_office(content: bytes, kind: str) -> Why | None:
    if content.startswith(_OLE2):
        return _look_at_old_office(content, kind)
    if not content.startswith(b"PK\x03\x04") or not _has_short_list(content):
        return Why.CONTENT
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Why.CONTENT
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        return Why.PASSWORD
    folder = _FOLDERS[kind]
    if "[Content_Types].xml" not in names or not any(n.startswith(folder) for n in names):
        return Why.CONTENT
    return Why.HARMFUL if any(n.lower().endswith("vbaproject.bin") for n in names) else None


def _has_short_list(content: bytes) -> bool:
    """A ZIP of office software lists some hundred entries; a list of millions would fill memory."""
    tail = content[-66_000:]
    ends = [found.end() for found in re.finditer(b"PK\x05\x06", tail)]
    if not ends or b"PK\x06\x07" in tail:  # the second is ZIP64, for what is larger than we take
        return False
    return all(int.from_bytes(tail[at + 8 : at + 12], "little") <= 1_000_000 for at in ends)


def _look_at_old_office(content: bytes, kind: str) -> Why | None:
    """OLE2: streams are found by their names, which the directory holds in UTF-16."""

    def has(name: str) -> bool:
        return f"{name}\0".encode("utf-16-le") in content

    if has("EncryptedPackage"):
        return Why.PASSWORD
    if not any(has(name) for name in _STREAMS[kind]):
        return Why.CONTENT
    return Why.HARMFUL if has("_VBA_PROJECT") else None


def _look_at_csv(content: bytes, kind: str) -> Why | None:
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # or another of one byte each: their controls are the same
    return Why.CONTENT if re.search(r"[\0-\x08\x0e-\x1f]", text) else None


def _look_at_jpg(content: bytes, kind: str) -> Why | None:
    return None if content.startswith(b"\xff\xd8\xff") else Why.CONTENT


def _look_at_png(content: bytes, kind: str) -> Why | None:
    return None if content.startswith(b"\x89PNG\r\n\x1a\n") else Why.CONTENT


_LOOKS = {
    Kind.PDF: _look_at_pdf,
    **dict.fromkeys(_FOLDERS, _look_at_office),
    Kind.CSV: _look_at_csv,
    Kind.JPG: _look_at_jpg,
    Kind.PNG: _look_at_png,
}
