"""Wiring: the world, two Flask apps on two sockets, and the threads behind them."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from . import connecting, reading
from .answers import error_body
from .api import OPERATIONS, Operation
from .catalogue import PLATFORMS
from .clock import Clock
from .control import control
from .control_page import control_page
from .events import EVENT_TYPES
from .gate import Gate
from .link_pages import link, platform_sign_in
from .records import Consumer
from .store import Store
from .webhook_sender import WebhookSender
from .world import World

CONSUMER_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, "onboarding:simulator:consumer"))
SEEDED_NAME = "Example Trading Company"


class _Handler(WSGIRequestHandler):
    """Keeps connections open, answers at once, writes no access log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Simulator:
    """The imitated Codat. `start()` binds and serves; `stop()` ends it and keeps its file."""

    def __init__(
        self,
        *,
        state: str,
        portal: str,
        host: str = "127.0.0.1",
        port: int = 0,
        platform_port: int = 0,
        webhook_secret: str = "",
        speed: float = 1.0,
        dataset_seconds: tuple[float, float] = (2.0, 20.0),
        api_keys: tuple[str, ...] = ("demo-api-key",),
        control_anywhere: bool = False,
    ) -> None:
        self.world = World(
            Store(state),
            Clock(speed=speed),
            dataset_seconds=dataset_seconds,
            portal=portal.rstrip("/"),
        )
        self.gate = Gate(self.world, list(api_keys))
        self.sender = WebhookSender(self.world)
        self.webhook_secret = webhook_secret
        self.world.handlers |= {
            "first_fetch": reading.first_fetch,
            "read_ends": reading.read_ends,
            "scheduled_read": reading.scheduled_read,
            "token_lapsed": connecting.token_lapsed,
            "access_ends": connecting.access_ends,
        }
        self._stopping = threading.Event()
        self._api = _serve(self._api_app(control_anywhere), host, port)
        self._platform = _serve(self._platform_app(), host, platform_port)
        self.world.link_origin = f"http://{host}:{self._api.server_port}"
        self.world.platform_origin = f"http://{host}:{self._platform.server_port}"

    @property
    def url(self) -> str:
        return self.world.link_origin

    @property
    def platform_url(self) -> str:
        return self.world.platform_origin

    def start(self) -> None:
        world, portal = self.world, self.world.portal
        with world.lock:
            if world.load():
                world.clock.advance(world.misc.get("ahead_seconds", 0.0))
                world.move_portal(portal)
                self._own_consumer()
                reading.resume(world)
                self.sender.resume()
            else:
                self.begin()
            world.commit()
        self.sender.start()
        for name, server in (("api", self._api), ("platform", self._platform)):
            threading.Thread(
                target=server.serve_forever, args=(0.05,), name=name, daemon=True
            ).start()
        threading.Thread(target=self._tick, name="clock", daemon=True).start()

    def begin(self) -> None:
        """A fresh world with Codat's own example company in it."""
        world = self.world
        world.forget_everything()
        world.clock = Clock(speed=world.clock.speed)
        world.set_defaults()
        world.remember("portal", world.portal)
        self._own_consumer()
        company = connecting.create_company(
            world, name=SEEDED_NAME, description=None, tags={"seeded": "true"}
        )
        connection = connecting.create_connection(world, company, PLATFORMS["mqjo"])
        connecting.authorize(world, connection)
        world.commit()

    def stop(self) -> None:
        self._stopping.set()
        self.gate.release()
        for server in (self._api, self._platform):
            server.shutdown()
            server.server_close()
        with self.world.lock:
            self.world.remember("ahead_seconds", self.world.clock.ahead_seconds)
            if "quota" in self.world.misc:
                self.world.remember("quota", self.world.misc["quota"])
            self.world.commit()

    def _own_consumer(self) -> None:
        """The consumer that the portal's operator would have made in Codat's Portal."""
        consumer = self.world.consumers.get(CONSUMER_ID)
        if not self.webhook_secret:
            return
        if consumer is None:
            consumer = Consumer(
                id=CONSUMER_ID,
                url=f"{self.world.portal}/webhooks/codat",
                secret=self.webhook_secret,
                event_types=list(EVENT_TYPES),
            )
            self.world.add(consumer)
        consumer.secret = self.webhook_secret
        self.world.save(consumer)

    def _tick(self) -> None:
        """Lets happen what is due, also while nobody asks."""
        world = self.world
        while not self._stopping.is_set():
            with world.transaction():
                self.gate.quota.turn_the_day()
                due = world.next_moment()
                wait = 1.0 if due is None else min(1.0, world.clock.real_seconds_until(due))
                if wait > 0:
                    world.woken.wait(wait)

    # --- the two origins -----------------------------------------------------------------

    def _api_app(self, control_anywhere: bool) -> Flask:
        app = Flask(__name__, static_folder=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        app.config["CONTROL_ANYWHERE"] = control_anywhere
        app.extensions |= {"world": self.world, "gate": self.gate, "begin": self.begin}
        for operation in OPERATIONS:
            app.add_url_rule(
                operation.rule,
                endpoint=operation.id,
                view_func=self._view(operation),
                methods=[operation.method],
            )
        app.register_blueprint(link)
        app.register_blueprint(control)
        app.register_blueprint(control_page)
        app.register_error_handler(HTTPException, _plain_error)
        return app

    def _view(self, operation: Operation) -> Callable[..., Response]:
        return lambda **ids: self.gate.call(operation, ids)

    def _platform_app(self) -> Flask:
        app = Flask(__name__, static_folder=None)
        app.extensions["world"] = self.world
        app.register_blueprint(platform_sign_in)
        return app


def _serve(app: Flask, host: str, port: int) -> BaseWSGIServer:
    return make_server(host, port, app, threaded=True, request_handler=_Handler)


def _plain_error(error: HTTPException) -> Any:
    """Unknown addresses and methods get Codat's error body, not a page."""
    if error.response is not None:
        return error.response
    code = error.code or 500
    return error_body(code, error.description or error.name), code
