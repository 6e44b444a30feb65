"""What mails say: the same in both their parts."""

import re
from html import unescape

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.html import strip_tags

from onboarding.linking.invitation_links import read_token
from onboarding.linking.models import OutgoingEmail
from tests import factories

from .written_mails import every_kind, html_of, make_row, send, sent, words

pytestmark = pytest.mark.django_db(transaction=True)


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


def words_of_plain(body):
    """Its sentences, less what only a button says in the other part."""
    for raw in re.sub(r":\n(?=http)", "\n", body).splitlines():
        line = words(re.sub(r"^(- |\d\. )", "", raw.strip()))
        if line and "Open this link" not in line and not line.startswith("http"):
            yield line


def test_the_mail_after_connecting_says_how_to_stop():
    message = sent("connected")
    for part in (message.body, message.alternatives[0][0]):
        assert "You can stop at any time, on your connections page" in part


def test_the_mail_after_connecting_says_whose_business_was_confirmed():
    row = make_row("connected")
    factories.make_identity(row.connection, "Harbour <&>", confirmed_at=timezone.now())
    send(row)
    (message,) = mail.outbox
    said = "You confirmed that Harbour <&>, as Xero names it, is your business."
    assert said in words(message.body)
    assert said in words(unescape(strip_tags(html_of(message))))


def test_what_nobody_was_asked_is_not_called_confirmed_by_them():
    row = make_row("connected")
    factories.make_identity(row.connection, confirmed_at=timezone.now(), compared="same")
    send(row)
    assert "confirmed" not in mail.outbox[0].body


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
    assert "If you did not ask, ignore this e-mail; nothing happens." in words(message.body)
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


def on_computer(kind, **link):
    """A mail about software that is set up on a computer, in both its parts."""
    factories.make_platform(name="Sage 50", is_offline=True)
    row = make_row(kind)
    for field, value in {"platform_key": "gbol", **link}.items():
        setattr(row.invitation, field, value)
    row.invitation.save(update_fields=["platform_key", *link])
    send(row)
    (message,) = mail.outbox
    return message.subject, words(message.body), words(unescape(strip_tags(html_of(message))))


@pytest.mark.parametrize("kind", ["access_lost", "delegate", "onboard", "relink", "reminder"])
def test_of_software_on_a_computer_no_mail_says_to_sign_in_or_that_it_takes_minutes(kind):
    subject, body, html = on_computer(kind)

    for part in (body, html):
        assert "steps for the Windows computer that has " in part
        assert "sign in to" not in part.lower()
    for part in (subject, body, html):
        assert "a minute" not in part.lower()
        assert "3 minutes" not in part


def test_an_invitation_for_software_on_a_computer_says_in_its_subject_how_long_that_takes():
    subject, _body, _html = on_computer("onboard")
    assert "in about 15 minutes" in subject


@pytest.mark.parametrize(
    ("is_offline", "said"),
    [
        (True, "follow the steps for the Windows computer that has Sage 50. It takes about 15"),
        (False, "open the link and sign in to Sage 50. It takes about 3 minutes."),
    ],
)
def test_who_never_opened_the_link_is_reminded_of_what_it_leads_to(is_offline, said):
    factories.make_platform(name="Sage 50", is_offline=is_offline)
    row = make_row("reminder")
    row.company.connections.all().delete()
    row = OutgoingEmail.objects.create(
        kind="reminder",
        company=row.company,
        contact=row.contact,
        invitation=row.invitation,
        dedupe_key="reminder:onboard:1",
        due_at=row.due_at,
    )
    type(row.company).objects.update(stage="invited")
    row.refresh_from_db()
    assert send(row)

    assert said in words(mail.outbox[0].body)
    assert said in words(unescape(strip_tags(html_of(mail.outbox[0]))))


def test_a_reminder_speaks_of_a_call_only_where_there_is_a_number(settings):
    settings.FIRM_SUPPORT_PHONE = ""
    send(make_row("reminder"))
    assert "Stuck? Answer this e-mail.\n" in mail.outbox[0].body


def test_who_was_asked_for_help_is_told_who_asked():
    body = sent("delegate").body
    assert "You get this because Brook <&> Sons asked us to write to you." in words(body)
    assert "looks after" not in body


def test_who_has_disconnected_is_not_told_that_they_can_stop():
    message = sent("disconnected")
    for part in (message.body, message.alternatives[0][0]):
        assert "You can stop at any time" not in part
    assert "\n\n\n" not in message.body


@pytest.mark.parametrize("kind", every_kind())
def test_paragraphs_of_the_text_stand_one_empty_line_apart(kind, settings):
    settings.FIRM_SUPPORT_EMAIL = "help@northbank.example"
    assert "\n\n\n" not in sent(kind).body
