"""Small files of each kind that customers may send, and of some that they may not."""

import io
import zipfile


def office(folder: str, *more: str) -> bytes:
    """A ZIP with the entries by which office software is known: `xl`, `word` or `ppt`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", f"{folder}/main.xml", *more):
            archive.writestr(name, "<x/>")
    return out.getvalue()


def old_office(*streams: str) -> bytes:
    """As OLE2 begins, with the names of its streams as its directory holds them."""
    names = b"".join(
        name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams)
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + names


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
LOCKED_PDF = PDF.replace(b"<</Root", b"<</Encrypt 5 0 R/Root")
CSV = "Datum;Umsatz\n1.3.;12,50 €\n".encode()
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 20
