"""Planning the daily mails to account managers; `emails.digest` says what stands in them."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from onboarding.linking.emails import digest
from onboarding.linking.models import OutgoingEmail, Problem
from onboarding.linking.stages import Reason

from .mail_planning import plan_email


def plan_digests(*, now: datetime) -> int:
    """Plan today's mail for every manager whose hour has come and who has news. How many.

    Asked every few minutes, by several processes if need be: the key lets one mail a day through.
    """
    if settings.DIGEST_HOUR < 0:
        return 0
    planned = 0
    for user in _managers_with_losses():
        day = now.astimezone(user.zone).date()
        if now < digest.due_at(user, day) or not digest.is_wanted(user):
            continue
        key = digest.key_of(user, day)
        if OutgoingEmail.objects.filter(dedupe_key=key).exists():
            continue
        if digest.losses(user, day).exists():
            midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=user.zone)
            plan_email(
                kind=OutgoingEmail.DIGEST,
                dedupe_key=key,
                company=None,
                contact=None,
                user=user,
                language=user.language,
                expires_at=midnight,
            )
            planned += 1
    return planned


def _managers_with_losses():
    lost = Problem.objects.open().filter(reason=Reason.ACCESS_LOST, company__owner=OuterRef("pk"))
    return get_user_model().objects.filter(Exists(lost), is_active=True, is_staff=True)
