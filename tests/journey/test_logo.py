import pytest

from onboarding.linking.models import Platform
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def xero():
    platform = factories.make_platform()
    Platform.objects.filter(pk=platform.pk).update(logo=b"\x89PNG picture", logo_hash="0af1")
    return platform


def test_a_logo_is_ours_and_may_be_kept_for_a_year(client, xero):
    response = client.get("/logos/gbol-0af1.png")
    assert response.content == b"\x89PNG picture"
    assert response["Content-Type"] == "image/png"
    assert "max-age=31536000" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["gbol-ffff", "nope-0af1", "gbol-", "GBOL-0af1", "gbol-0af1x"])
def test_any_other_picture_is_not_found(client, xero, name):
    assert client.get(f"/logos/{name}.png").status_code == 404


def test_a_picture_is_only_read(client, xero):
    assert client.post("/logos/gbol-0af1.png").status_code == 405
