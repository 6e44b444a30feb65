"""Mails: at most once, true when sent, and the same in both their parts."""

import re
import socketserver
import threading
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.html import strip_tags

from onboarding.linking import emails
from onboarding.linking.invitation_links import read_token
from onboarding.linking.models import (
    Branding,
    Company,
    Connection,
    Contact,
    Lane,
    OutgoingEmail,
    Pause,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.models.work import moment
from onboarding.linking.services import invitations, onboarding
from tests import factories
from tests.conftest import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row():
    factories.make_invitation(factories.make_company(contact_name="Ada Brook"))
    come_due()
    return OutgoingEmail.objects.get()


def come_due():
    OutgoingEmail.objects.update(due_at=moment(timedelta(seconds=-1)))


def send(row):
    sent = emails.send(row.pk, now=timezone.now())
    row.refresh_from_db()
    return sent


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that says one scripted thing at one step, and otherwise accepts all."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, **answers):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.answers, self.taken = answers, []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Dialogue(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split()[0].lower()
            answer = self.server.answers.get(word, "354 go on" if word == "data" else "250 fine")
            if answer == "hang up":
                return
            self.say(answer)
            if answer.startswith("354"):
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.taken.append(body)
                end = self.server.answers.get("end", "250 taken")
                if end == "hang up":
                    return
                self.say(end)


@pytest.fixture
def mail_server(settings):
    """`mail_server(data="554 no")`: Django's mail goes there."""
    started = []

    def start(**answers):
        server = MailServer(**answers)
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


# ── at most once ─────────────────────────────────────────────────────────────────────────────────
def test_a_mail_leaves_once(row):
    assert send(row)
    come_due()
    assert not send(row)

    assert len(mail.outbox) == 1
    assert row.sent_at
    assert row.claim_token is None


def test_a_mail_in_other_hands_is_left_alone(row):
    OutgoingEmail.objects.claim(row.pk, lease=timedelta(seconds=30))

    assert not send(row)
    assert mail.outbox == []


def test_the_same_mail_planned_twice_is_one(row):
    values = OutgoingEmail.objects.values("kind", "dedupe_key").get()
    emails_before = OutgoingEmail.objects.count()
    from onboarding.linking.services.mail_planning import plan_email  # noqa: PLC0415

    plan_email(company=row.company, contact=row.contact, **values)

    assert OutgoingEmail.objects.count() == emails_before


def test_it_goes_through_a_real_mail_server(row, mail_server):
    server = mail_server()

    assert send(row)
    (body,) = server.taken
    assert row.provider_id.encode() in body


def test_a_cut_in_the_middle_is_set_aside_as_perhaps_sent(row, mail_server):
    mail_server(end="hang up")
    Lane.objects.update(due_at=None)

    assert not send(row)

    assert "May have been sent" in row.parked_reason
    assert row.sent_at is None
    assert Lane.objects.due().filter(company=row.company).exists(), "its company is told"


@pytest.mark.parametrize(
    "answers",
    [{"rcpt": "550 nobody"}, {"mail": "550 not you"}, {"end": "554 spam"}, {"data": "554 no"}],
    ids=["recipient", "sender", "content", "data"],
)
def test_a_refusal_is_set_aside_as_refused(row, mail_server, answers):
    mail_server(**answers)

    assert not send(row)

    assert "refused" in row.parked_reason


@pytest.mark.parametrize("answers", [{"rcpt": "450 later"}, {"end": "451 busy"}])
def test_a_server_that_asks_for_later_is_asked_later(row, mail_server, answers):
    mail_server(**answers)

    assert not send(row)

    assert row.parked_reason == ""
    assert row.due_at > timezone.now()


def test_a_server_that_cannot_be_reached_is_tried_again_and_then_given_up(row, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    for _ in range(emails.MAX_TRIES):
        assert row.parked_reason == ""
        assert not send(row)
        come_due()

    row.refresh_from_db()
    assert "could not be reached" in row.parked_reason


def test_a_mail_that_cannot_be_written_is_not_called_perhaps_sent(row):
    OutgoingEmail.objects.update(kind="no such kind")

    with pytest.raises(KeyError):
        send(row)

    row.refresh_from_db()
    assert row.claim_token is None
    assert row.due_at > timezone.now()


def test_a_mail_set_aside_is_a_problem_of_its_company(row, mail_server, take_turn, simulator):
    mail_server(rcpt="550 nobody")
    send(row)
    take_turn(row.company, hint=False)

    assert row.company.problems.open().get().reason == "mail_not_delivered"
    OutgoingEmail.objects.filter(pk=row.pk).release()
    take_turn(row.company, hint=False)
    assert not row.company.problems.open().exists()


# ── true when it is sent ─────────────────────────────────────────────────────────────────────────
def test_a_mail_that_lost_its_point_is_cancelled(row, alice, now):
    invitations.revoke(invitation=row.invitation, by=alice, now=now)

    assert not send(row)
    assert row.cancelled_at
    assert mail.outbox == []


@pytest.mark.parametrize("change", ["closed", "expired"])
def test_nothing_is_mailed_for_a_closed_company_or_an_expired_link(row, alice, now, change):
    if change == "closed":
        onboarding.close(company=row.company, by=alice, now=now)
    else:
        OutgoingEmail.objects.update(expires_at=now - timedelta(seconds=1))

    assert not send(row)
    assert row.cancelled_at


def test_it_goes_to_the_address_on_file_when_it_leaves(row):
    Contact.objects.update(email="corrected@brook.example")

    send(row)

    assert mail.outbox[0].to == ["corrected@brook.example"]


# ── what it says ─────────────────────────────────────────────────────────────────────────────────
def every_kind():
    return sorted(emails.CONTEXT)


def make_row(kind, **company):
    """A mail of each kind as it would have been planned, with names that must be escaped."""
    company = factories.make_company("Brook <&> Sons", contact_name="Ada & Co", **company)
    status = {
        "works_again": "PendingAuth",
        "access_lost": "Deauthorized",
        "disconnected": "Unlinked",
        "other_business": "Unlinked",
        "reminder": "Deauthorized",
    }.get(kind, "Linked")
    if kind == "delegate_done":
        factories.make_invitation(company, Purpose.DELEGATE, platform_key="gbol")
        OutgoingEmail.objects.all().delete()
    stages = {"works_again": "authorizing", "access_lost": "lost", "reminder": "lost"}
    stage = stages.get(kind, "ready")
    connection = factories.make_connection(company, status=status)
    factories.make_operation(connection, "invoices")
    if kind == "connected":
        company.consents.create(
            platform_key="gbol",
            version=3,
            text="Why we ask\nBecause <&>",
            data_types=["invoices", "bills"],
            at=timezone.now(),
        )
    if kind == "deletion_asked":
        onboarding.add_act(company, kind, now=timezone.now())
    if kind == "deletion_answered":
        onboarding.add_act(
            company, "deletion_refused", now=timezone.now(), text="The law <says> so"
        )
    purpose = kind if kind in Purpose.values else Purpose.SIGN_IN
    link = factories.make_invitation(company, purpose, note="Ring <me> & ask")
    if kind in ("other_business", "name_confirmed", "name_to_confirm"):
        answer = {"other_business": "rejected_at", "name_confirmed": "confirmed_at"}.get(kind)
        now = timezone.now()
        factories.make_identity(connection, "Harbour <&>", **({answer: now} if answer else {}))
    Connection.objects.update(stage=stage, status_changed_at=timezone.now())
    Company.objects.update(observed_at=timezone.now())  # a look since the change
    if kind == "already_with_us":
        Company.objects.update(closed_at=timezone.now())
    if kind == "about_to_end":
        Connection.objects.update(last_read_at=timezone.now() - timedelta(days=50))
        connection.problems.create(company=company, reason="about_to_lapse", since=timezone.now())
    OutgoingEmail.objects.exclude(invitation=link).delete()
    OutgoingEmail.objects.update(kind=kind, connection=connection)
    come_due()
    return OutgoingEmail.objects.get()


def words(text):
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_of_mail_can_be_read_in_both_parts(kind):
    row = make_row(kind)
    assert send(row)
    (message,) = mail.outbox
    ((html, _type),) = message.alternatives

    assert message.subject
    assert "\n" not in message.subject
    for text in (message.subject, message.body, html):
        assert "{" not in text.replace("{margin", "")
        assert "None" not in text
    if kind != "start":  # which repeats nothing that a stranger may have typed
        assert "<&>" in message.body + message.subject
    assert "<&>" not in html
    assert "&amp;amp;" not in html
    if kind == "already_with_us":  # no link of a closed customer works
        assert "http://testserver/connections/" in message.body
        return
    urls = re.findall(r"http://testserver/i/[^\s\"<]+", message.body)
    assert set(urls) == set(re.findall(r"http://testserver/i/[^\s\"<]+", html))
    assert read_token(urls[0].rstrip("/").rpartition("/")[2]) == row.invitation


@pytest.mark.parametrize("kind", every_kind())
def test_both_parts_say_the_same(kind):
    send(make_row(kind))
    (message,) = mail.outbox
    html = words(
        unescape(strip_tags(re.sub(r"<div[^>]*display:none.*?</div>", "", html_of(message))))
    )

    for line in words_of_plain(message.body):
        assert line in html, line


def html_of(message):
    html = message.alternatives[0][0]
    return re.sub(r"<(head|title).*?</\1>", "", html, flags=re.DOTALL)


def words_of_plain(body):
    """Its sentences, less what only a button says in the other part."""
    for raw in body.splitlines():
        line = words(re.sub(r"^(- |\d\. )", "", raw.strip()))
        if line and "Open this link" not in line and not line.startswith("http"):
            yield line


@pytest.mark.parametrize("kind", every_kind())
def test_a_mail_comes_from_the_firm_and_has_an_id_of_its_own(kind, settings):
    settings.FIRM_NAME = "Westbank"
    row = make_row(kind)
    send(row)

    (message,) = mail.outbox
    assert message.extra_headers["Message-ID"] == row.provider_id
    assert "Westbank" in message.from_email
    assert settings.DEFAULT_FROM_EMAIL in message.from_email


def test_no_name_can_break_out_of_a_header(alice):
    company = Company.objects.get(pk=factories.make_company("Brook\r\nBcc: x@evil.example").pk)
    factories.make_invitation(company)
    come_due()

    assert send(OutgoingEmail.objects.get())
    message = mail.outbox[0].message()
    assert message["Bcc"] is None


def test_a_mail_about_a_loss_waits_while_many_are_lost_at_once():
    row = make_row("access_lost")
    pause = Pause.objects.create(scope=Pause.REMOVALS, reason="many lost", since=timezone.now())
    assert not send(row)
    assert mail.outbox == []

    pause.delete()
    come_due()
    assert send(row)


def test_a_mail_about_a_loss_waits_for_a_second_look():
    row = make_row("access_lost")
    Company.objects.update(observed_at=timezone.now() - timedelta(hours=1))

    assert not send(row)

    row.refresh_from_db()
    assert (row.sent_at, row.cancelled_at) == (None, None)
    assert row.due_at > timezone.now()


# ── how it looks, and whose it is ────────────────────────────────────────────────────────────────
def sent(kind="access_lost", **company):
    assert send(make_row(kind, **company))
    return mail.outbox[0]


@pytest.mark.parametrize(
    ("colour", "text", "link"),
    [("#FFD400", "#17202B", "#7A6600"), ("#14285F", "#FFFFFF", "#14285F")],
)
def test_the_button_has_the_firms_colour_with_a_text_that_can_be_read_on_it(colour, text, link):
    Branding.objects.create(name="Northbank", colour=colour)
    html = html_of(sent())

    assert f"background:{colour}" in html
    assert f"color:{text};font-weight:650" in html
    assert f"color:{link};" in html
    assert "#0B5A8F" not in html


def test_the_logo_is_the_only_picture_and_comes_from_our_own_address():
    Branding.objects.create(
        name="Northbank", logo=b"x", logo_hash="ab" * 8, logo_width=600, logo_height=100
    )
    html = html_of(sent())

    (picture,) = re.findall(r"<img[^>]*>", html)
    assert f'src="http://testserver/brand/{"ab" * 8}.png"' in picture
    assert 'width="240" height="40" alt="Northbank"' in picture


def test_without_a_logo_there_is_no_picture(settings):
    settings.FIRM_NAME = "Northbank"
    html = html_of(sent())

    assert "<img" not in html
    assert "Northbank" in html


@pytest.mark.parametrize("kind", every_kind())
def test_names_are_kept_apart_from_the_writing_direction_around(kind):
    html = html_of(sent(kind))

    bare = re.sub(r"<bdi[^>]*>.*?</bdi>", "", html)
    assert "Ada &amp; Co" in html
    for name in ("Brook", "Ada", "Xero", "Ring"):
        assert name not in bare


@pytest.mark.parametrize("kind", every_kind())
def test_a_mail_says_its_language_and_direction(kind):
    row = make_row(kind)
    OutgoingEmail.objects.update(language="ar")
    assert send(row)
    html = mail.outbox[0].alternatives[0][0]

    assert '<html lang="ar" dir="rtl">' in html
    assert '<div lang="ar" dir="rtl">' in html


def test_mails_come_from_who_looks_after_the_customer_and_are_answered_to_them(alice, settings):
    settings.FIRM_NAME = "Northbank"
    message = sent(owner=alice)

    assert message.from_email.startswith("Alice at Northbank <")
    assert message.reply_to == [alice.email]


def test_who_has_left_the_firm_gets_no_answers(alice, settings):
    settings.FIRM_SUPPORT_EMAIL = "help@northbank.example"
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    assert sent(owner=alice).reply_to == ["help@northbank.example"]


def test_the_mail_after_connecting_says_how_to_stop():
    message = sent("connected")
    for part in (message.body, message.alternatives[0][0]):
        assert "You can stop at any time, on your connections page" in part


def test_the_permission_is_attached_word_for_word():
    message = sent("connected")

    ((name, text, kind),) = message.attachments
    assert name.startswith("permission-")
    assert kind == "text/plain"
    assert "Why we ask\nBecause <&>" in text
    assert "version 3" in text
    assert "Invoices you send" in message.body


def test_without_a_permission_given_here_nothing_is_attached():
    row = make_row("connected")
    row.company.consents.all().delete()
    assert send(row)

    assert mail.outbox[0].attachments == []
    assert "attached" not in mail.outbox[0].body


def test_a_new_link_says_when_it_was_asked_for_and_that_nobody_need_use_it():
    send(make_row("new_link"))
    (message,) = mail.outbox
    assert message.subject.startswith("Your new link from")
    assert "If you did not ask, ignore this mail; nothing happens." in words(message.body)
    assert "asks you to connect" not in message.body


def test_the_mail_about_the_first_reading_names_what_the_software_does_not_offer():
    row = make_row("first_read_done")
    factories.make_operation(row.connection, "purchaseOrders", "NotSupported")
    send(row)
    assert "does not offer: - Purchase orders" in words(mail.outbox[0].body)


def test_the_mail_about_a_confirmed_name_says_when_and_where_to_object(settings):
    settings.FIRM_SUPPORT_EMAIL = "help@northbank.example"
    send(make_row("name_confirmed"))
    (message,) = mail.outbox
    assert "It was confirmed on " in message.body
    assert "http://testserver/write/" in message.body
