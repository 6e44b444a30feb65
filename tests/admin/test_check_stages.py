import pytest
from django.core.management import call_command

from onboarding.linking.models import Company, Lane, Problem
from tests.factories import make_connection, make_identity, restage


@pytest.fixture
def settled(company):
    """A company whose stored words follow from its facts, and whose lane has nothing to do."""
    make_identity(make_connection(company, status="Linked"))
    restage(company)
    Lane.objects.update(due_at=None)
    return company


def test_nothing_is_found_where_everything_follows_from_the_facts(settled, capsys):
    call_command("check_stages")
    assert "Done!" in capsys.readouterr().out


def test_a_stored_stage_that_the_facts_do_not_give_is_named(settled, capsys):
    Company.objects.update(stage="ready")
    with pytest.raises(SystemExit) as end:
        call_command("check_stages")
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert f"{settled.public_id}: stage is ready, should be confirming" in out
    assert Company.objects.get().stage == "ready"


def test_a_problem_that_should_have_been_cleared_is_named(settled, now, capsys):
    Problem.objects.create(company=settled, reason="refused", since=now)
    with pytest.raises(SystemExit):
        call_command("check_stages")
    assert "problem refused is open, should be nothing" in capsys.readouterr().out


def test_who_is_due_for_a_turn_is_left_out(settled, now, capsys):
    Company.objects.update(stage="ready")
    Lane.objects.update(due_at=now)
    call_command("check_stages")
    assert "Done!" in capsys.readouterr().out
