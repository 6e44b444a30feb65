"""Errors are reported where SENTRY_DSN says so, with nothing of customers in them."""

import gzip
import http.server
import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path

import brotli
import pytest
from django.conf import settings

from onboarding import error_reports

from .requirements import require


@pytest.mark.parametrize(
    ("dsn", "understood"),
    [
        ("https://key@o1.ingest.sentry.example/42", True),
        ("http://key@127.0.0.1:9000/prefix/1", True),
        ("https://o1.ingest.sentry.example/42", False),
        ("https://key@sentry.example/", False),
        ("ftp://key@sentry.example/1", False),
        ("yes", False),
    ],
)
def test_only_an_address_of_sentrys_kind_is_understood(dsn, understood):
    assert error_reports.is_understood(dsn) is understood


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("/i/Zm9v.c2ln/", "/i/[link]/"),
        ("GET https://x.example/i/Zm9v.c2ln/ failed", "GET https://x.example/i/[link]/ failed"),
        ("/accounts/reset/MQ/abc-def/", "/accounts/reset/[link]"),
        ("https://link-api.codat.io/x/start?otp=123456", "https://link-api.codat.io/x/start?[query]"),
        ("refused: {'owner@brook.example': (550, b'no')}", "refused: {'[e-mail]': (550, b'no')}"),
        ("Authorization: Basic ZGVtbw==", "Authorization: Basic [secret]"),
        ("whsec_dGVzdHM= is wrong", "[secret] is wrong"),
        ("no such table: linking_company", "no such table: linking_company"),
    ],
)  # fmt: skip
def test_what_opens_something_or_names_somebody_is_covered(text, covered):
    event = {
        "exception": {"values": [{"type": "Error", "value": text}]},
        "logentry": {"message": text},
    }
    assert error_reports.scrub(event)["exception"]["values"] == [
        {"type": "Error", "value": covered}
    ]
    assert event is not None


def test_who_asked_and_with_what_is_left_out():
    event = {
        "user": {"id": 7},
        "breadcrumbs": {"values": [{"message": "x"}]},
        "extra": {"sys.argv": ["manage.py", "owner@brook.example"]},
        "request": {
            "method": "POST",
            "url": "http://localhost/i/Zm9v.c2ln/?state=secret",
            "data": {"email": "owner@brook.example"},
            "query_string": "state=secret",
            "cookies": {"journey": "key"},
            "headers": {"Cookie": "journey=key"},
            "env": {"REMOTE_ADDR": "192.0.2.1"},
        },
    }
    request = {"method": "POST", "url": "http://localhost/i/[link]/?[query]"}
    assert error_reports.scrub(event) == {"request": request}


class Sentry(http.server.ThreadingHTTPServer):
    """Takes reports, and keeps them as they came."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Door)
        self.reports = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Door(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
        packed = self.headers.get("Content-Encoding", "")
        self.server.reports.append(unpack.get(packed, bytes)(body).decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


BREAK = """
from wsgiref.util import setup_testing_defaults
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
from django.conf import settings
import sentry_sdk
assert settings.SENTRY_STARTED
request = {
    "HTTP_HOST": "localhost",
    "PATH_INFO": "/i/AAAAAAAAAAAAAAAAAAAAAA.MAILED-TOKEN/",
    "QUERY_STRING": "state=THE-STATE&email=owner@brook.example",
    "HTTP_COOKIE": "journey=a-browsers-key",
    "REMOTE_ADDR": "192.0.2.77",
}
setup_testing_defaults(request)
answered = []
list(application(request, lambda status, headers: answered.append(status)))
assert answered[0].startswith("500"), answered
sentry_sdk.flush(10)
"""


def test_a_page_that_breaks_is_reported_without_its_visitor(tmp_path):
    """In a process of its own, for reports once begun do not end; its database has no tables."""
    sdk = importlib.util.find_spec("sentry_sdk")
    require(sdk, "sentry-sdk", "make test installs it")
    sentry = Sentry()
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "onboarding.settings",
        "DEBUG": "1",
        "PORTAL_BASE_URL": "http://localhost:8000",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SENTRY_DSN": f"http://public@127.0.0.1:{sentry.server_port}/1",
    }
    root = Path(settings.BASE_DIR)
    done = subprocess.run(
        [sys.executable, "-c", BREAK],
        check=False,
        env=env,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    sentry.shutdown()
    assert done.returncode == 0, done.stderr
    reports = "\n".join(sentry.reports)
    lines = [line for line in done.stderr.splitlines() if " ERROR django.request " in line]
    assert lines
    assert all(line.endswith("/i/[link]/") for line in lines)
    assert "no such table" in reports
    assert '"url":"http://localhost/i/[link]/"' in reports.replace(": ", ":")
    for secret in ("MAILED-TOKEN", "THE-STATE", "a-browsers-key", "owner@brook", "192.0.2.77"):
        assert secret not in reports


def test_without_an_address_nothing_is_even_imported():
    script = "import django; django.setup(); import sys; sys.exit('sentry_sdk' in sys.modules)"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "onboarding.settings", "SENTRY_DSN": ""}
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, env=env, cwd=settings.BASE_DIR, timeout=60
    )
    assert done.returncode == 0
