from django.urls import path, re_path

from .views import (
    agreeing,
    asking,
    checking,
    confirming,
    connecting,
    desktop,
    files,
    helping,
    languages,
    leaving,
    mailed,
    managing,
    pausing,
    pictures,
    preparing,
    starting,
    switching,
)

app_name = "journey"

urlpatterns = [
    path("", starting.start, name="start"),
    path("connect/<slug:platform_key>/", starting.start, name="start_with"),
    path("guide/", asking.how_it_works, name="how_it_works"),
    path("write/", asking.write_as_visitor, name="write_as_visitor"),
    path("sent/", starting.start_sent, name="start_sent"),
    path("connections/", mailed.way_in, name="way_in"),
    path("language/", languages.set_language, name="set_language"),
    path("i/<str:token>/", mailed.invitation, name="invitation"),
    path("i/<str:token>/not-for-me/", mailed.not_for_me, name="not_for_me"),
    path("i/<str:token>/new/", mailed.invitation_renew, name="invitation_renew"),
    path("i/<str:token>/stop/", mailed.stop_reminders, name="stop_reminders"),
    path("link/return", connecting.link_return, name="link_return"),
    re_path(
        r"^logos/(?P<key>[a-z0-9]{1,16})-(?P<digest>[0-9a-f]{1,64})\.png$",
        pictures.logo,
        name="logo",
    ),
    re_path(r"^brand/(?P<digest>[0-9a-f]{1,64})\.css$", pictures.brand, name="brand"),
    re_path(
        r"^brand/(?P<digest>[0-9a-f]{1,64})\.png$", pictures.brand_picture, name="brand_picture"
    ),
    path("journey/<uuid:company>/software/", starting.choose, name="choose"),
    path("journey/<uuid:company>/write/", asking.write, name="write"),
    path("journey/<uuid:company>/pause/", pausing.pause, name="pause"),
    path("journey/<uuid:company>/not-listed/", starting.not_listed, name="not_listed"),
    path("journey/<uuid:company>/files/", files.send_files, name="send_files"),
    path("journey/<uuid:company>/files/sent/", files.files_sent, name="files_sent"),
    path(
        "journey/<uuid:company>/files/<uuid:file_id>/remove/",
        files.remove_file,
        name="remove_file",
    ),
    path(
        "journey/<uuid:company>/permission/<slug:platform_key>/",
        agreeing.permission,
        name="permission",
    ),
    path("journey/<uuid:company>/leave/<slug:platform_key>/", connecting.leave, name="leave"),
    path(
        "journey/<uuid:company>/connections/<uuid:connection_id>/reconnect/",
        connecting.reconnect,
        name="reconnect",
    ),
    path("journey/<uuid:company>/another/<slug:platform_key>/", connecting.another, name="another"),
    path("journey/<uuid:company>/switch/<slug:platform_key>/", switching.switch, name="switch"),
    path("journey/<uuid:company>/computer/<slug:platform_key>/", desktop.computer, name="computer"),
    path("journey/<uuid:company>/computer/<slug:platform_key>/steps/", desktop.guide, name="guide"),
    path(
        "journey/<uuid:company>/computer/<slug:platform_key>/send/",
        desktop.send_steps,
        name="send_steps",
    ),
    path(
        "journey/<uuid:company>/computer/<slug:platform_key>/waiting/",
        desktop.waiting,
        name="waiting",
    ),
    path("journey/<uuid:company>/tell-me/<slug:platform_key>/", leaving.tell_me, name="tell_me"),
    path(
        "journey/<uuid:company>/preparing/<slug:platform_key>/",
        preparing.preparing,
        name="preparing",
    ),
    path(
        "journey/<uuid:company>/hand-over/<slug:platform_key>/", helping.hand_over, name="hand_over"
    ),
    path(
        "journey/<uuid:company>/hand-over/<slug:platform_key>/remind/",
        helping.hand_over_remind,
        name="hand_over_remind",
    ),
    path(
        "journey/<uuid:company>/hand-over/<slug:platform_key>/take-back/",
        helping.hand_over_take_back,
        name="hand_over_take_back",
    ),
    path("journey/<uuid:company>/helping/<slug:platform_key>/", helping.helping, name="helping"),
    path("journey/<uuid:company>/progress/", checking.progress, name="progress"),
    path("journey/<uuid:company>/confirm/", confirming.confirm, name="confirm"),
    path("journey/<uuid:company>/confirm/later/", confirming.name_later, name="name_later"),
    path(
        "journey/<uuid:company>/confirm/same-business/",
        confirming.same_business,
        name="same_business",
    ),
    path("journey/<uuid:company>/done/", checking.done, name="done"),
    path("journey/<uuid:company>/connections/", checking.connections, name="connections"),
    path(
        "journey/<uuid:company>/connections/<uuid:connection_id>/disconnect/",
        managing.disconnect,
        name="disconnect",
    ),
    path(
        "journey/<uuid:company>/connections/<uuid:connection_id>/disconnected/",
        managing.disconnected,
        name="disconnected",
    ),
    path("journey/<uuid:company>/receipt/<slug:platform_key>/", managing.receipt, name="receipt"),
    path("journey/<uuid:company>/delete/", managing.ask_to_delete, name="ask_to_delete"),
    path("journey/<uuid:company>/sign-in-link/", managing.sign_in_link, name="sign_in_link"),
    path("journey/<uuid:company>/sign-out/", checking.sign_out, name="sign_out"),
    path("journey/<uuid:company>/new-link/", checking.session_renew, name="session_renew"),
]
