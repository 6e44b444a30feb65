"""Redis only makes things sooner: without it every page answers, and nothing is lost."""

import re
import time


def test_the_journey_goes_on_without_redis_and_completes_when_it_is_back(stack, customer):
    customer.starts()
    journey = customer.page.url.removesuffix("software/")
    stack.redis.stop()
    customer.page.reload()
    customer.sees("What software do you use?")
    customer.chooses()
    customer.agrees()
    customer.answers_at_the_software("Allow access")
    customer.sees(re.compile("Reading your business name|We are checking"))
    looker = customer.page.context.new_page()
    for address in (
        "/",
        *(f"{journey}{page}/" for page in ("software", "permission/xero", "leave/gbol")),
        *(f"{journey}{page}/" for page in ("preparing/gbol", "progress", "confirm", "done")),
        f"{journey}connections/",
        "/link/return?statusCode=200",
        "/health/web",
    ):
        begun = time.monotonic()
        answer = looker.goto(address)
        assert answer.status == 200, f"{address}: {answer.status}"
        assert time.monotonic() - begun < 4, f"{address} waited for Redis"

    stack.redis.start()
    stack.worker.wait_ready()
    stack.beat.wait_ready()
    customer.page.reload()  # polls come ever more rarely
    customer.sees("Is this your business?")
    customer.says_yes()
    assert customer.at_codat["connection"]["status"] == "Linked"
