"""Codat's list of software, and the logos we keep of it."""

import gzip
import io
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from onboarding.linking import codat_client, pictures
from onboarding.linking.models import Platform
from onboarding.linking.services import catalogue
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(now):
    return catalogue.refresh_catalogue(codat_client.for_worker(), now=now)


def test_what_codat_lists_is_mirrored(simulator, now):
    assert refresh(now) == Platform.objects.count() > 5

    xero = Platform.objects.get(key="gbol")
    assert (xero.name, xero.source_type, xero.enabled, xero.seen_at) == (
        *("Xero", "Accounting", True),
        now,
    )
    assert "invoices" in xero.data_types
    assert not xero.needs_computer
    desktop = {platform.key for platform in Platform.objects.filter(is_offline=True)}
    assert desktop == {"pqsw", "hbql"}


def test_what_vanishes_stays_with_the_moment_it_went_and_may_come_back(simulator, now):
    refresh(now)
    simulator.control("POST", "/integrations/gbol", {"listed": False})

    refresh(now)
    assert Platform.objects.get(key="gbol").gone_at == now
    assert not Platform.objects.on_offer().filter(key="gbol").exists()

    simulator.control("POST", "/integrations/gbol", {"listed": True})
    refresh(now)
    assert Platform.objects.get(key="gbol").gone_at is None


def test_what_is_switched_off_at_codat_is_not_offered(simulator, now):
    simulator.control("POST", "/integrations/gbol", {"enabled": False})
    refresh(now)

    assert not Platform.objects.on_offer().filter(key="gbol").exists()


def test_what_staff_set_is_left_alone(simulator, now):
    ours = {"shown": False, "order": 3, "note": "Ask us", "device_class": "large", "idle_days": 60}
    factories.make_platform(name="Old name", **ours)

    refresh(now)

    row = Platform.objects.filter(key="gbol").values(*ours, "name").get()
    assert row == {**ours, "name": "Xero"}


def test_a_failing_list_changes_nothing(simulator, now):
    refresh(now)
    simulator.fault("list-integrations", "status:500", times=None)
    before = list(Platform.objects.values())

    with pytest.raises(Exception, match="list-integrations"):
        refresh(now)

    assert list(Platform.objects.values()) == before


# ── logos ────────────────────────────────────────────────────────────────────────────────────────
def picture(size=(300, 150), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "#0b5a8f").save(out, kind)
    return out.getvalue()


class Host(ThreadingHTTPServer):
    """Serves one thing under every address."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status, self.body, self.headers, self.asked = 200, b"", {}, 0
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        host = self.server
        host.asked += 1
        self.send_response(host.status)
        for name, value in {"Content-Length": str(len(host.body)), **host.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(host.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def host(settings):
    server = Host()
    settings.DEMO = True
    settings.LOGO_HOSTS = [f"127.0.0.1:{server.server_port}"]
    factories.make_platform(logo_url=f"http://127.0.0.1:{server.server_port}/logo.png")
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_logo_is_drawn_anew_and_kept(host, kind):
    host.body = picture(kind=kind)

    assert catalogue.fetch_logos() == 1

    platform = Platform.objects.get()
    kept = Image.open(io.BytesIO(platform.logo))
    assert kept.format == "PNG"
    assert max(kept.size) == pictures.TILE_PIXELS
    assert bytes(platform.logo) != host.body
    assert platform.logo_hash
    assert catalogue.fetch_logos() == 0
    assert host.asked == 1


REFUSED = {
    "not a picture": {"body": b"<svg xmlns='http://www.w3.org/2000/svg'/>"},
    "empty": {"body": b""},
    "cut short": {"body": picture()[:60]},
    "too large": {"body": picture() + b"\0" * 1_100_000},
    "too many pixels": {"body": picture((5000, 10))},
    "moved": {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
    "missing": {"status": 404, "body": picture()},
    "ends early": {"body": picture(), "headers": {"Content-Length": "999999"}},
    "wrongly packed": {"body": picture(), "headers": {"Content-Encoding": "gzip"}},
    "a bomb": {
        "body": gzip.compress(b"\0" * 5_000_000),
        "headers": {"Content-Encoding": "gzip"},
    },
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)
def test_what_is_no_fit_logo_is_left_and_does_no_harm(host, answer):
    for name, value in answer.items():
        setattr(host, name, value)

    assert catalogue.fetch_logos() == 0
    assert Platform.objects.get().logo is None


def test_one_bad_logo_does_not_keep_the_others_away(host):
    good = Platform.objects.get()
    factories.make_platform("aaaa", logo_url="http://127.0.0.1:9/logo.png", order=1)
    host.body = picture()

    catalogue.fetch_logos()

    good.refresh_from_db()
    assert good.logo


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/logo.png",
        "https://evil.example/?http://127.0.0.1/",
        "file:///etc/passwd",
        "http://{host}@other.example/logo.png",
        "http://user@{host}/logo.png",
        "//{host}/logo.png",
    ],
)
def test_a_logo_from_elsewhere_is_not_fetched(host, settings, url):
    Platform.objects.update(logo_url=url.format(host=settings.LOGO_HOSTS[0]))
    host.body = picture()

    assert catalogue.fetch_logos() == 0
    assert host.asked == 0


def test_outside_the_demo_only_https_is_fetched(host, settings):
    settings.DEMO = False
    host.body = picture()

    assert catalogue.fetch_logos() == 0
    assert host.asked == 0


def test_the_popular_come_first_unless_staff_want_another_order(simulator, now):
    refresh(now)
    Platform.objects.update(order=100)
    for name in ("Brook", "Mill"):
        company = factories.make_company(name)
        for _ in range(2):
            factories.make_connection(company, "qhyg", "Unlinked")
    factories.make_connection(factories.make_company("Pond"), "gbol", "Linked")
    other = Platform.objects.on_offer().exclude(key__in=["gbol", "qhyg"]).last().key
    factories.make_connection(factories.make_company("Lane"), other)
    refresh(now)

    names = Platform.objects.on_offer().filter(key__in=["gbol", "qhyg", other])
    assert list(names.values_list("key", "connected")) == [("qhyg", 2), ("gbol", 1), (other, 0)]

    Platform.objects.filter(key=other).update(order=1)
    assert names.first().key == other


# ── buttons ──────────────────────────────────────────────────────────────────────────────────────
def test_a_button_that_a_software_demands_is_kept_with_its_look_under_the_pointer(
    simulator, settings, now, client
):
    settings.DEMO = True
    for key, name in (("gbol", "Xero"), ("qhyg", "QuickBooks Online")):
        factories.make_platform(key, name)

    assert catalogue.fetch_buttons(codat_client.for_worker(), now=now) == 1

    xero, quickbooks = Platform.objects.order_by("key")
    assert xero.button is None
    assert quickbooks.button_hash != quickbooks.button_hover_hash != ""
    page = client.get(f"/logos/qhyg-{quickbooks.button_hover_hash}.png")
    assert page.content == bytes(quickbooks.button_hover)


def test_buttons_are_asked_for_once_in_a_month_and_trouble_keeps_them_for_later(
    simulator, settings, now
):
    settings.DEMO = True
    factories.make_platform("qhyg", "QuickBooks Online")
    worker = codat_client.for_worker()
    simulator.fault("get-integrations-branding", "status:404")
    assert catalogue.fetch_buttons(worker, now=now) == 0
    assert catalogue.fetch_buttons(worker, now=now + timedelta(days=29)) == 0
    assert catalogue.fetch_buttons(worker, now=now + timedelta(days=31)) == 1
