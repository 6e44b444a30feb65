"""Files that a customer uploaded at Codat. Codat Files API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from . import fields
from .operations import Operations, path, read


@dataclass(frozen=True)
class UploadedFile:
    """One file. Codat gives it neither an id nor a size; the names are the customer's."""

    file_name: str = field(default="", repr=False)
    display_name: str = field(default="", repr=False)
    source_type: str = ""
    uploaded: datetime | None = None

    @classmethod
    def from_json(cls, data: Any) -> UploadedFile:
        data = fields.mapping(data)
        return cls(
            file_name=fields.text(data, "fileName"),
            display_name=fields.text(data, "displayName"),
            source_type=fields.text(data, "sourceType"),
            uploaded=fields.timestamp(data, "uploaded"),
        )


class Files(Operations):
    """`/companies/{companyId}/files`"""

    def list_files(self, company_id: str) -> tuple[UploadedFile, ...]:
        """All files of a company; the list is not paged."""
        answer = self._send("list-files", "GET", path("/companies/{id}/files", id=company_id))
        return read(answer, _files)

    def download_files(
        self, company_id: str, *, into: BinaryIO, uploaded_on: date | None = None
    ) -> None:
        """All files, or those of one day, as one archive written over the seekable file `into`.

        It is not held in memory. Files of customers: scan them before anybody opens one.
        """
        self._send(
            "download-files",
            "GET",
            path("/companies/{id}/files/download", id=company_id),
            params={} if uploaded_on is None else {"date": uploaded_on.isoformat()},
            into=into,
        )


def _files(data: Any) -> tuple[UploadedFile, ...]:
    return fields.required_items({"files": data}, "files", UploadedFile.from_json)
