"""What staff set of software: how desktop software is read, and what is needed."""

from datetime import time

import pytest
from django.urls import reverse

from onboarding.linking.models import Category, Platform
from tests import factories

pytestmark = pytest.mark.django_db


def change(model, row, client, **values):
    url = reverse(f"admin:linking_{model._meta.model_name}_change", args=[row.pk])
    response = client.post(url, values)
    if response.status_code == 200:
        return response.context["adminform"].form.errors
    row.refresh_from_db()
    return None


def test_the_hours_of_desktop_software_are_theirs_to_set(as_charlie):
    platform = factories.make_platform("pqsw", "QuickBooks Desktop", is_offline=True)
    ours = {"shown": "on", "order": 5, "note": "", "device_class": "desktop"}
    read = {"set_up_by": "password", "read_from": "20:00", "read_until": "06:00"}

    zone = {"read_zone": "America/New_York"}
    assert change(Platform, platform, as_charlie, **ours, **read, **zone) is None

    assert platform.read_window.opens == time(20)
    assert str(platform.read_window.zone) == "America/New_York"
    assert not platform.read_window.weekends
    assert change(Platform, platform, as_charlie, **ours, **read, read_zone="Mars/Base") == {
        "read_zone": ["Use a time zone such as Europe/London."]
    }


def test_hours_left_empty_mean_that_it_can_be_read_at_any_time(as_charlie):
    platform = factories.make_platform(read_from="19:00", read_until="07:00")

    assert change(Platform, platform, as_charlie, order=5, device_class="any") is None

    assert platform.read_window is None


def test_what_is_needed_is_chosen_by_its_words(as_charlie):
    category = Category.objects.get(slug="accounting")
    values = {"slug": "accounting", "name": "Accounting", "source_types": ["Accounting"]}
    values |= {"required": "on", "offered": "on", "order": 10}
    url = reverse("admin:linking_category_change", args=[category.pk])
    assert "Invoices you send <code>(invoices)</code>" in as_charlie.get(url).content.decode()

    needed = ["company", "invoices"]
    assert change(Category, category, as_charlie, **values, needed_data_types=needed) is None
    assert category.needed_data_types == needed

    assert change(Category, category, as_charlie, **values) is None
    assert category.needed_data_types == []
