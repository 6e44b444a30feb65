import pytest
from django.template import Context, Template
from django_htmx.middleware import HtmxDetails

from onboarding.ui.htmx import is_fragment, looks_so_far, poll_delay, render_page

PAGE, PART = "ui/empty.html", "ui/progress_list.html"


@pytest.fixture
def ask(rf):
    def request(path="/", **headers):
        made = rf.get(path, headers={name.replace("_", "-"): v for name, v in headers.items()})
        made.htmx = HtmxDetails(made)
        return made

    return request


def answer(request, **kwargs):
    return render_page(request, PAGE, {"firm": {}}, fragment=PART, fragment_id="list", **kwargs)


def test_a_browser_gets_the_page(ask):
    assert b'class="empty"' in answer(ask()).content


def test_htmx_gets_the_part_that_it_will_replace(ask):
    response = answer(ask(HX_Request="true", HX_Target="list"))
    assert b'class="progress"' in response.content
    assert b'class="empty"' not in response.content


@pytest.mark.parametrize(
    "headers",
    [
        {"HX_Target": "another"},
        {"HX_Target": "list", "HX_History_Restore_Request": "true"},
        {"HX_Target": "list", "HX_Boosted": "true"},
    ],
)
def test_htmx_gets_the_page_for_another_target_for_history_and_when_boosted(ask, headers):
    request = ask(HX_Request="true", **headers)
    assert not is_fragment(request, "list")
    assert b'class="empty"' in answer(request).content


def test_any_target_will_do_where_none_is_named(ask):
    assert is_fragment(ask(HX_Request="true", HX_Target="whatever"))


def test_a_request_that_never_met_htmx_gets_the_page(rf):
    assert not is_fragment(rf.get("/", headers={"HX-Request": "true"}))


def test_answers_about_a_customer_are_not_stored_and_vary_by_asker(ask):
    for request in (ask(), ask(HX_Request="true", HX_Target="list")):
        response = answer(request, status=422)
        assert response.status_code == 422
        assert response["Cache-Control"] == "no-store"
        assert "HX-Request" in response["Vary"]


def test_looks_grow_rarer_and_end_after_ten_minutes():
    delays = []
    while (delay := poll_delay(len(delays))) is not None:
        delays.append(delay)
    assert delays[:11] == [1, 1, 2, 2, 3, 3, 5, 8, 15, 30, 30]
    assert 600 <= sum(delays) < 630


def test_looks_are_close_together_while_the_next_page_is_seconds_away():
    delays = []
    while (delay := poll_delay(len(delays), eager=True)) is not None:
        delays.append(delay)
    assert delays[:32] == [1] * 30 + [2, 2]
    assert delays[-1] == 30
    assert 600 <= sum(delays) < 630


@pytest.mark.parametrize(
    ("query", "looks"), [("", 0), ("?looks=7", 7), ("?looks=-1", 0), ("?looks=x", 0),
                         ("?looks=99999999", 0), ("?looks=٣", 0)],
)  # fmt: skip
def test_the_count_of_looks_is_read_with_care(rf, query, looks):
    assert looks_so_far(rf.get("/" + query)) == looks


def test_a_polling_part_counts_its_looks_and_a_final_one_asks_no_more():
    template = Template("{% load ui %}<div {% poll url delay 3 %}></div>")
    polling = template.render(Context({"url": "/status/?a=1&b=2", "delay": 8}))
    assert 'hx-get="/status/?a=1&amp;b=2"' in polling
    assert 'hx-trigger="load delay:8s"' in polling
    assert '"looks": 4' in polling
    assert template.render(Context({"delay": None})) == "<div ></div>"
