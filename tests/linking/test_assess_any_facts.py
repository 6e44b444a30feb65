"""Whatever the facts are, all of them: one answer, which holds until the moment it names."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.linking.stages import (
    READING_OF_STATUS,
    ConnectionFacts,
    Facts,
    IdentityFacts,
    InvitationFacts,
    OperationFacts,
    ReadWindow,
    assess,
)

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)

moments = st.datetimes(
    min_value=(NOW - timedelta(days=2000)).replace(tzinfo=None),
    max_value=(NOW + timedelta(days=2000)).replace(tzinfo=None),
    timezones=st.just(UTC),
)
durations = st.timedeltas(timedelta(0), timedelta(days=100))
data_types = st.sampled_from(["company", "invoices", "banking-accounts"])
categories = st.sampled_from(["accounting", "banking", "expense", "other"])
times = st.times()

BY_TYPE = {
    bool: st.booleans(),
    datetime: moments,
    datetime | None: st.none() | moments,
    timedelta | None: st.none() | durations,
}


def any_of(cls, **own):
    """Every field varies: by its own strategy, else by its type; a field with neither fails."""
    hints = get_type_hints(cls)
    known = {f.name: own[f.name] if f.name in own else BY_TYPE[hints[f.name]] for f in fields(cls)}
    assert own.keys() <= known.keys()
    return st.builds(cls, **known)


windows = any_of(ReadWindow, opens=times, closes=times, zone=st.just(UTC)).filter(
    lambda window: window.opens != window.closes
)
operations = any_of(
    OperationFacts,
    codat_id=st.uuids().map(str),
    data_type=data_types,
    status=st.sampled_from([*READING_OF_STATUS, "Pondering", ""]),
    description=st.sampled_from(["", "No answer from the computer"]),
)
connections = any_of(
    ConnectionFacts,
    id=st.integers(1, 9),
    codat_id=st.sampled_from(["c", "d"]),
    category=categories,
    source_type=st.sampled_from(["Accounting", "Banking", "Commerce", "Expense", "Odd"]),
    status=st.sampled_from(["PendingAuth", "Linked", "Unlinked", "Deauthorized", "Frozen", ""]),
    read_window=st.none() | windows,
    needed=st.lists(data_types, unique=True).map(tuple),
    offered=st.frozensets(data_types),
    identity=st.none() | any_of(IdentityFacts),
    last_error_code=st.sampled_from(["", "403", "500", "501", "odd"]),
    operations=st.lists(operations, max_size=4).map(tuple),
)
series = st.sampled_from(["", "a series"])
any_facts = any_of(
    Facts,
    required=st.lists(categories, unique=True, max_size=2).map(tuple),
    one_only=st.lists(categories, unique=True, max_size=2).map(tuple),
    connections=st.lists(connections, max_size=3, unique_by=lambda c: c.id).map(tuple),
    invitation=st.none() | any_of(InvitationFacts),
    reminder_series=series,
    reminded=st.dictionaries(series, st.tuples(st.integers(0, 4), st.none() | moments)),
)


@settings(max_examples=300, deadline=None)
@given(known=any_facts, now=moments, share=st.floats(0, 1))
def test_any_facts_give_one_answer_that_holds_until_the_moment_it_names(known, now, share):
    assessment = assess(known, now)

    assert assessment == assess(known, now)
    assert set(assessment.connections) == {c.id for c in known.connections}
    if known.closed:
        assert assessment.problems == frozenset()
        assert assessment.writes == assessment.emails == ()
    assert assessment.changes_at is None or assessment.changes_at > now
    end = assessment.changes_at or now + timedelta(days=4000)
    later = min(now + (end - now) * share, end - timedelta(microseconds=1))
    assert replace(assess(known, later), changes_at=None) == replace(assessment, changes_at=None)
