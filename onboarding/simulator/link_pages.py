"""The imitation of Link, and of the platforms' sign-in on another origin.

`linkUrl` → 303 → the platform's sign-in (forms without script) → 303 → back through the Link origin
→ 303 → the portal's redirect address, filled from the template in the profile.
"""

import re
import secrets
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request

from . import assumptions, connecting
from .catalogue import PLATFORMS, Platform
from .organisations import seen_by
from .records import Connection, LinkSession
from .tiles import tile
from .world import World

link = Blueprint("link", __name__, template_folder="templates")
platform_sign_in = Blueprint("platform", __name__, template_folder="templates")

# Filled for these platforms only; documented.
_NAMED_IN_RETURN = {"trji", "akxx", "qhyg", "knfz", "gbol"}
_ACTIONS = {"allow", "cancel", "fail", "not_supported"}


def _world() -> World:
    world: World = current_app.extensions["world"]
    return world


# --- Link, on the API's origin ---------------------------------------------------------------


@link.get("/companies/<company_id>/connections/<connection_id>/start")
def start(company_id: str, connection_id: str) -> Any:
    """Uses up the one-time password and opens the platform's sign-in."""
    world = _world()
    with world.transaction():
        connection = world.connections.get(connection_id)
        if connection is None or connection.company_id != company_id:
            return _notice("This link leads nowhere", 404)
        if request.method == "HEAD":
            return Response()  # a look, not a visit
        if not _password_is_good(world, connection):
            return _notice("This link has been used or has expired", 410)
        parameters = request.args.to_dict()
        parameters.pop("otp", None)
        session = world.add(
            LinkSession(
                id=secrets.token_urlsafe(12),
                company_id=company_id,
                connection_id=connection_id,
                opened=world.now,
                parameters=parameters,
            )
        )
        url = f"{world.platform_origin}/{connection.platform_key}/sign-in/{session.id}"
    return redirect(url, 303)


def _password_is_good(world: World, connection: Connection) -> bool:
    if not world.settings["otp"]:
        return True
    issued = connection.otps.pop(request.args.get("otp", ""), None)
    world.save(connection)
    return issued is not None and world.now - issued <= assumptions.OTP_SECONDS


@link.get("/company/<company_id>")
def choose_platform(company_id: str) -> Any:
    """The company's own link would show Codat's chooser; portals with their own do without it."""
    return _notice("Codat’s own platform chooser is not imitated", 200)


@link.get("/link/finish/<session_id>")
def finish(session_id: str) -> Any:
    """The way back from the platform. Takes effect once; the same address leads on again."""
    world = _world()
    with world.transaction():
        session = world.links.get(session_id)
        connection = world.connections.get(session.connection_id) if session else None
        if session is None or connection is None or session.outcome is None:
            return _notice("This link leads nowhere", 404)
        if session.return_url is None:
            code, message = _apply(world, session, connection)
            session.return_url = return_url(world, session, connection, code, message)
            world.save(session)
        url = session.return_url
    if not url:
        return _notice("Thank you, you can close this page", 200)
    return redirect(url, 303)


def _apply(world: World, session: LinkSession, connection: Connection) -> tuple[int, str]:
    if session.outcome != "allow":
        return connecting.refuse(world, connection, session.outcome or "fail")
    return connecting.authorize(
        world,
        connection,
        session.organisation,
        bank=session.parameters.get("_bank"),
        machine_on=session.parameters.get("_machine", "on") == "on",
    )


def return_url(
    world: World, session: LinkSession, connection: Connection, code: int, message: str
) -> str:
    """The profile's redirect template filled: reserved names first, then the Link URL's query."""
    platform = PLATFORMS[connection.platform_key]
    named = connection.granted if code == 200 and platform.key in _NAMED_IN_RETURN else None
    reserved = {
        "clientId": world.misc["client_id"],
        "connectionId": connection.id,
        "companyId": connection.company_id,
        "integrationId": platform.integration_id,
        "sourceId": connection.source_id,
        "platform": platform.key,
        "platformName": connection.platform_name,
        "sourceType": platform.source_type.lower(),
        "statusCode": str(code),
        "errorMessage": message,
        "statusText": message,
        "data.company.companyName": named["name"] if named else "",
    }
    values = session.parameters | reserved
    template = world.misc["profile"]["redirectUrl"]
    return re.sub(r"\{([^{}]+)\}", lambda m: quote(values.get(m[1], ""), safe=""), template)


@link.get("/logos/<key>/<shape>.png")
def logo(key: str, shape: str) -> Any:
    if key not in PLATFORMS or shape not in {"square", "full", "button", "hover"}:
        return Response(status=404)
    answer = Response(tile(PLATFORMS[key], shape), content_type="image/png")
    answer.headers["Cache-Control"] = "max-age=3600"
    return answer


@link.get("/installer/<key>")
def installer(key: str) -> Any:
    """Stands for the connector's installer of desktop software."""
    platform = PLATFORMS.get(key)
    if platform is None or not platform.is_offline:
        return Response(status=404)
    answer = Response("This is an imitation. There is nothing to install.\n", mimetype="text/plain")
    name = f"{platform.name.replace(' ', '')}-connector-imitation.txt"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _notice(heading: str, status: int) -> Any:
    return render_template("notice.html", heading=heading), status


# --- the platform, on its own origin ---------------------------------------------------------


@platform_sign_in.get("/<key>/sign-in/<session_id>")
def sign_in(key: str, session_id: str) -> Any:
    world = _world()
    with world.transaction():
        session = world.links.get(session_id)
        connection = world.connections.get(session.connection_id) if session else None
        if session is None or connection is None or key != connection.platform_key:
            return _notice("This sign-in has ended", 404)
        if session.outcome is not None:
            return redirect(_back(world, session), 303)
        company = world.companies[session.company_id]
        seen = company.organisations or seen_by(company.id, company.name)
        return _sign_in_page(world, PLATFORMS[key], connection, seen)


def _sign_in_page(
    world: World, platform: Platform, connection: Connection, seen: list[dict[str, Any]]
) -> str:
    return render_template(
        "sign_in.html",
        platform=platform,
        organisations=seen,
        secret=connection.desktop_secret if platform.is_offline else "",
        logo=f"{world.link_origin}/logos/{platform.key}/square.png",
        installer=f"{world.link_origin}/installer/{platform.key}",
    )


@platform_sign_in.post("/<key>/sign-in/<session_id>")
def answer_sign_in(key: str, session_id: str) -> Any:
    """One of the buttons. The first counts; a second press only leads back."""
    world = _world()
    action = request.form.get("action", "")
    with world.transaction():
        session = world.links.get(session_id)
        if session is None or action not in _ACTIONS:
            return _notice("This sign-in has ended", 404)
        if session.outcome is None:
            session.outcome = action
            session.organisation = request.form.get("organisation")
            session.parameters["_bank"] = request.form.get("bank", "")
            session.parameters["_machine"] = request.form.get("machine", "off")
            world.save(session)
        return redirect(_back(world, session), 303)


def _back(world: World, session: LinkSession) -> str:
    return f"{world.link_origin}/link/finish/{session.id}?{urlencode({'code': session.id[:6]})}"
