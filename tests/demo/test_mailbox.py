"""The demo's post box, over files that Django's own backend wrote."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client

LINK = "http://127.0.0.1:8000/i/4fXo-2a_:1vMabc:Zy-9_x/"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def mail_folder(settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def send(*subjects: str, html: str = "", text: str = f"Hello,\n\nopen {LINK}.\n\nBye") -> None:
    messages = []
    for subject in subjects:
        message = EmailMultiAlternatives(subject, text, "firm@example.com", ["brook@example.com"])
        if html:
            message.attach_alternative(html, "text/html")
        messages.append(message)
    get_connection().send_messages(messages)


@pytest.mark.django_db
def test_mails_are_shown_newest_first_with_links_to_click(
    client: Client, mail_folder: Path
) -> None:
    send("First of one file", "Second of one file")
    send("Ihre Verknüpfung läuft ab")
    page = client.get("/demo/mail/").content.decode()
    order = [page.index(s) for s in ("Ihre Verknüpfung läuft ab", "Second of", "First of")]
    assert order == sorted(order)
    assert f'<a href="{LINK}"' in page


def test_json_holds_every_mail_and_its_links(client: Client, mail_folder: Path) -> None:
    send("Connect", html=f'<p><a href="{LINK}">Connect</a></p>')
    (mail,) = client.get("/demo/mail.json").json()["mails"]
    assert mail["subject"] == "Connect"
    assert mail["to"] == "brook@example.com"
    assert mail["from"] == "firm@example.com"
    assert mail["links"] == [LINK]
    assert mail["text"].startswith("Hello,\n\nopen http://")
    assert f'<a href="{LINK}">' in mail["html"]
    assert mail["sent_at"]


@pytest.mark.django_db
def test_a_mail_cannot_smuggle_markup_into_the_page(client: Client, mail_folder: Path) -> None:
    send("<script>alert(1)</script>", text="<img src=x onerror=alert(1)>")
    page = client.get("/demo/mail/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_html_part_is_served_in_a_sandbox_without_scripts(
    client: Client, mail_folder: Path
) -> None:
    send("Connect", html="<p>Hello</p><script>alert(1)</script>")
    (mail,) = client.get("/demo/mail.json").json()["mails"]
    answer = client.get(f"/demo/mail/{mail['id']}/html")
    policy = {p.split()[0]: p.split()[1:] for p in answer["Content-Security-Policy"].split(";")}
    assert "allow-scripts" not in policy["sandbox"]
    assert policy["script-src"] == policy["form-action"] == policy["default-src"] == ["'none'"]
    assert b"<p>Hello</p>" in answer.content


@pytest.mark.django_db
def test_an_unknown_mail_is_not_found(client: Client, mail_folder: Path) -> None:
    assert client.get("/demo/mail/20260101-000000-1-0/html").status_code == 404


@pytest.mark.django_db
def test_an_empty_box_says_so(client: Client, mail_folder: Path) -> None:
    assert "No mail has been sent yet." in client.get("/demo/mail/").content.decode()
    assert client.get("/demo/mail.json").json() == {"mails": []}


def test_outside_the_demo_there_is_no_such_page() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "for path in ('/demo/mail/', '/demo/mail.json'):\n"
        "    try:\n"
        "        resolve(path)\n"
        "        print('found', path)\n"
        "    except Resolver404:\n"
        "        print('absent')\n"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "onboarding.settings",
        "DATABASE_URL": "sqlite://:memory:",
    }
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["absent", "absent"]
