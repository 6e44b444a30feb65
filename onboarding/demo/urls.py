from django.urls import path

from . import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mails, name="mails"),
    path("mail.json", views.mails_json, name="mails-json"),
    path("mail/<str:mail_id>/html", views.mail_html, name="mail-html"),
]
