import pytest

from onboarding.desk import wording
from onboarding.linking.stages import ConnectionStage, LinkStatus, Reason, Stage
from onboarding.ui.templatetags.ui import TONES

WORDS = [
    *((stage, wording.STAGES.get(stage)) for stage in Stage),
    *((stage, wording.CONNECTION_STAGES.get(stage)) for stage in ConnectionStage),
]


@pytest.mark.parametrize(("name", "words"), WORDS)
def test_every_stage_has_a_label_a_tone_and_advice(name, words):
    assert words.label
    assert words.advice
    assert words.tone in TONES


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_heading_advice_and_a_next_step(reason):
    words = wording.REASONS[reason]
    assert words.heading
    assert words.advice
    assert words.button
    assert words.tone in TONES


@pytest.mark.parametrize("status", list(LinkStatus))
def test_every_link_status_has_a_word(status):
    word, tone = wording.link_status_words(status.value)
    assert word
    assert tone in TONES


def test_a_status_codat_invents_tomorrow_is_shown_as_unknown():
    word, tone = wording.status_words("Reauthorising")
    assert word == "Unknown"
    assert tone not in TONES


def test_a_sentence_without_all_its_facts_is_left_out():
    known = {"expected": "Brook", "found": "Harbour"}
    assert wording.sentence("wrong_company", known) == "Expected Brook, got Harbour."
    assert wording.sentence("wrong_company", {"expected": "Brook", "found": ""}) == ""
