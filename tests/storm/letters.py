"""What a customer finds in their mail, without reading every mail of a thousand others."""


def link_to_carry_on(email: str) -> str:
    """The link of the newest mail that left, or may have left, after a start; empty while none."""
    # Django is the portal's only once the storm has begun.
    from django.db import OperationalError, connection  # noqa: PLC0415

    from onboarding.linking.invitation_links import invitation_url  # noqa: PLC0415
    from onboarding.linking.models import OutgoingEmail  # noqa: PLC0415

    mails = OutgoingEmail.objects.filter(kind="start", contact__email=email)
    arrived = mails.exclude(sent_at=None, parked_reason="").select_related("invitation")
    try:
        newest = arrived.order_by("-pk").first()
        return invitation_url(newest.invitation) if newest else ""
    except OperationalError:
        return ""  # the database is away, and the list of mails with it
    finally:
        connection.close()  # each customer has a thread, and with it a connection, of their own
