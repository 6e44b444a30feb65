"""A worker killed with `kill -9` costs one lease and one sweep, and nothing happens twice."""

import time

from tests.simulated import eventually

from .stack import LEASE_SECONDS, SWEEP_SECONDS
from .stalled_mail import stalled_mail_server

SOON = LEASE_SECONDS + SWEEP_SECONDS + 5
"""One lease, one sweep, and time for the work itself on a busy machine."""


def test_killed_in_a_write(stack, customer):
    stack.simulator.fault("create-company", "cut")  # the web's own attempt
    stack.simulator.fault("create-company", "slow:2.5")
    customer.starts()
    customer.chooses()
    customer.ticks_the_box()
    customer.button("Agree and go to Xero").click()
    customer.sees("Opening Xero")
    eventually(lambda: stack.simulator.calls_of("create-company") == 2, what="the write")
    stack.worker.kill()
    assert customer.company["is_held"]
    assert customer.company["codat_id"] is None

    stack.start_worker_again()
    eventually(lambda: customer.company["connections"], seconds=SOON, what="the write's end")
    assert customer.at_codat["connection"]["status"] == "PendingAuth"
    customer.waits_for(customer.button("Go to Xero"))
    customer.presses_go()
    customer.allows_access()
    customer.says_yes()


def test_killed_in_a_read(stack, customer):
    customer.goes_to_the_software()
    stack.settle()
    stack.simulator.control("DELETE", "/calls")
    stack.simulator.fault("get-company", "slow:2.5")
    customer.answers_at_the_software("Allow access")
    eventually(lambda: stack.simulator.calls_of("get-company"), what="the read")
    stack.worker.kill()
    assert customer.company["is_held"]

    stack.start_worker_again()
    eventually(
        lambda: customer.company["connections"][0]["status"] == "Linked",
        seconds=SOON,
        what="the read's end",
    )
    customer.sees("Is this your business?")
    customer.says_yes()


def test_killed_in_a_mail_which_is_never_sent_twice(stack):
    name, email = f"Mail {time.time_ns()} Ltd", f"mail{time.time_ns()}@business.example"
    with stalled_mail_server() as server:
        stack.worker.start(EMAIL_URL=server.url)
        stack.inside.ask("invite", name=name, email=email)
        assert server.has_the_message.wait(20)
        stack.worker.kill()
    assert [each["parked"] for each in stack.company(name)["emails"]] == [""]

    stack.start_worker_again()
    eventually(lambda: stack.company(name)["emails"][0]["parked"], seconds=SOON, what="parking")
    (email_row,) = stack.company(name)["emails"]
    assert email_row["parked"].startswith("May have been sent")
    assert not email_row["sent"]
    stack.settle()
    assert stack.mails_to(email) == []
    assert "mail_not_delivered" in stack.company(name)["problems"]
