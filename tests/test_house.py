"""Rules of the whole house: who may open which address, and what no part may leave out or do."""

import ast
import re
import uuid
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from onboarding.desk import wording as desk_wording
from onboarding.journey import standing, steps, tags
from onboarding.journey import wording as journey_wording
from onboarding.linking import stages
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Company, Connection, labels
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services.comparing import Difference
from tests import factories

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"


# ── every address ────────────────────────────────────────────────────────────────────────────────
def addresses(resolver=None, names=()) -> Iterator[tuple[str, URLPattern]]:
    """Every address by its full name, as in `desk:company`; those without a name by their view."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join([*names, entry.name or entry.callback.__name__]), entry
        else:
            inner = [*names, entry.namespace] if entry.namespace else names
            yield from addresses(entry, inner)


EVERY = dict(addresses())
OURS = {name: each for name, each in EVERY.items() if not name.startswith("admin:")}

PUBLIC = {
    *("journey:start", "journey:invitation", "journey:invitation_renew", "journey:link_return"),
    *("journey:way_in", "journey:start_with", "journey:start_sent"),
    "journey:stop_reminders",
    *(
        "journey:set_language",
        "journey:not_for_me",
        "journey:how_it_works",
        "journey:write_as_visitor",
    ),
    *("journey:logo", "journey:brand", "journey:brand_picture"),
    *("webhooks:codat", "health:live", "health:web", "health:ready"),
    *("demo:mails", "demo:mails-json", "demo:mail-html"),
    *("accounts:login", "accounts:password_reset", "accounts:password_reset_done"),
    *("accounts:password_reset_confirm", "accounts:password_reset_complete"),
}
"""What anybody may open. A new name here is a decision, and wants a reason."""

WITH_A_SESSION = {
    *("journey:choose", "journey:permission", "journey:leave", "journey:preparing"),
    *("journey:progress", "journey:confirm", "journey:done", "journey:connections"),
    *("journey:disconnect", "journey:disconnected", "journey:receipt", "journey:switch"),
    *("journey:name_later", "journey:same_business", "journey:reconnect", "journey:another"),
    *("journey:ask_to_delete", "journey:sign_in_link"),
    *("journey:hand_over", "journey:hand_over_remind", "journey:hand_over_take_back"),
    *("journey:helping", "journey:not_listed", "journey:tell_me", "journey:pause", "journey:write"),
    *("journey:send_files", "journey:files_sent", "journey:remove_file"),
    *("journey:computer", "journey:guide", "journey:send_steps", "journey:waiting"),
    *("journey:sign_out", "journey:session_renew"),
}
"""What only a browser with a session of the company in the address may open."""

NEEDS_A_RECENT_LINK = {"journey:disconnect", "journey:ask_to_delete", "journey:switch"}
"""What harms: any other session is offered a link to sign in with."""

OF_SENIORS = {"desk:reassign", "desk:close", "desk:reopen", "desk:unlink", "desk:delete"}
OF_SENIORS |= {"desk:say_whose"}
"""What the account manager of the company may not do either."""

READ_BY_ALL_SETTLED_BY_SENIORS = {"desk:records"}
"""A page of which only the button is not the account manager's."""

OF_A_COMPANY = {
    *("desk:company", "desk:send_link", "desk:look_again", "desk:relink", "desk:revoke"),
    *("desk:deletion", "desk:not_listed", "desk:names", "desk:ask_customer", "desk:compare"),
    *("desk:send_steps", "desk:refresh", "desk:records", "desk:file", "desk:files_seen"),
    *("desk:rename", "desk:address", "desk:note", *OF_SENIORS),
}
"""What only those may open who may see the company."""

OF_STAFF = {
    *("desk:worklist", "desk:companies", "desk:add"),
    *("accounts:logout", "accounts:password_change", "accounts:password_change_done"),
}


def is_open(pattern):
    return not getattr(pattern.callback, "login_required", True)


def test_what_is_open_to_everybody_is_listed_by_name():
    found = {name for name, pattern in EVERY.items() if is_open(pattern)}

    assert found == PUBLIC | WITH_A_SESSION


def test_every_address_of_ours_is_listed_with_who_may_open_it():
    listed = PUBLIC | WITH_A_SESSION | OF_A_COMPANY | OF_STAFF

    assert set(OURS) == listed
    assert {name for name in OF_A_COMPANY | OF_STAFF if is_open(EVERY[name])} == set()


@pytest.fixture
def insiders(alice, charlie):
    """Who may see Alice's company."""
    return [signed_in(alice), signed_in(charlie)]


@pytest.fixture
def samples(company):
    """Something for each part of an address: rows of Alice's company."""
    connection = factories.make_connection(company, status="Deauthorized")
    link = factories.make_invitation(company)
    return {
        "company": company.public_id,
        "public_id": company.public_id,
        "connection_id": connection.public_id,
        "invitation_id": link.public_id,
        "file_id": factories.make_file(company).public_id,
        "platform_key": "gbol",
        "token": make_token(link),
        "key": "gbol",
        "digest": "0" * 16,
        "uidb64": "MQ",
        "mail_id": "nothing",
    }


def url_of(name, samples):
    wanted = EVERY[name].pattern.converters.keys() | EVERY[name].pattern.regex.groupindex.keys()
    return reverse(name, kwargs={each: samples[each] for each in wanted})


@pytest.fixture
def anonymous(db):
    return Client()


@pytest.fixture
def stranger(db):
    """A customer's browser, with a live session of quite another business."""
    _, key = factories.make_session(factories.make_company("Harbour Cafe"))
    client = Client()
    client.cookies["journey"] = key
    return client


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


METHODS = ("get", "post")


@pytest.mark.parametrize("method", METHODS)
def test_the_desk_sends_who_is_not_signed_in_to_sign_in(method, samples, anonymous, stranger):
    for name, client in product(sorted(OF_A_COMPANY | OF_STAFF), (anonymous, stranger)):
        response = getattr(client, method)(url_of(name, samples))

        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("accounts:login")), name


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", sorted(OF_A_COMPANY))
def test_another_managers_customer_does_not_exist_for_a_colleague(
    name, method, samples, insiders, bob
):
    url = url_of(name, samples)
    managers, administrators = insiders
    if name in OF_SENIORS or (method == "post" and name in READ_BY_ALL_SETTLED_BY_SENIORS):
        assert getattr(managers, method)(url).status_code in (403, 405)
        insiders = [administrators]

    ours = {getattr(insider, method)(url).status_code for insider in insiders}
    theirs = getattr(signed_in(bob), method)(url).status_code

    if ours == {405}:
        assert theirs == 405
    else:
        assert ours <= {200, 303, 422}
        assert theirs == 404


def test_staff_pages_open_for_staff(samples, insiders):
    for name, insider in product(sorted(OF_STAFF - {"accounts:logout"}), insiders):
        assert insider.get(url_of(name, samples)).status_code == 200, name


@pytest.mark.usefixtures("real_redis")
def test_a_journey_exists_only_for_its_own_browser(samples, anonymous, stranger, insiders):
    for name, client in product(sorted(WITH_A_SESSION), (anonymous, stranger, *insiders)):
        url = url_of(name, samples)
        answers = {client.get(url).status_code, client.post(url).status_code}

        assert 404 in answers, name
        assert answers <= {404, 405}, name


@pytest.mark.usefixtures("real_redis")
def test_a_journey_of_no_company_does_not_exist_either(samples, stranger):
    for name in sorted(WITH_A_SESSION):
        url = url_of(name, {**samples, "company": uuid.uuid4()})

        assert {stranger.get(url).status_code, stranger.post(url).status_code} <= {404, 405}, name


@pytest.mark.usefixtures("real_redis")
@pytest.mark.parametrize("purpose", Purpose.values)
def test_every_page_answers_every_purpose_of_session(purpose, samples, company):
    _, key = factories.make_session(company, purpose=purpose)

    for name in sorted(WITH_A_SESSION):
        client = Client()
        client.cookies["journey"] = key
        response = client.get(url_of(name, samples))

        wanted = {200, 302, 303, 404, 405}
        if name in NEEDS_A_RECENT_LINK:
            wanted.add(403)
        if purpose == Purpose.DELEGATE and name != "journey:session_renew":
            wanted = {404, 405}  # a helper sees nothing of the rest
        assert response.status_code in wanted, name


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize("method", METHODS)
def test_no_public_address_breaks_whatever_is_sent(method, samples, anonymous, insiders):
    for name, client in product(sorted(PUBLIC & set(OURS)), (anonymous, *insiders)):
        response = getattr(client, method)(url_of(name, samples), {"state": "x", "email": "?"})

        assert response.status_code < 500 or name == "health:ready", name


def admin_pages():
    return sorted(
        name
        for name, pattern in EVERY.items()
        if name.startswith("admin:")
        and not pattern.pattern.converters
        and not pattern.pattern.regex.groupindex
        and name not in ("admin:logout", "admin:jsi18n")
    )


def test_the_administration_is_for_those_who_may(anonymous, stranger, bob, charlie):
    members = (signed_in(bob), signed_in(charlie))
    for name in admin_pages():
        url = reverse(name)

        for client in (anonymous, stranger):
            assert client.get(url).status_code == 302, name
        for member in members:
            assert member.get(url).status_code in (200, 302, 403, 404), name


def test_the_administration_shows_no_colleague_another_managers_customer(company, bob):
    bob.user_permissions.set([])
    url = reverse("admin:linking_company_change", args=[company.pk])

    response = signed_in(bob).get(url)

    assert company.true_name not in response.content.decode()
    assert response.status_code in (302, 403, 404)


# ── templates ────────────────────────────────────────────────────────────────────────────────────
def templates(*, mails=True) -> list[str]:
    found = (path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.*"))
    return sorted(str(path) for path in found if mails or path.parts[0] != "emails")


@pytest.mark.parametrize("name", templates())
def test_every_template_compiles(name):
    assert get_template(name)


INLINE = re.compile(
    r"""\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|javascript:""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", templates(mails=False))
def test_no_page_has_inline_style_or_script(name):
    """The browser is told to ignore both; mails know no other way and are not pages."""
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", read(TEMPLATES / name), flags=re.S)

    assert INLINE.findall(text) == []


def read(path):
    return Path(path).read_text(encoding="utf-8")


def python_files(*folders) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / "onboarding" / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


FACES = ("accounts", "demo", "desk", "health", "journey", "linking", "ui", "webhooks")


def test_every_address_that_is_named_exists():
    named = {
        (name, str(path))
        for path in TEMPLATES.rglob("*.*")
        for name in re.findall(r"""{%\s*url\s+["']([\w:-]+)["']""", read(path))
    } | {
        (name, str(path))
        for path in python_files(*FACES)
        for name in re.findall(r"""\breverse(?:_lazy)?\(\s*["']([\w:-]+)["']""", read(path))
    }
    named |= {(settings.LOGIN_URL, "settings"), (settings.LOGIN_REDIRECT_URL, "settings")}

    assert len(named) > 20
    assert {(name, where) for name, where in named if name not in EVERY} == set()


# ── words for everything ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("words", "enumeration"),
    [
        (desk_wording.STAGES, stages.Stage),
        (desk_wording.CONNECTION_STAGES, stages.ConnectionStage),
        (desk_wording.LINK_STATUSES, stages.LinkStatus),
        (desk_wording.REASONS, stages.Reason),
        (tags.READING_TAGS, stages.Reading),
        (desk_wording.DIFFERENCES, Difference),
        (journey_wording.PAGES, set(standing.Kind) - set(standing.OTHER_PAGES)),
    ],
    ids=["stage", "connection", "link status", "reason", "reading", "difference", "progress"],
)
def test_everything_that_can_be_said_has_words(words, enumeration):
    assert set(words) == set(enumeration)
    assert all(str(value) for value in words.values())


@pytest.mark.parametrize("stage", stages.Stage)
def test_every_stage_leads_a_customer_to_a_page(stage, db):
    company = factories.make_company()
    Company.objects.update(stage=stage)
    company.refresh_from_db()

    path = steps.next_page(company)

    assert get_resolver().resolve(path).view_name in WITH_A_SESSION


@pytest.mark.parametrize("status", ["PendingAuth", "Linked", "Unlinked", "Deauthorized", "Frozen"])
@pytest.mark.parametrize("stage", stages.ConnectionStage)
def test_every_connection_has_a_tag_in_both_faces(status, stage):
    connection = Connection(status=status, stage=stage)

    for tag in (tags.connection_tag(connection), desk_wording.status_words(status)):
        assert all(str(part) for part in tag)
    assert desk_wording.connection_words(stage)


def test_every_act_in_the_history_has_words_for_staff():
    subjects = set()
    for path in python_files(*FACES):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "add_act":
                subject = node.args[1]
                if isinstance(subject, ast.Constant):
                    subjects.add(subject.value)
    subjects |= {f"link_sent_{purpose}" for purpose in Purpose.values}

    assert len(subjects) > 10
    assert subjects - set(labels.ACTS) == set()


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────
def test_no_migration_is_missing(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def careless_saves(source: str) -> list[int]:
    """Lines that save a whole row: what another process changed meanwhile would be lost.

    Pictures and forms are saved with positional arguments, or as `form`.
    """
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and not node.args
        and getattr(node.func.value, "id", "") != "form"
        and not {"update_fields", "force_insert"} & {word.arg for word in node.keywords}
    ]


def test_a_whole_row_is_never_saved():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files("linking", "journey", "desk", "webhooks", "health", "demo")
        for line in careless_saves(read(path))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("company.save()", [1]),
        ("company.save(using='other')", [1]),
        ("company.save(update_fields=['stage'])", []),
        ("row.save(force_insert=True)", []),
        ("image.save(out, 'PNG')", []),
    ],
)
def test_a_careless_save_is_recognised(source, lines):
    assert careless_saves(source) == lines
