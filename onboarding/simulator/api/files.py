"""Files of customers whose software is not listed: upload, list, download as one archive."""

import base64
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO

from flask import Response, request

from onboarding.simulator.answers import Answer, ApiError
from onboarding.simulator.assumptions import FILES_ON_ANY_LINKED_CONNECTION
from onboarding.simulator.catalogue import PLATFORMS
from onboarding.simulator.clock import iso
from onboarding.simulator.records import UploadedFile
from onboarding.simulator.world import World, new_id

from .operation import find_company, find_connection, invalid, operation

MAX_BYTES = 10 * 1024 * 1024
MAX_AT_A_TIME = 20
FILE_UPLOAD = "flup"
ENDINGS = frozenset("pdf xls xlsx xlsb csv doc docx ppt pptx jpeg jpg png".split())  # noqa: SIM905


@operation("POST", "/companies/<company_id>/connections/<connection_id>/files")
def upload_files(world: World, company_id: str, connection_id: str) -> Answer:
    connection = find_connection(world, company_id, connection_id)
    is_upload = connection.platform_key == FILE_UPLOAD
    if connection.status != "Linked" or not (is_upload or FILES_ON_ANY_LINKED_CONNECTION):
        raise ApiError(400, "Files can be uploaded to a linked connection only.")
    files = request.files.getlist("file")
    if not files or len(files) > MAX_AT_A_TIME:
        raise invalid("file", "Send between 1 and 20 files in parts named 'file'.")
    contents = [(file.filename or "", file.read()) for file in files]
    for name, content in contents:
        if name.rsplit(".", 1)[-1].lower() not in ENDINGS or len(content) > MAX_BYTES:
            raise invalid("file", "A file is too large or of a type that is not accepted.")
    for name, content in contents:
        world.add(
            UploadedFile(
                id=new_id(),
                company_id=company_id,
                connection_id=connection_id,
                name=name,
                uploaded=world.now,
                content=base64.b64encode(content).decode(),
            )
        )
    return None, 200


def _files_of(world: World, company_id: str) -> list[UploadedFile]:
    find_company(world, company_id)
    return [file for file in world.files.values() if file.company_id == company_id]


@operation("GET", "/companies/<company_id>/files")
def list_files(world: World, company_id: str) -> Answer:
    return [
        {
            "fileName": file.name,
            "displayName": file.name,
            "sourceType": PLATFORMS[world.connections[file.connection_id].platform_key].source_type,
            "uploaded": iso(file.uploaded),
        }
        for file in _files_of(world, company_id)
        if file.connection_id in world.connections
    ], 200


@operation("GET", "/companies/<company_id>/files/download")
def download_files(world: World, company_id: str) -> Answer:
    """One archive of what was uploaded on `date`, or of everything; a folder per integration."""
    wanted = request.args.get("date")
    files = _files_of(world, company_id)
    if wanted:
        try:
            day = date.fromisoformat(wanted[:10])
        except ValueError as error:
            raise invalid("date", "'date' is not a date.") from error
        files = [f for f in files if datetime.fromtimestamp(f.uploaded, UTC).date() == day]
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        for number, file in enumerate(files, start=1):
            connection = world.connections.get(file.connection_id)
            place = connection.platform_name if connection else "deleted"
            name = f"{place}/{number:02d}-{file.name.replace('/', '_')}"
            folder.writestr(name, base64.b64decode(file.content))
    return Response(archive.getvalue(), content_type="application/octet-stream"), 200
