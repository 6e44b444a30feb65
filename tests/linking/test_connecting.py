"""From the choice of software to its sign-in page, and back."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.invitation_links import is_allowed_destination
from onboarding.linking.models import (
    Category,
    Connection,
    Lane,
    LinkAttempt,
    Pause,
    Platform,
)
from onboarding.linking.services import catalogue, connecting, leaving, offering, pauses
from onboarding.linking.services.errors import (
    AlreadyConnected,
    NotOnOffer,
    NotReady,
    ServiceTrouble,
)
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def leave(session, key="gbol", **more):
    session.refresh_from_db()
    return leaving.leave_for_link(session=session, platform_key=key, now=timezone.now(), **more)


def state_of(url):
    return parse_qs(urlsplit(url).query)["state"][0]


def come_back(keys, state, code="200", **later):
    return leaving.note_return(
        state=state, status_code=code, keys=keys, now=timezone.now() + timedelta(**later)
    )


@pytest.fixture
def browser(xero_at_codat):
    """A session and the keys that its browser holds."""
    session, key = factories.make_session(factories.make_company())
    return session, [key]


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────
def test_a_pending_connection_is_used_again_in_another_session(session, simulator):
    leave(session)
    again, _ = factories.make_session(session.company)

    leave(again)

    (at_codat,) = simulator.companies_of(session.company.public_id)
    assert len(at_codat["dataConnections"]) == 1


def test_each_leaving_has_a_link_and_a_state_of_its_own(session):
    urls = [leave(session), leave(session)]

    assert len({state_of(url) for url in urls}) == 2
    assert len({parse_qs(urlsplit(url).query)["otp"][0] for url in urls}) == 2


def every_text_in_the_database():
    for model in apps.get_models():
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = field.value_from_object(row)
                if isinstance(field, models.CharField | models.TextField | models.JSONField):
                    yield f"{model.__name__}.{field.name}", json.dumps(value, default=str)


def test_no_one_time_link_and_no_state_is_stored_anywhere(linked, session, take_turn):
    Connection.objects.update(status="Unlinked")
    url = leave(session)
    otp = parse_qs(urlsplit(url).query)["otp"][0]
    take_turn(linked)

    texts = list(every_text_in_the_database())
    assert len(texts) > 100
    for where, text in texts:
        assert otp not in text, where
        assert state_of(url) not in text, where
        assert "otp=" not in text, where
        assert "/start" not in text, where


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://link.example", True),
        ("https://LINK.example/a?otp=1", True),
        ("https://link.example:8443/", True),
        ("https://link.example:443/", False),
        ("https://link.example.evil.example/", False),
        ("https://link.example@evil.example/", False),
        ("https://user@link.example/", False),
        ("https://evil.example/link.example", False),
        ("https://link.example\\@evil.example/", False),
        ("https://link.example\n.evil.example/", False),
        ("//link.example/", False),
        ("javascript:alert(1)//link.example", False),
        ("ftp://link.example/", False),
        ("https://link.example:port/", False),
        ("https://[link.example/", False),
        ("", False),
        ("http://link.example/", False),
    ],
)
def test_a_browser_is_sent_to_the_hosts_named_and_nowhere_else(url, allowed, settings):
    settings.DEMO = settings.DEBUG = False

    assert is_allowed_destination(url, ["link.example", "link.example:8443"]) is allowed


def test_a_link_on_another_host_is_not_followed(session, settings, caplog):
    settings.CODAT_LINK_HOSTS = ["link.codat.io"]

    with pytest.raises(ServiceTrouble) as trouble:
        leave(session)

    assert trouble.value.kind == "down"
    assert not LinkAttempt.objects.exists()
    assert "otp=" not in caplog.text


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "refused"), (403, "refused"), (429, "busy"), (500, "down")]
)
def test_trouble_with_the_fresh_link_is_told_in_our_words(session, simulator, status, kind):
    leave(session)
    simulator.fault("get-connection", f"status:{status}", retry_after=7)

    with pytest.raises(ServiceTrouble) as trouble:
        leave(session)

    assert trouble.value.kind == kind
    assert LinkAttempt.objects.count() == 1


def test_while_codat_is_paused_nobody_leaves(session, simulator, now):
    leave(session)
    pauses.pause(Pause.CODAT, "for a test", now=now)
    before = simulator.calls()["total"]

    with pytest.raises(ServiceTrouble):
        leave(session)

    assert simulator.calls()["total"] == before


def test_with_nothing_listening_the_service_is_down_and_the_wish_kept(session, settings):
    settings.CODAT_BASE_URL = "http://127.0.0.1:9"
    codat_client.for_web.cache_clear()

    with pytest.raises(ServiceTrouble) as trouble:
        leave(session)

    assert trouble.value.kind == "down"
    assert session.company.writes.open().count() == 2


def test_a_doubtful_answer_leaves_the_customer_waiting(session, simulator):
    simulator.fault("create-connection", "cut")

    with pytest.raises(NotReady):
        leave(session)


# ── what may be connected ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "fields", [{"enabled": False}, {"shown": False}, {"gone_at": timezone.now()}]
)
def test_what_is_not_on_offer_cannot_be_begun(session, fields):
    Platform.objects.filter(key="gbol").update(**fields)

    with pytest.raises(NotOnOffer):
        leave(session)
    with pytest.raises(NotOnOffer):
        leave(session, "nope")
    assert not session.company.writes.exists()


def test_a_category_that_is_not_offered_cannot_be_begun(session):
    Category.objects.filter(slug="accounting").update(offered=False)

    with pytest.raises(NotOnOffer):
        leave(session)


def test_a_second_accounting_software_is_refused_also_when_it_was_begun_before(linked, session):
    factories.make_connection(linked, "qhyg", platform_name="QuickBooks Online")

    with pytest.raises(AlreadyConnected) as other:
        leave(session, "qhyg")

    assert other.value.connection == linked.connections.get(platform_key="gbol")


def test_what_is_linked_needs_no_sign_in(linked, session):
    with pytest.raises(AlreadyConnected):
        leave(session)


def test_a_lost_connection_is_linked_again_and_no_new_one_made(
    linked, session, simulator, take_turn
):
    simulator.act(linked.connections.get().codat_id, "deauthorize")
    take_turn(linked)
    simulator.control("DELETE", "/calls")

    leave(session)

    operations = simulator.calls()["operations"]
    assert operations == {"get-connection": 1}


def test_a_category_that_allows_many_takes_several(linked, session):
    Category.objects.filter(slug="banking").update(allows_many=True)
    bank = Platform.objects.on_offer().filter(source_type="Banking").first()
    factories.make_connection(linked, bank.key, status="Linked", source_type="Banking")

    connecting.begin_connection(session=session, platform=bank, now=timezone.now())


def test_offers_show_what_a_company_has(linked):
    factories.make_connection(linked, "qhyg")
    factories.make_connection(linked, "mqjo", status="Deauthorized")

    offers = {
        offer.platform.key: offer.state
        for category in offering.offers(company=linked)
        for offer in category.offers
    }

    assert offers["gbol"] == "connected"
    assert offers["qhyg"] == "pending"
    assert set(offers.values()) >= {"connected", "pending", "new"}


# ── coming back ──────────────────────────────────────────────────────────────────────────────────
def test_a_return_with_its_state_is_noted_once_and_hints(browser):
    session, keys = browser
    state = state_of(leave(session))
    Lane.objects.update(due_at=None, hinted=False)

    assert come_back(keys, state, "403") == session
    assert come_back(keys, state, "200") == session

    attempt = LinkAttempt.objects.get()
    assert (attempt.return_hint, attempt.same_browser) == ("403", True)
    assert Lane.objects.get().hinted
    assert Lane.objects.due().exists()


@pytest.mark.parametrize("state", ["", "forged", "x" * 5000])
def test_a_return_without_its_state_is_only_a_hint_of_this_browsers_own_hop(browser, state):
    session, keys = browser
    leave(session)

    assert come_back(keys, state, "200") == session

    assert LinkAttempt.objects.get().return_hint == ""
    assert session.company.connections.get().status == "PendingAuth"


def test_a_state_known_to_another_browser_opens_nothing(browser):
    session, _ = browser
    state = state_of(leave(session))
    _, stranger = factories.make_session(factories.make_company("Other"))

    assert come_back([stranger], state) is None
    assert come_back([], state) is None
    assert LinkAttempt.objects.get().returned_at is None


def test_a_browser_that_never_left_is_a_stranger(browser):
    _, keys = browser

    assert come_back(keys, "") is None


def test_a_hop_of_the_day_before_yesterday_is_not_meant_by_a_bare_return(browser):
    session, keys = browser
    leave(session)

    assert come_back(keys, "", hours=49) is None


@pytest.mark.parametrize("code", ["", "999", "<b>", "20000"])
def test_an_odd_status_code_is_not_kept(browser, code):
    session, keys = browser
    state = state_of(leave(session))

    come_back(keys, state, code)

    assert LinkAttempt.objects.get().return_hint == ""


def test_a_return_that_says_success_links_nothing(browser, take_turn):
    session, keys = browser
    come_back(keys, state_of(leave(session)), "200")

    take_turn(session.company)

    assert session.company.connections.get().status == "PendingAuth"
    assert session.company.stage == "authorizing"


def test_a_vanished_platform_keeps_what_was_connected_with_it(linked, simulator, now):
    simulator.control("POST", "/integrations/gbol", {"listed": False})
    catalogue.refresh_catalogue(codat_client.for_worker(), now=now)

    assert Platform.objects.get(key="gbol").gone_at == now
    assert linked.connections.get().status == "Linked"
