"""Signs and delivers webhooks, with Codat's retry schedule on the simulator's clock.

The recipe is that of Codat's webhook pages (Standard Webhooks): HMAC-SHA256 over
`{id}.{timestamp}.{body}`, base64, with the key behind `whsec_`. The timestamp is real time.
"""

import base64
import hashlib
import hmac
import queue
import random
import secrets
import threading
import time

import requests

from .assumptions import SHUFFLE_SECONDS
from .records import Consumer, Delivery
from .world import World

# Seconds after the first attempt and after each retry; documented.
RETRY_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
# Documented: 2xx within 15 seconds is success; all attempts failing for five days disables.
ANSWER_SECONDS = 15
DISABLED_AFTER_SECONDS = 5 * 24 * 3600
SENDERS = 8
LOG_LENGTH = 5000


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def new_secret() -> str:
    """A signing secret in the form that Codat's Portal shows."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


class WebhookSender:
    """Takes what is due from the world's clock and posts it from a few threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._in_hand: dict[str, int] = {}
        world.handlers["deliver"] = self.due

    def start(self) -> None:
        for number in range(SENDERS):
            threading.Thread(target=self._work, name=f"webhooks-{number}", daemon=True).start()

    def resume(self) -> None:
        for delivery in self.world.deliveries.values():
            self.world.plan(delivery.due, "deliver", delivery.id)

    def due(self, world: World, delivery_id: str, moment: float) -> None:
        """Handler: a delivery's moment has come. Troubles armed under /control apply here."""
        delivery = world.deliveries.get(delivery_id)
        if delivery is None or delivery.due is None or delivery.due > moment:
            return
        trouble = world.misc.get("webhook_trouble", {})
        times = 1
        if not delivery.drawn:
            delivery.drawn = True
            world.save(delivery)
            if random.random() < trouble.get("drop", 0):
                self._end(delivery, "dropped")
                return
            shortest, longest = trouble.get("delay_seconds", (0, 0))
            late = random.uniform(shortest, longest)
            late += random.uniform(0, SHUFFLE_SECONDS) if trouble.get("shuffle") else 0
            if late:
                delivery.due = moment + late
                world.plan(delivery.due, "deliver", delivery.id)
                return
        if delivery.attempts == 0 and random.random() < trouble.get("duplicate", 0):
            times = 2
        if delivery_id not in self._in_hand:
            self._in_hand[delivery_id] = times
            for _ in range(times):
                self._ready.put(delivery_id)

    def _work(self) -> None:
        session = requests.Session()
        session.trust_env = False  # the portal is on this machine; no proxy stands between
        while True:
            delivery_id = self._ready.get()
            with self.world.lock:
                delivery = self.world.deliveries.get(delivery_id)
                consumer = self.world.consumers.get(delivery.consumer_id) if delivery else None
            status = _post(session, consumer, delivery) if consumer and delivery else None
            with self.world.transaction():
                self._in_hand[delivery_id] -= 1
                last = not self._in_hand[delivery_id]
                if last:
                    del self._in_hand[delivery_id]
                if last and delivery and self.world.deliveries.get(delivery_id) is delivery:
                    self._settle(delivery, status)

    def _settle(self, delivery: Delivery, status: int | None) -> None:
        world = self.world
        consumer = world.consumers.get(delivery.consumer_id)
        delivery.attempts += 1
        delivery.last_status = status
        if consumer is None:
            self._end(delivery, "consumer deleted")
        elif status is not None and 200 <= status < 300:
            consumer.failing_since = None
            world.save(consumer)
            self._end(delivery, "delivered")
        else:
            consumer.failing_since = consumer.failing_since or world.now
            if world.now - consumer.failing_since >= DISABLED_AFTER_SECONDS:
                consumer.disabled = True
            world.save(consumer)
            if delivery.attempts > len(RETRY_SECONDS) or consumer.disabled:
                self._end(delivery, "failed")
            else:
                delivery.due = world.now + RETRY_SECONDS[delivery.attempts - 1]
                world.save(delivery)
                world.plan(delivery.due, "deliver", delivery.id)

    def _end(self, delivery: Delivery, outcome: str) -> None:
        delivery.outcome, delivery.due = outcome, None
        self.world.save(delivery)
        if len(self.world.deliveries) > LOG_LENGTH:
            for old in list(self.world.deliveries.values())[: LOG_LENGTH // 5]:
                if old.due is None:
                    self.world.remove(old)


def _post(session: requests.Session, consumer: Consumer, delivery: Delivery) -> int | None:
    """The status of the answer; None when there was none in time."""
    body, timestamp = delivery.body.encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(consumer.secret, delivery.id, timestamp, body),
    }
    try:
        answer = session.post(
            consumer.url, data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False
        )
    except (requests.RequestException, ValueError):  # ValueError: an impossible address
        return None
    return answer.status_code
