"""A relink, on each kind of software: what was read after it is held against what was confirmed."""

import pytest
from django.utils import timezone

from onboarding.linking.models import LinkAttempt, Platform
from onboarding.linking.services import connecting, identity, leaving
from onboarding.linking.stages import Reason
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = "Harbour Cafe Ltd"
SAGE_50, WAVE, SHOPIFY, WOOCOMMERCE, PLAID = "hbql", "pbtz", "fztf", "ltpp", "suuo"
# The software, whom they chose, what that is found to be. Of Xero `test_turns.py` tells.
RELINKS = [
    (SAGE_50, OTHER, "different"),  # on the customer's own computer
    (WAVE, "own", "same"),  # tells numbers and no name
    (WAVE, OTHER, "different"),
    (SHOPIFY, "own", "same"),  # a shop answers for itself
    (SHOPIFY, OTHER, "different"),
    (WOOCOMMERCE, OTHER, "different"),
    (PLAID, "own", "unknown"),  # a bank tells nothing of its customer
    (PLAID, OTHER, "unknown"),
]


def decided_or_asked(company):
    """The identity of the present linking, once it is read and there is something to say of it."""
    newest = company.connections.get().identity
    if newest is None:
        return None
    asks = identity.awaiting(company=company) == newest
    return newest if newest.confirmed_at or newest.rejected_at or asks else None


@pytest.fixture
def confirmed(session, simulator, take_turn, look_until):
    """`confirmed("gbol")`: a company whose customer has signed in there and said yes."""

    def confirmed(key):
        company = session.company
        platform = Platform.objects.get(key=key)
        connecting.begin_connection(session=session, platform=platform, now=timezone.now())
        take_turn(company)
        simulator.act(company.connections.get().codat_id, "authorize")
        found = look_until(company, lambda c: identity.awaiting(company=c))
        identity.confirm(identity_public_id=found.public_id, company=company, now=timezone.now())
        return company

    return confirmed


@pytest.mark.parametrize("relink", RELINKS, ids="-".join)
def test_a_relink_is_compared_and_passes_only_as_the_same_business(
    confirmed, look_until, simulator, relink
):
    key, chosen, answer = relink
    company = confirmed(key)
    before = company.connections.get().identity
    simulator.act(company.connections.get().codat_id, "deauthorize")
    look_until(company, lambda c: c.connections.get().status == "Deauthorized")

    simulator.act(company.connections.get().codat_id, "authorize", organisation=chosen)
    again = look_until(company, decided_or_asked)

    assert (again.compared, again.compared_with) == (answer, before)
    assert again.pk != before.pk
    assert bool(again.confirmed_at) == (again.compared == "same")
    assert bool(again.rejected_at) == (again.compared == "different")
    if again.compared == "different":
        look_until(company, lambda c: c.connections.get().status == "Unlinked")
    elif again.compared == "unknown":
        assert company.stage != "ready"
        assert identity.awaiting(company=company) == again


@pytest.fixture
def signs_in_again(confirmed, look_until, simulator, session):
    """A read wants a new sign-in while Codat calls the connection linked: out, in, and back."""

    def signs_in_again(**chosen):
        company = confirmed("gbol")
        body = {"dataType": "suppliers", "status": "PermissionsError"}
        simulator.control("POST", f"/companies/{company.codat_id}/datasets", body)
        reason = Reason.READ_NEEDS_CUSTOMER
        look_until(company, lambda c: c.problems.open().filter(reason=reason).exists())
        connection = company.connections.get()
        back, key = factories.make_session(company)
        leaving.leave_for_link(
            session=back, platform_key="gbol", connection=connection, now=timezone.now()
        )
        simulator.act(connection.codat_id, "authorize", **chosen)
        leaving.note_return(state="", status_code="201", keys=[key], now=timezone.now())
        return company

    return signs_in_again


def test_another_business_is_noticed_though_codat_never_called_it_anything_but_linked(
    signs_in_again, look_until
):
    company = signs_in_again(organisation=OTHER)
    assert company.connections.get().status == "Linked"

    look_until(company, lambda c: c.connections.get().status == "Unlinked")

    again = company.connections.get().identity
    assert (again.display_name, again.compared) == (OTHER, "different")
    assert [p.reason for p in company.problems.open()] == [Reason.WRONG_COMPANY]


def test_the_same_business_is_asked_nothing_when_it_signs_in_again(signs_in_again, look_until):
    company = signs_in_again()

    look_until(company, lambda c: c.stage == "ready")

    known = company.connections.get().identities
    assert (known.count(), known.first().compared) == (2, "same")
    assert LinkAttempt.objects.filter(connection__company=company).count() == 1
