import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from onboarding.linking.models import Company, Contact

pytestmark = pytest.mark.django_db


def test_the_demos_logins_work_and_may_what_their_role_may() -> None:
    call_command("seed_demo", verbosity=0)
    users = {
        name: authenticate(username=f"{name}@example.com", password="demo-password")
        for name in ("admin", "senior", "manager", "manager2")
    }
    assert all(user is not None and user.is_active and user.is_staff for user in users.values())
    assert users["admin"].is_superuser
    assert users["senior"].has_perms(["linking.unlink_connection", "linking.delete_connection"])
    assert users["manager"].has_perm("linking.invite")
    for name in ("manager", "manager2"):
        assert not users[name].has_perm("linking.unlink_connection")
        assert not users[name].has_perm("linking.view_all_companies")


def test_each_manager_has_customers_that_the_other_does_not_see() -> None:
    call_command("seed_demo", verbosity=0)
    seen = [
        set(Company.objects.visible_to(get_user_model().objects.get(email=email)))
        for email in ("manager@example.com", "manager2@example.com")
    ]
    assert [len(companies) for companies in seen] == [2, 2]
    assert not seen[0] & seen[1]
    assert {company.stage for company in Company.objects.all()} == {"draft"}


def test_seeding_again_changes_nothing() -> None:
    call_command("seed_demo", verbosity=0)
    manager = get_user_model().objects.get(email="manager@example.com")
    manager.set_password("changed")
    manager.save()
    call_command("seed_demo", verbosity=0)
    assert get_user_model().objects.count() == 4
    assert Company.objects.count() == 4
    assert Contact.objects.count() == 4
    assert authenticate(username="manager@example.com", password="changed")


def test_a_real_deployment_is_never_seeded(settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="only with DEMO=1"):
        call_command("seed_demo", verbosity=0)
    assert not get_user_model().objects.exists()
