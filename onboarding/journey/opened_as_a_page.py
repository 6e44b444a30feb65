"""An address that only a form leads to, opened like a page: by a reload, or out of the history."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from onboarding.journey.views import page_not_found

View = Callable[[HttpRequest], HttpResponse]


def opened_as_a_page(get_response: View) -> View:
    """Django answers such a request with 405 and nothing to read: here it has a way on."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_seen = request.method == "GET" and request.accepts("text/html")
        if response.status_code == 405 and is_seen and not response.content:
            response.content = page_not_found(request).content
            response["Cache-Control"] = "no-store"
        return response

    return answer
