"""Mailed links, and the sessions they open."""

import uuid
from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.utils import timezone

from onboarding.linking import invitation_links
from onboarding.linking.models import Company, Contact, CustomerSession, Invitation, OutgoingEmail
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import invitations, leaving, onboarding
from onboarding.linking.services.errors import LinkEnded, NotAllowed, SessionEnded
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company():
    return factories.make_company()


@pytest.fixture
def link(company):
    return factories.make_invitation(company)


def why(token, now):
    with pytest.raises(LinkEnded) as ended:
        invitations.find_invitation(token=token, now=now)
    return ended.value.why


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("purpose", Purpose.values)
def test_a_token_leads_to_its_link(company, purpose, now):
    link = factories.make_invitation(company, purpose)

    token = invitation_links.make_token(link)

    assert invitations.find_invitation(token=token, now=now) == link


def test_a_token_is_stored_nowhere(link):
    token = invitation_links.make_token(link)

    for rows in (Invitation.objects.values(), OutgoingEmail.objects.values()):
        assert all(token.partition(".")[2] not in str(row) for row in rows)


def alterations(token):
    encoded, _, signature = token.partition(".")
    yield from ("", ".", encoded, f"{encoded}.", f".{signature}", token + "x", token[:-1])
    yield from (token.swapcase(), f" {token}", f"{token}\n", f"{encoded}=.{signature}")
    yield from (f"{encoded}é.{signature}", "x" * 5000, f"{encoded}..{signature}", "\0")
    yield f"{signature}.{encoded}"


def test_a_token_altered_anyhow_is_unreadable(link, now):
    for token in alterations(invitation_links.make_token(link)):
        assert why(token, now) == "unreadable", token


def test_a_token_of_one_purpose_does_not_open_another(company, link, now):
    sign_in = factories.make_invitation(company, Purpose.SIGN_IN)
    ours = invitation_links.make_token(link)
    theirs = invitation_links.make_token(sign_in)
    swapped = f"{theirs.partition('.')[0]}.{ours.partition('.')[2]}"
    Invitation.objects.filter(pk=link.pk).update(purpose=Purpose.SIGN_IN)

    assert why(swapped, now) == "unreadable"
    assert why(ours, now) == "unreadable", "the purpose is part of what is signed"


def test_a_token_signed_for_a_link_that_does_not_exist_is_unreadable(link, settings, now):
    encoded = invitation_links._encode(uuid.uuid4())
    signer = Signer(key=settings.LINK_KEYS[0], sep=".", salt="linking.invitation.onboard")

    assert why(signer.sign(encoded), now) == "unreadable"


def test_links_survive_a_change_of_keys_until_the_old_key_goes(link, settings, now):
    old = settings.LINK_KEYS[0]
    token = invitation_links.make_token(link)

    settings.LINK_KEYS = ["a-new-key", old]
    assert invitations.find_invitation(token=token, now=now) == link
    newer = invitation_links.make_token(link)

    settings.LINK_KEYS = ["a-new-key"]
    assert why(token, now) == "unreadable"
    assert invitations.find_invitation(token=newer, now=now) == link


# ── the life of a link ───────────────────────────────────────────────────────────────────────────
def test_a_link_expires_to_the_second(link, settings):
    token = invitation_links.make_token(link)
    last = link.expires_at - timedelta(seconds=1)

    assert invitations.find_invitation(token=token, now=last)
    assert why(token, link.expires_at) == "expired"


def test_opening_a_link_does_not_use_it_up(company, link, now):
    for _ in range(2):
        invitations.open_session(
            company=company, purpose=link.purpose, channel="link", invitation=link, now=now
        )

    assert invitations.find_invitation(token=invitation_links.make_token(link), now=now)
    link.refresh_from_db()
    assert link.opened_at == now


def test_a_new_link_replaces_the_old_one(company, link, now):
    Invitation.objects.update(created_at=now - timedelta(minutes=2))
    newer = factories.make_invitation(company)

    assert why(invitation_links.make_token(link), now) == "replaced"
    assert invitations.find_invitation(token=invitation_links.make_token(newer), now=now)


def test_a_new_link_also_replaces_that_of_a_former_contact(company, link, now):
    company.contacts.update(is_primary=False)
    Contact.objects.create(company=company, email="new@brook.example", is_primary=True)

    newer = invitations.invite(company=company, purpose=Purpose.ONBOARD, now=now)

    assert newer.recipient.email == "new@brook.example"
    assert why(invitation_links.make_token(link), now) == "replaced"


def test_links_of_different_purpose_or_connection_live_side_by_side(company, link, now):
    one = factories.make_connection(company, status="Deauthorized")
    two = factories.make_connection(company, "sand", status="Deauthorized")
    made = [
        invitations.invite(company=company, purpose=Purpose.RELINK, connection=each, now=now)
        for each in (one, two)
    ]

    for each in (link, *made):
        assert invitations.find_invitation(token=invitation_links.make_token(each), now=now)


def test_a_second_press_that_waited_for_the_first_sends_nothing_more(company):
    """The other half of a double click took its time of day before the first half was done."""
    pressed_at = timezone.now()
    first = invitations.invite(company=company, purpose=Purpose.ONBOARD, now=timezone.now())
    second = invitations.invite(company=company, purpose=Purpose.ONBOARD, now=pressed_at)

    assert second == first
    assert OutgoingEmail.objects.count() == 1


def test_a_second_press_within_a_minute_sends_nothing_more(company, link, now):
    again = invitations.invite(company=company, purpose=Purpose.ONBOARD, now=now)

    assert again == link
    assert OutgoingEmail.objects.count() == 1


def test_a_revoked_link_says_so_and_sends_no_successor(link, alice, now):
    invitations.revoke(invitation=link, by=alice, now=now)

    assert why(invitation_links.make_token(link), now) == "revoked"
    later = now + timedelta(minutes=5)
    invitations.send_new_link(invitation=link, now=later)
    assert Invitation.objects.count() == 1


def test_a_closed_company_opens_nothing_and_is_sent_nothing(company, link, alice, now):
    onboarding.close(company=company, by=alice, now=now)

    link = Invitation.objects.get()
    assert why(invitation_links.make_token(link), now) == "closed"
    invitations.send_new_link(invitation=link, now=now + timedelta(minutes=5))
    with pytest.raises(NotAllowed):
        invitations.invite(company=company, purpose=Purpose.ONBOARD, now=now)
    assert Invitation.objects.count() == 1

    onboarding.reopen(company=company, by=alice, now=now)
    assert invitations.find_invitation(token=invitation_links.make_token(link), now=now)


@pytest.mark.parametrize(
    ("ended", "linked", "purpose"),
    [
        ("replaced", False, Purpose.RELINK),
        ("finished", False, Purpose.ONBOARD),
        ("finished", True, Purpose.SIGN_IN),
    ],
)
def test_a_new_link_is_for_what_the_old_one_was_or_for_signing_in(
    company, ended, linked, purpose, now
):
    connection = factories.make_connection(company, status="Linked" if linked else "PendingAuth")
    old = factories.make_invitation(company, Purpose.RELINK, ended_at=now, ended_why=ended)
    Invitation.objects.update(created_at=now - timedelta(minutes=2))

    invitations.send_new_link(invitation=old, now=now)

    newest = company.invitations.first()
    assert newest != old
    assert newest.purpose == purpose
    assert connection.company == newest.company


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────
def open_session(company, now, link=None, **more):
    return invitations.open_session(
        company=company, purpose=Purpose.ONBOARD, channel="link", invitation=link, now=now, **more
    )


def check(company, *keys, now, **how):
    return invitations.check_session(keys=keys, company_public_id=company.public_id, now=now, **how)


def test_a_session_lets_its_browser_in_and_nobody_else(company, now):
    session, key = open_session(company, now)

    assert check(company, key, now=now) == session
    assert key not in str(CustomerSession.objects.values())
    for keys in ((), ("something else",), (session.key_hash,)):
        with pytest.raises(LookupError):
            check(company, *keys, now=now)


def test_a_browser_with_two_businesses_sees_each_under_its_own_address(company, now):
    other = factories.make_company("Other")
    (one, first), (two, second) = open_session(company, now), open_session(other, now)

    assert check(company, first, second, now=now) == one
    assert check(other, first, second, now=now) == two
    with pytest.raises(LookupError):
        check(other, first, now=now)


def test_a_session_ends_after_half_an_hour_without_use(company, now):
    _, key = open_session(company, now)

    assert check(company, key, now=now + timedelta(minutes=29))
    assert check(company, key, now=now + timedelta(minutes=58))
    with pytest.raises(SessionEnded) as ended:
        check(company, key, now=now + timedelta(minutes=89))
    assert ended.value.company == company


def test_polling_does_not_keep_a_session_alive(company, now):
    _, key = open_session(company, now)
    for minutes in range(1, 30):
        check(company, key, now=now + timedelta(minutes=minutes), touch=False)

    with pytest.raises(SessionEnded):
        check(company, key, now=now + timedelta(minutes=31), touch=False)


def leave(session, now):
    connection = factories.make_connection(session.company)
    leaving._record_attempt(session, connection, "state", now, was_linked=False)


def test_for_a_day_after_the_hop_the_pages_one_comes_back_to_stay_open(company, now):
    session, key = open_session(company, now)
    leave(session, now)

    assert check(company, key, now=now + timedelta(hours=23), after_link=True)
    with pytest.raises(SessionEnded):
        check(company, key, now=now + timedelta(hours=25), after_link=True)


def test_coming_back_late_opens_no_other_page(company, now):
    session, key = open_session(company, now)
    leave(session, now)
    later = now + timedelta(hours=10)

    check(company, key, now=later, after_link=True)

    with pytest.raises(SessionEnded):
        check(company, key, now=later)


def test_who_never_left_for_a_sign_in_has_no_such_day(company, now):
    _, key = open_session(company, now)

    with pytest.raises(SessionEnded):
        check(company, key, now=now + timedelta(minutes=31), after_link=True)


def test_taking_a_link_back_ends_the_sessions_it_opened(company, link, alice, now):
    _, key = open_session(company, now, link)
    invitations.revoke(invitation=link, by=alice, now=now)

    with pytest.raises(SessionEnded) as ended:
        check(company, key, now=now)
    assert ended.value.invitation == link


def test_closing_a_company_ends_its_sessions(company, alice, now):
    _, key = open_session(company, now)
    onboarding.close(company=company, by=alice, now=now)

    with pytest.raises(SessionEnded):
        check(company, key, now=now)


def test_a_session_that_was_finished_stays_ended(company, now):
    session, key = open_session(company, now)
    invitations.end_session(session=session, now=now)

    with pytest.raises(SessionEnded):
        check(company, key, now=now, after_link=True)


@pytest.mark.parametrize("order", ["ended first", "ended last"])
def test_a_browser_is_let_in_by_whichever_session_still_works(company, link, alice, now, order):
    moments = (now, now + timedelta(seconds=1))
    if order == "ended last":
        moments = moments[::-1]
    over, dead = open_session(company, moments[0], link)
    good, live = open_session(company, moments[1])
    invitations.end_session(session=over, now=now)
    invitations.revoke(invitation=link, by=alice, now=now)

    assert check(company, dead, live, now=now) == good


def test_opening_a_session_is_a_fact_of_the_company(company, link, now):
    open_session(company, now, link)

    assert Company.objects.get().stage == "started"
