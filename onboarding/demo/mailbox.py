"""The mails that Django's file-based backend left in a folder.

Each of its files holds the messages of one connection, each followed by a line of 79 hyphens.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

END_OF_MESSAGE = b"-" * 79


@dataclass(frozen=True)
class Mail:
    """`id` is the file's name and the message's place in it; it stays the same."""

    id: str
    sent_at: datetime | None
    sender: str
    recipient: str
    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """Addresses in the text part, in the order of reading, each once."""
        found = (url.rstrip(".,;:!?)") for url in re.findall(r"https?://[^\s<>\"]+", self.text))
        return list(dict.fromkeys(found))


def read_mails(folder: Path) -> list[Mail]:
    """All mails, newest first; files that are being written are read as far as they go."""
    # The backend's file names begin with the local time of the first message.
    files = sorted(folder.glob("*.log"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    mails = [mail for file in files for mail in _read_file(file)]
    return mails[::-1]


def _read_file(file: Path) -> list[Mail]:
    lines: list[bytes] = []
    mails: list[Mail] = []
    for line in file.read_bytes().splitlines(keepends=True):
        if line.rstrip() == END_OF_MESSAGE:
            mails.append(_parse(f"{file.stem}-{len(mails)}", b"".join(lines)))
            lines.clear()
        else:
            lines.append(line)
    return mails


def _parse(mail_id: str, raw: bytes) -> Mail:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    return Mail(
        id=mail_id,
        sent_at=_sent_at(message),
        sender=str(message.get("From", "")),
        recipient=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
