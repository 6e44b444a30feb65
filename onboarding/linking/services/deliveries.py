"""Whether Codat still delivers webhooks to us.

After five days of failures Codat disables a consumer (FACTS 7), and that silence looks
like a quiet day. Looks go on without webhooks, only later.
"""

import logging
from datetime import datetime

from onboarding import codat
from onboarding.linking.invitation_links import absolute_url
from onboarding.linking.models import Pause

from . import pauses

logger = logging.getLogger(__name__)


def webhook_url() -> str:
    """Where Codat is to deliver, as it stands in Codat's Portal."""
    return absolute_url("/webhooks/codat")


def our_consumers(client: codat.Client) -> list[codat.WebhookConsumer]:
    """Codat's consumers with our address; none where something else passes webhooks on to us.

    One call (list-webhook-consumers); raises CodatError.
    """
    consumers = client.list_webhook_consumers()
    return [each for each in consumers if each.url.rstrip("/") == webhook_url()]


def heed_consumer(client: codat.Client, *, now: datetime) -> None:
    """Tell staff once when Codat has disabled our consumer, and when it is enabled again."""
    try:
        ours = our_consumers(client)
    except codat.CodatError as error:
        logger.warning("consumer_not_read %s", error)
        return
    if ours and all(each.disabled for each in ours):
        reason = "Codat has disabled our webhook consumer. Enable it in Codat's Portal."
        pauses.pause(Pause.WEBHOOKS, reason, now=now)
    else:
        pauses.resume(Pause.WEBHOOKS)
