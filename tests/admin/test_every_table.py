import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onboarding.linking.admin.bases import MirrorAdmin, VisibleAdmin
from onboarding.linking.models import Work

from .conftest import fill_every_table

MODELS = [model for model in apps.get_app_config("linking").get_models() if model is not Work]
CUSTOMERS = [
    model for model in MODELS if isinstance(admin.site.get_model_admin(model), VisibleAdmin)
]
READ_ONLY = [
    model for model in CUSTOMERS if isinstance(admin.site.get_model_admin(model), MirrorAdmin)
]


def name(model):
    return model._meta.model_name


def list_url(model):
    return reverse(f"admin:linking_{name(model)}_changelist")


def change_url(model, row):
    return reverse(f"admin:linking_{name(model)}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_every_table_is_there_and_its_list_search_and_row_open(
    as_charlie, brook, deployment, model
):
    row = model.objects.first()
    assert row is not None, "the test must make a row of every table"
    for url in (list_url(model), f"{list_url(model)}?q=brook", change_url(model, row)):
        response = as_charlie.get(url)
        assert response.status_code == 200, url


@pytest.mark.parametrize("model", CUSTOMERS, ids=name)
def test_a_manager_who_may_look_at_a_table_sees_only_their_own(
    as_alice, alice, brook, harbour, model
):
    give_view(alice, model)
    rows = list(model.objects.all())
    mine = [row for row in rows if "Brook" in owner_name(row)]
    others = [row for row in rows if "Harbour" in owner_name(row)]
    assert mine
    assert others
    shown = as_alice.get(list_url(model)).context["cl"].queryset
    assert set(shown) == set(mine)
    assert as_alice.get(change_url(model, mine[0])).status_code == 200
    assert as_alice.get(change_url(model, others[0])).status_code == 302


def give_view(user, model):
    user.user_permissions.add(Permission.objects.get(codename=f"view_{name(model)}"))


def owner_name(row):
    """The name of the company a row belongs to, whatever way it hangs on it."""
    if name(type(row)) == "company":
        return row.true_name
    if name(type(row)) == "webhookevent":
        return row.company_codat_id
    for path in ("company", "connection", "session"):
        found = getattr(row, path, None)
        if found is not None:
            return owner_name(found)
    raise AssertionError(f"{row!r} hangs on no company")


@pytest.mark.parametrize("model", READ_ONLY, ids=name)
def test_mirrors_work_and_history_cannot_be_changed(as_charlie, brook, model):
    row = model.objects.first()
    delete = reverse(f"admin:linking_{name(model)}_delete", args=[row.pk])
    add = reverse(f"admin:linking_{name(model)}_add")
    assert as_charlie.post(change_url(model, row), {"status": "Linked"}).status_code == 403
    assert as_charlie.post(delete, {"post": "yes"}).status_code == 403
    assert as_charlie.get(add).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_no_list_shows_hashes_claims_or_keys(as_charlie, brook, deployment, model):
    row = model.objects.first()
    page = as_charlie.get(change_url(model, row)).content.decode()
    for field in ("key_hash", "state_hash", "claim_token"):
        value = getattr(row, field, None)
        assert not value or str(value) not in page


@pytest.mark.parametrize("model", CUSTOMERS, ids=name)
def test_lists_ask_the_same_number_of_queries_for_any_number_of_rows(
    as_charlie, charlie, brook, now, model
):
    def queries():
        with CaptureQueriesContext(connection) as found:
            as_charlie.get(list_url(model))
        return len(found)

    queries()
    before = queries()
    for n in range(3):
        fill_every_table(charlie, f"More{n}", now)
    assert queries() == before


def test_anonymous_and_non_staff_are_asked_to_sign_in(client, db):
    assert client.get(reverse("admin:index")).status_code == 302
