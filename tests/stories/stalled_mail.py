"""A mail server that takes a message and then says nothing."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class StalledMail:
    url: str = ""
    has_the_message: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def stalled_mail_server() -> Iterator[StalledMail]:
    """`url` is the EMAIL_URL of it."""
    stalled = StalledMail()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            for line in self.rfile:
                word = line.strip().upper()
                if word == b".":
                    stalled.has_the_message.set()
                    stalled.ended.wait()
                    return
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                elif word.startswith((b"EHLO", b"MAIL", b"RCPT")):
                    self.wfile.write(b"250 ok\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Conversation) as server:
        stalled.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield stalled
        stalled.ended.set()
        server.shutdown()
