"""Small storms, and what the storm itself promises: `python -m tests.storm` runs larger ones."""

import itertools
import subprocess
import sys

import pytest

from tests.codat.scripted import ScriptedServer
from tests.postgres import find_postgres

from .customer import Customer, Stuck
from .scripts import KINDS, write_scripts
from .weather import DATABASE, MIXES, forecast


def ride_out(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.storm", *arguments],
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr[-3000:]


def test_without_trouble_every_script_ends_where_it_says():
    ride_out("--journeys", str(len(KINDS)), "--mix", "none", "--database", "sqlite")


@pytest.mark.timeout(900)
def test_twenty_customers_on_sqlite_lose_and_double_nothing():
    ride_out("--journeys", "20", "--database", "sqlite")


@pytest.mark.timeout(300)
def test_answers_lost_until_no_key_may_be_repeated_double_nothing():
    ride_out("--journeys", "10", "--mix", "api,keys", "--database", "sqlite")


@pytest.mark.timeout(900)
def test_a_hundred_customers_on_postgresql_lose_and_double_nothing():
    find_postgres()
    mix = ",".join((*MIXES, DATABASE))
    ride_out("--journeys", "100", "--mix", mix, "--database", "postgres")


def test_the_same_seed_gives_the_same_scripts_and_the_same_weather():
    def weather(seed):
        return list(itertools.islice(forecast(MIXES, seed, 2), 50))

    assert write_scripts(50, 7) == write_scripts(50, 7)
    assert write_scripts(50, 7) != write_scripts(50, 8)
    assert weather(7) == weather(7)
    assert weather(7) != weather(8)


def test_even_a_small_storm_has_customers_of_every_kind_and_trouble_of_every_kind():
    assert {script.kind.name for script in write_scripts(len(KINDS), 1)} == {k.name for k in KINDS}
    soon = itertools.islice(forecast(MIXES, 1, 2), len(MIXES))
    assert {trouble.mix for trouble in soon} == set(MIXES)


@pytest.mark.parametrize("fault", ["cut", "cut short"])
def test_a_customer_whose_page_breaks_off_tries_again(fault):
    """A web server killed before its answer, or in the middle of it."""
    with ScriptedServer() as web:
        web.reply(200, b"<h1>Connect", fault=fault)
        web.reply(404, b"<h1>Not here</h1>")
        customer = Customer(write_scripts(1, 1)[0], web.url, "http://127.0.0.1:9", lambda _: None)
        with pytest.raises(Stuck, match="Not here"):
            customer.live()
    assert "the page cannot be reached" in customer.story[0]
    assert len(web.asked) == 2
