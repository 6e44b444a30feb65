"""How mails look, whose they are, and how they are addressed."""

import re

import pytest
from django.core import mail

from onboarding.linking.models import Branding, Company, OutgoingEmail
from onboarding.ui.templatetags.ui import whole_words
from tests import factories

from .written_mails import come_due, every_kind, html_of, make_row, send, sent

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        ("this e-mail", 'this <span style="white-space:nowrap">e-mail</span>'),
        ("my e-mail@brook.example", "my e-mail@brook.example"),
        ("<i>", "&lt;i&gt;"),
    ],
)
def test_the_word_e_mail_is_not_torn_at_its_hyphen(words, drawn):
    assert whole_words(words) == drawn
