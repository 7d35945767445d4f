"""Secrets: kept for minutes, forgotten when refused, never quoted."""

from collections.abc import Callable

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.secrets import SecretsManagerSecrets
from jobwatch.ports import SecretUnusableError, ServiceUnavailableError

NAME = "jobwatch/egain-prod"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secrets(aws: None, clock: Clock) -> SecretsManagerSecrets:
    client("secretsmanager").create_secret(Name=NAME, SecretString='{"client_id": "first"}')
    return SecretsManagerSecrets(clock)


def rotate() -> None:
    client("secretsmanager").put_secret_value(SecretId=NAME, SecretString='{"client_id": "second"}')


def test_a_secret_is_kept_for_minutes(secrets: SecretsManagerSecrets, clock: Clock) -> None:
    assert secrets.get(NAME) == {"client_id": "first"}
    rotate()
    clock.now += 224
    assert secrets.get(NAME) == {"client_id": "first"}
    clock.now += 76
    assert secrets.get(NAME) == {"client_id": "second"}


def test_a_refused_secret_is_read_anew_at_once(secrets: SecretsManagerSecrets) -> None:
    secrets.get(NAME)
    rotate()
    secrets.forget(NAME)
    assert secrets.get(NAME) == {"client_id": "second"}
    secrets.forget("never read")


def test_a_kept_one_is_used_while_secrets_manager_is_down(
    secrets: SecretsManagerSecrets, clock: Clock, aws_fails: Callable[[str], None]
) -> None:
    secrets.get(NAME)
    aws_fails("InternalServiceError")
    clock.now += 3000
    assert secrets.get(NAME) == {"client_id": "first"}


@pytest.mark.parametrize("text", ["hunter2-is-no-json", '["hunter2"]', '"hunter2"', "{hunter2", "null"])
def test_what_is_no_json_object_is_not_quoted(secrets: SecretsManagerSecrets, text: str) -> None:
    client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=text)
    with pytest.raises(SecretUnusableError, match=f"secret {NAME} is not a JSON object") as unusable:
        secrets.get(NAME)
    assert "hunter2" not in str(unusable.value)
    assert unusable.value.__cause__ is None


def test_binary_secrets_are_none(secrets: SecretsManagerSecrets) -> None:
    client("secretsmanager").create_secret(Name="jobwatch/binary", SecretBinary=b"{}")
    with pytest.raises(SecretUnusableError, match="not a JSON object"):
        secrets.get("jobwatch/binary")


def test_a_missing_secret_is_unusable(secrets: SecretsManagerSecrets) -> None:
    with pytest.raises(SecretUnusableError, match="jobwatch/no-such does not exist"):
        secrets.get("jobwatch/no-such")


def test_a_deleted_secret_is_unusable(secrets: SecretsManagerSecrets) -> None:
    client("secretsmanager").delete_secret(SecretId=NAME)
    with pytest.raises(SecretUnusableError, match="marked for deletion"):
        secrets.get(NAME)


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure", "InvalidParameterException"])
def test_what_a_retry_does_not_mend_is_unusable(
    secrets: SecretsManagerSecrets, aws_fails: Callable[[str], None], code: str
) -> None:
    aws_fails(code)
    with pytest.raises(SecretUnusableError, match=NAME):
        secrets.get(NAME)


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError", "no connection"])
def test_what_a_retry_may_mend_is_unavailable(
    secrets: SecretsManagerSecrets, aws_fails: Callable[[str], None], code: str
) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="Secrets Manager"):
        secrets.get(NAME)
