"""Whole journeys in a real browser, against the whole portal really running."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.requirements import CHROMIUM_SWITCHES, find_chromium

from .customer import Customer
from .stack import Stack

PHONE = "Mozilla/5.0 (Linux; Android 14; Mobile) Chrome/130.0"
STACK = pytest.StashKey[Stack]()


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": find_chromium(), "args": CHROMIUM_SWITCHES}


@pytest.fixture(scope="session")
def running_stack(request, tmp_path_factory) -> Iterator[Callable[[str], Stack]]:
    """`running_stack("sqlite")`, or `"postgresql"`: started once, of this test process alone."""
    stacks: dict[str, Stack] = {}

    def running(database: str) -> Stack:
        if database not in stacks:
            url = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
            stack = Stack(tmp_path_factory.mktemp("portal"), database_url=url)
            stacks[database] = request.config.stash[STACK] = stack
            stack.start()
        return stacks[database]

    yield running
    for stack in stacks.values():
        stack.stop()


@pytest.fixture
def stack(request, running_stack) -> Iterator[Stack]:
    """Whole at the start of each story, and in order at its end.

    On SQLite, unless a story asks for PostgreSQL, or all do by STORIES_DATABASE=postgresql.
    """
    usual = os.environ.get("STORIES_DATABASE", "sqlite")
    stack = request.config.stash[STACK] = running_stack(getattr(request, "param", usual))
    stack.make_whole()
    yield stack
    stack.make_whole()
    stack.settle()


@pytest.fixture
def make_customer(stack, new_context) -> Iterator[Callable[..., Customer]]:
    """`make_customer(script=…, phone=…)`: a person with a browser of their own.

    No page of any story may break its own Content-Security-Policy.
    """
    made: list[Customer] = []

    def make(*, script: bool = True, phone: bool = False) -> Customer:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = new_context(
            base_url=stack.url,
            java_script_enabled=script,
            viewport=size,
            is_mobile=phone,
            has_touch=phone,
            user_agent=PHONE if phone else None,
        )
        made.append(Customer(stack, context.new_page(), script=script))
        return made[-1]

    yield make
    for customer in made:
        assert [each for each in customer.complaints if "Content Security Policy" in each] == []


@pytest.fixture
def customer(make_customer) -> Customer:
    return make_customer()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    stack = item.config.stash.get(STACK, None)
    if report.failed and stack is not None:
        report.sections.append(("logs of the stack", stack.logs()))
    return report
