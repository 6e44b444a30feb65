import pytest
import redis
from django.core.management import call_command

from onboarding.linking import codat_client, shared_redis
from onboarding.linking.management.commands import doctor


@pytest.fixture
def report(capsys):
    """Runs the doctor; returns its exit code and its lines by their beginning."""

    def run():
        try:
            call_command("doctor")
            code = 0
        except SystemExit as end:
            code = end.code
        return code, capsys.readouterr().out

    return run


def test_everything_answers(db, simulator, report):
    code, out = report()
    assert code == 0, out
    for line in ("✓ Database answers", "✓ Redis answers", "✓ Codat accepts the key"):
        assert line in out
    assert "✗" not in out


def test_it_prints_what_to_paste_into_codats_portal(db, simulator, report):
    _, out = report()
    assert (
        "http://testserver/link/return?companyId={companyId}&connectionId={connectionId}"
        "&statusCode={statusCode}&errorMessage={errorMessage}&state={state}" in out
    )
    assert "http://testserver/webhooks/codat" in out


def test_a_key_that_codat_refuses_is_named_with_its_cure(db, simulator, settings, report):
    settings.CODAT_API_KEY = "wrong-key-of-somebody"
    codat_client.for_worker.cache_clear()
    code, out = report()
    assert code == 1
    assert "✗ Codat refuses the key" in out
    assert "copy CODAT_API_KEY anew" in out


def test_a_codat_that_is_away_is_told_from_one_that_refuses(db, simulator, settings, report):
    settings.CODAT_BASE_URL = "http://127.0.0.1:9"
    codat_client.for_worker.cache_clear()
    code, out = report()
    assert code == 1
    assert "✗ Codat: no good answer from http://127.0.0.1:9" in out


def test_a_webhook_consumer_that_codat_disabled_is_named(db, simulator, report):
    simulator.settings(portal="http://testserver")
    (consumer,) = simulator.state()["consumers"]
    simulator.control("POST", f"/consumers/{consumer['id']}", {"disabled": True})
    code, out = report()
    assert code == 1
    assert "enable it in Codat's Portal" in out


def test_without_a_consumer_of_its_own_address_it_only_advises(db, simulator, report):
    code, out = report()
    assert code == 0
    assert (
        "! Codat has no webhook consumer with the address http://testserver/webhooks/codat" in out
    )


def test_redis_away_is_one_line_and_does_not_stop_the_rest(db, simulator, settings, report):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    shared_redis.shared_redis.cache_clear()
    code, out = report()
    assert code == 1
    assert "✗ Redis: no answer" in out
    assert "✓ Codat accepts the key" in out


def test_what_is_not_set_is_named(db, real_redis, settings, report):
    settings.CODAT_API_KEY = ""
    settings.CODAT_WEBHOOK_SECRETS = []
    settings.DEMO = False
    settings.LINK_KEYS_GIVEN = False
    code, out = report()
    assert code == 1
    for line in (
        "✗ Codat: no API key",
        "✗ Webhook signing secrets: 0",
        "✗ Keys that sign mailed links",
        "✗ Mail reaches nobody",
        "✗ linking.E002",
    ):
        assert line in out


def test_a_mail_server_that_is_away_is_named(db, simulator, settings, report):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    code, out = report()
    assert code == 1
    assert "✗ Mail: no answer from 127.0.0.1" in out


def test_a_clock_that_is_wrong_is_named(db, simulator, monkeypatch, report):
    real = doctor.time.time
    monkeypatch.setattr(doctor.time, "time", lambda: real() + 90)
    code, out = report()
    assert code == 1
    assert "✗ Clock: 90 s away from the Redis's" in out


def test_no_secret_is_ever_printed(db, simulator, settings, report):
    settings.SECRET_KEY = "the-secret-key-itself"
    settings.LINK_KEYS = ["the-link-key-itself"]
    _, out = report()
    secrets = [settings.SECRET_KEY, *settings.LINK_KEYS, settings.CODAT_API_KEY]
    for secret in [*secrets, *settings.CODAT_WEBHOOK_SECRETS]:
        assert secret not in out


def test_the_database_and_redis_tell_the_same_time_as_we_do(db, real_redis):
    assert abs(doctor.database_skew()) < 5
    assert abs(doctor.redis_skew()) < 5
    assert isinstance(real_redis, redis.Redis)
