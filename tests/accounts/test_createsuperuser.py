import pytest
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command

from onboarding.accounts.models import User


def make(email="First@Firm.Example"):
    call_command("createsuperuser", interactive=False, email=email, verbosity=0)


def test_the_first_superuser_comes_from_the_command_and_can_sign_in(db, client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-good-long-one")
    make()
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("first@firm.example", True, True)
    client.post("/accounts/login/", {"username": user.email, "password": "a-good-long-one"})
    assert get_user(client) == user
    assert client.get("/admin/").status_code == 200


def test_the_same_address_twice_is_refused(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-good-long-one")
    make("first@firm.example")
    with pytest.raises(CommandError):
        make("first@firm.example")
    assert User.objects.count() == 1
