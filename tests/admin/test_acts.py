import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.linking.models import (
    Category,
    Company,
    ConsentText,
    HistoryEntry,
    Lane,
    OutgoingEmail,
    Pause,
    Platform,
)
from onboarding.linking.services import consents
from tests.factories import make_platform


def run(client, model, action, *rows, **more):
    url = reverse(f"admin:linking_{model}_changelist")
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(url, data, follow=True).content.decode()


def hidden(client, url):
    """What the page's form sends by itself: the counts and keys of its inlines."""
    page = client.get(url).content.decode()
    inputs = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page)
    return {name: value for name, value in inputs if "-" in name}


def change_url(row):
    return reverse(f"admin:linking_{row._meta.model_name}_change", args=[row.pk])


def test_look_again_makes_the_lane_due_and_leaves_a_line_of_history(as_charlie, brook):
    Lane.objects.update(due_at=None, hinted=False)
    page = run(as_charlie, "company", "look_again", brook)
    assert "We are looking at 1 company again." in page
    lane = Lane.objects.get(company=brook)
    assert lane.hinted
    assert lane.due_at <= timezone.now()
    entry = HistoryEntry.objects.get(subject="looked_again")
    assert (entry.company, entry.actor, entry.source) == (brook, "Charlie", "staff")


@pytest.mark.parametrize("model", ["company", "lane"])
def test_release_frees_a_lane_that_was_set_aside(as_charlie, brook, model):
    Lane.objects.update(parked_reason="Stopped 5 times", attempts=5, due_at=None)
    row = brook if model == "company" else brook.lane
    page = run(as_charlie, model, "release", row)
    assert "1 piece of work goes on." in page
    lane = Lane.objects.get(company=brook)
    assert (lane.parked_reason, lane.attempts) == ("", 0)
    assert HistoryEntry.objects.get(subject="released").text == "Stopped 5 times"


def test_release_of_what_is_not_set_aside_changes_nothing(as_charlie, brook):
    before = Lane.objects.values().get()
    assert "Nothing was set aside." in run(as_charlie, "lane", "release", brook.lane)
    assert Lane.objects.values().get() == before


def test_a_mail_that_may_have_been_sent_is_released_only_after_a_question(as_charlie, set_aside):
    page = run(as_charlie, "outgoingemail", "release", set_aside)
    assert "Their readers may get them a second time" in page
    set_aside.refresh_from_db()
    assert set_aside.parked_reason
    run(as_charlie, "outgoingemail", "release", set_aside, confirmed="1")
    assert OutgoingEmail.objects.due().get() == set_aside


def test_without_the_permission_there_are_no_such_acts(as_alice, brook):
    Lane.objects.update(parked_reason="Stopped", due_at=None, hinted=False)
    for action in ("look_again", "release"):
        run(as_alice, "company", action, brook)
    lane = Lane.objects.get()
    assert lane.parked_reason
    assert not lane.hinted


def test_acts_reach_only_companies_that_one_may_see(as_alice, alice, harbour):
    alice.user_permissions.add(Permission.objects.get(codename="operate"))
    Lane.objects.update(hinted=False)
    run(as_alice, "company", "look_again", harbour)
    assert not Lane.objects.get(company=harbour).hinted


def test_the_stage_is_shown_with_what_it_follows_from_and_cannot_be_typed(as_charlie, brook):
    page = as_charlie.get(change_url(brook)).content.decode()
    assert "Accounting software – Name to confirm" in page
    assert "What is required decides: Name to confirm." in page
    assert 'name="stage"' not in page
    before = Company.objects.get().stage
    data = {"true_name": brook.true_name, "owner": brook.owner_id, "stage": "ready"}
    data |= hidden(as_charlie, change_url(brook))
    assert as_charlie.post(change_url(brook), data).status_code == 302
    assert Company.objects.get().stage == before


def test_a_new_name_goes_through_the_service_and_into_history(as_charlie, brook):
    data = {"true_name": "Brook and Daughters", "owner": brook.owner_id}
    data |= hidden(as_charlie, change_url(brook))
    assert as_charlie.post(change_url(brook), data).status_code == 302
    brook.refresh_from_db()
    assert brook.true_name == "Brook and Daughters"
    assert HistoryEntry.objects.get(subject="renamed").text == "Brook"


def test_only_who_may_reassign_can_change_the_account_manager(as_charlie, as_alice, brook, bob):
    url, data = change_url(brook), {"true_name": brook.true_name, "owner": bob.pk}
    as_alice.post(url, data | hidden(as_alice, url))
    brook.refresh_from_db()
    assert brook.owner.name == "Alice"
    as_charlie.post(url, data | hidden(as_charlie, url))
    brook.refresh_from_db()
    assert brook.owner == bob
    assert HistoryEntry.objects.get(subject="reassigned").text == "Bob"


def test_saving_a_company_does_not_overwrite_what_a_worker_wrote(as_charlie, brook):
    data = hidden(as_charlie, change_url(brook))
    Company.objects.filter(pk=brook.pk).update(stage="lost", name_at_codat="From Codat")
    data |= {"true_name": "Brook Two", "owner": brook.owner_id}
    as_charlie.post(change_url(brook), data)
    brook.refresh_from_db()
    assert brook.true_name == "Brook Two"
    assert (brook.stage, brook.name_at_codat) == ("lost", "From Codat")


def test_a_corrected_address_is_saved_and_noted_without_the_address(as_charlie, brook):
    contact = brook.primary_contact
    data = {"name": "Olive", "email": "new@brook.example", "language": "", "time_zone": ""}
    as_charlie.post(change_url(contact), data | {"stopped_at_0": "", "stopped_at_1": ""})
    contact.refresh_from_db()
    assert (contact.name, contact.email) == ("Olive", "new@brook.example")
    assert HistoryEntry.objects.get(subject="contact_changed").text == "name, email"


def test_ours_can_be_changed_on_a_platform_and_codats_cannot(as_charlie, db):
    xero = make_platform()
    ours = {"shown": "", "order": "5", "note": "Ask us", "device_class": "any", "idle_days": ""}
    as_charlie.post(change_url(xero), ours | {"name": "Hacked", "enabled": ""})
    xero.refresh_from_db()
    assert (xero.shown, xero.order, xero.note) == (False, 5, "Ask us")
    assert (xero.name, xero.enabled) == ("Xero", True)
    assert Platform.objects.on_offer().count() == 0


def test_a_changed_permission_text_is_a_new_version_and_the_old_one_stays(as_charlie, deployment):
    old = ConsentText.objects.get()
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    data = {"category": "", "language": "en", **dict.fromkeys(sections, "Words")}
    as_charlie.post(change_url(old), data)
    assert ConsentText.objects.count() == 1
    as_charlie.post(change_url(old), data | {"purpose": "Better words"})
    newest, oldest = ConsentText.objects.order_by("-version")
    assert (oldest.purpose, newest.purpose, newest.version) == ("Words", "Better words", 3)


def test_the_first_own_text_does_not_share_its_number_with_the_built_in_one(as_charlie, db):
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    data = {"category": "", "language": "en", **dict.fromkeys(sections, "Words")}
    as_charlie.post(reverse("admin:linking_consenttext_add"), data)
    assert ConsentText.objects.get().version == 2


def translate(client, of, **changes):
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    data = {"category": "", "language": "de", "translation_of": of.pk}
    data |= dict.fromkeys(sections, "Worte") | changes
    return client.post(reverse("admin:linking_consenttext_add"), data)


def test_a_translation_is_the_same_version_in_another_language(as_charlie, deployment):
    english = ConsentText.objects.get()
    translate(as_charlie, english)
    assert set(ConsentText.objects.values_list("language", "version")) == {("en", 2), ("de", 2)}


@pytest.mark.parametrize("wrong", ["language", "category", "twice"])
def test_what_is_no_translation_is_refused(as_charlie, deployment, wrong):
    english = ConsentText.objects.get()
    categories = Category.objects.values_list("pk", flat=True)
    changes = {"language": {"language": "en"}, "category": {"category": categories[0]}}
    if wrong == "twice":
        translate(as_charlie, english)
    before = ConsentText.objects.count()
    page = translate(as_charlie, english, **changes.get(wrong, {}))
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert ConsentText.objects.count() == before


def test_a_text_that_stood_by_itself_becomes_the_translation_of_an_earlier_one(
    as_charlie, deployment
):
    """The number is an older one then, and the text is the newest all the same."""
    english = ConsentText.objects.get()
    translate(as_charlie, english, translation_of="")
    alone = ConsentText.objects.get(language="de")
    assert alone.version == 3
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    data = {"category": "", "language": "de", **dict.fromkeys(sections, "Worte")}
    as_charlie.post(change_url(alone), data | {"translation_of": english.pk})
    xero = Platform.objects.get()
    shown = consents.wording_for(platform=xero, language="de", firm_name="Northbank")
    assert shown.version == 2


def test_there_is_one_branding_at_most(as_charlie, deployment):
    assert as_charlie.get(reverse("admin:linking_branding_add")).status_code == 403


def test_deleting_a_pause_lets_the_work_go_on(as_charlie, deployment):
    pause = Pause.objects.get()
    url = reverse("admin:linking_pause_delete", args=[pause.pk])
    as_charlie.post(url, {"post": "yes"})
    assert not Pause.objects.exists()


def test_staff_are_added_by_email(as_charlie, db):
    data = {
        "email": "New.Person@Example.com",
        "name": "New",
        "usable_password": "true",
        "password1": "a-good-long-one",
        "password2": "a-good-long-one",
    }
    as_charlie.post(reverse("admin:accounts_user_add"), data)
    user = User.objects.get(email="new.person@example.com")
    assert as_charlie.get(reverse("admin:accounts_user_change", args=[user.pk])).status_code == 200
    page = as_charlie.post(reverse("admin:accounts_user_add"), data).content.decode()
    assert "There is already a login with this e-mail address" in page
