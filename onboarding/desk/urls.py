from django.urls import path

from . import acts, answers, views

app_name = "desk"

_company = "companies/<uuid:public_id>/"

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("companies/", views.companies, name="companies"),
    path("companies/add/", views.add, name="add"),
    path(_company, views.company, name="company"),
    path(f"{_company}send-link/", acts.send_link, name="send_link"),
    path(f"{_company}look-again/", acts.look_again, name="look_again"),
    path(
        f"{_company}connections/<uuid:connection_id>/relink/",
        acts.relink,
        name="relink",
    ),
    path(f"{_company}links/<uuid:invitation_id>/revoke/", acts.revoke, name="revoke"),
    path(f"{_company}deletion/", answers.deletion, name="deletion"),
    path(f"{_company}not-listed/", answers.not_listed, name="not_listed"),
]
