from django.urls import path

from . import acts, answers, changes, comparing, files, names, reads, records, views

app_name = "desk"

_company = "companies/<uuid:public_id>/"
_connection = f"{_company}connections/<uuid:connection_id>/"

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("companies/", views.companies, name="companies"),
    path("companies/add/", views.add, name="add"),
    path(_company, views.company, name="company"),
    path(f"{_company}send-link/", acts.send_link, name="send_link"),
    path(f"{_company}look-again/", acts.look_again, name="look_again"),
    path(f"{_connection}relink/", acts.relink, name="relink"),
    path(f"{_connection}send-steps/", acts.send_steps, name="send_steps"),
    path(f"{_connection}refresh/", reads.refresh, name="refresh"),
    path(f"{_connection}unlink/", changes.unlink, name="unlink"),
    path(f"{_connection}delete/", changes.delete, name="delete"),
    path(f"{_connection}names/", names.names, name="names"),
    path(f"{_connection}compare/", comparing.compare, name="compare"),
    path(f"{_connection}confirm-with-customer/", names.ask_customer, name="ask_customer"),
    path(f"{_connection}whose/", names.say_whose, name="say_whose"),
    path(f"{_company}links/<uuid:invitation_id>/revoke/", acts.revoke, name="revoke"),
    path(f"{_company}rename/", changes.rename, name="rename"),
    path(f"{_company}address/", changes.address, name="address"),
    path(f"{_company}account-manager/", changes.reassign, name="reassign"),
    path(f"{_company}note/", changes.note, name="note"),
    path(f"{_company}close/", changes.close, name="close"),
    path(f"{_company}reopen/", changes.reopen, name="reopen"),
    path(f"{_company}records/", records.records, name="records"),
    path(f"{_company}deletion/", answers.deletion, name="deletion"),
    path(f"{_company}files/seen/", files.files_seen, name="files_seen"),
    path(f"{_company}files/<uuid:file_id>/", files.file, name="file"),
    path(f"{_company}not-listed/", answers.not_listed, name="not_listed"),
]
