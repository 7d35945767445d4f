"""The template: least privilege with a reason, a log group and a role for each function, the contract's interface."""

import json
import os
import re
import tomllib
from typing import Any

import pytest
from ministack.services import eventbridge

from jobwatch import wiring
from jobwatch.settings import Settings
from tests.architecture.deployment import (
    FUNCTIONS,
    RESOURCES,
    ROOT,
    TEMPLATE,
    TEMPLATE_TEXT,
    as_list,
    of_type,
    statements,
)


def folder_of(function: str) -> str:
    return str(FUNCTIONS[function]["CodeUri"]).removeprefix("functions/")


def test_the_contracts_parameters_with_defaults() -> None:
    parameters = TEMPLATE["Parameters"]
    assert set(parameters) == {
        *("NotificationEmail", "OperationsEmail", "SlackSecretName"),
        *("ConnectionPrefix", "SecretPrefix", "LogObjectArns", "TimeZone"),
        *("PollerConcurrency", "EncryptionKeyArn"),
    }
    assert {name: each["Default"] for name, each in parameters.items()} == {
        "NotificationEmail": "",
        "OperationsEmail": "",
        "SlackSecretName": "",
        "ConnectionPrefix": "/jobwatch/connections/",
        "SecretPrefix": "jobwatch/",
        "LogObjectArns": "",
        "PollerConcurrency": 0,
        "TimeZone": "UTC",
        "EncryptionKeyArn": "",
    }
    assert all(each["Description"] for each in parameters.values())


def test_the_contracts_outputs() -> None:
    assert set(TEMPLATE["Outputs"]) >= {
        *("SubmissionBusName", "WatchStateMachineArn", "WatchTableName"),
        *("NotificationTopicArn", "OperationsTopicArn"),
    }
    [key] = of_type("AWS::DynamoDB::Table")["WatchTable"]["KeySchema"]
    assert key == {"AttributeName": "watch_id", "KeyType": "HASH"}


# The bus's section of the contract.
OWN = ["Finished", "Stalled", "Overdue", "Unreachable", "Recovered", "Started", "Progress", "Not Started", "Test"]


@pytest.mark.parametrize(
    ("source", "detail_type", "is_refused"),
    [
        ("content.sync", "Job Submitted", False),
        ("jobwatch", "Job Submitted", False),
        *(("jobwatch", f"Job {name}", False) for name in OWN),
        *(("content.sync", f"Job {name}", True) for name in OWN),
        ("content.sync", "Job Submited", True),
        ("content.sync", "job submitted", True),
        ("jobwatch", "Job Ended", True),
        ("jobwatch-fork", "Job Finished", True),
        ("content.sync", "", True),
        # AWS's own, forwarded to the bus.
        ("aws.s3", "Object Created", False),
        ("aws.glue", "Glue Job State Change", False),
    ],
)
def test_what_is_neither_a_submission_nor_jobwatchs_own_is_refused(
    source: str, detail_type: str, is_refused: bool
) -> None:
    """By the embedded stack's matcher, which follows AWS's open one."""
    pattern = json.dumps(RESOURCES["UnknownEventRule"]["Properties"]["EventPattern"])
    event = {"Source": source, "DetailType": detail_type, "Detail": "{}"}
    assert eventbridge._matches_pattern(pattern, event) is is_refused


def test_any_source_may_submit() -> None:
    assert RESOURCES["SubmissionRule"]["Properties"]["EventPattern"] == {"detail-type": ["Job Submitted"]}


@pytest.mark.parametrize("name", FUNCTIONS)
class TestEveryFunction:
    def test_has_a_log_group_of_its_own_that_forgets(self, name: str) -> None:
        groups = of_type("AWS::Logs::LogGroup")
        group = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]
        assert groups[group]["RetentionInDays"] <= 90
        assert sum(other["LoggingConfig"]["LogGroup"]["Ref"] == group for other in FUNCTIONS.values()) == 1

    def test_logs_json_also_where_the_runtime_speaks(self, name: str) -> None:
        assert FUNCTIONS[name]["LoggingConfig"]["LogFormat"] == "JSON"

    def test_has_a_role_of_its_own(self, name: str) -> None:
        role = FUNCTIONS[name]["Role"]["Fn::GetAtt"].removesuffix(".Arn")
        assert RESOURCES[role]["Type"] == "AWS::IAM::Role"
        assert sum(other["Role"]["Fn::GetAtt"] == f"{role}.Arn" for other in FUNCTIONS.values()) == 1
        assert "ManagedPolicyArns" not in RESOURCES[role]["Properties"]
        assert "Policies" not in FUNCTIONS[name]

    def test_is_one_file_with_a_handler(self, name: str) -> None:
        source = ROOT / FUNCTIONS[name]["CodeUri"]
        shipped = [path.name for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert shipped == ["app.py"]
        assert "def handler(" in (source / "app.py").read_text()
        assert RESOURCES[name]["Metadata"]["SkipBuild"] is True

    def test_finds_in_its_environment_all_that_it_reads(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in os.environ:
            if variable in _variables_of_any_function():
                monkeypatch.delenv(variable)
        for variable, value in _environment(name).items():
            monkeypatch.setenv(variable, value if isinstance(value, str) else "arn:aws:x")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        part = _wired(name)
        part.cache_clear()
        part()
        part.cache_clear()

    def test_is_told_only_what_it_reads(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        read: set[str] = set()

        def get(settings: Settings, variable: str) -> str:
            read.add(variable)
            # One that names a part of the code.
            return "slack" if variable == "CHANNEL" else "1"

        monkeypatch.setattr(Settings, "_get", get)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        part = _wired(name)
        part.cache_clear()
        part()
        part.cache_clear()
        given = {variable for variable in _environment(name) if not variable.startswith("POWERTOOLS_")}
        # Intake checks that a connection's secret lies under the prefix, and reads no secret.
        assert read == given

    def test_that_is_called_asynchronously_keeps_what_fails(self, name: str) -> None:
        if folder_of(name) in ("intake", "channel", "alert"):
            config = FUNCTIONS[name]["EventInvokeConfig"]
            queue = config["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"].removesuffix(".Arn")
            assert RESOURCES[queue]["Type"] == "AWS::SQS::Queue"
            alarms = of_type("AWS::CloudWatch::Alarm").values()
            assert any(f"{queue}.QueueName" in str(alarm["Dimensions"]) for alarm in alarms), f"no alarm on {queue}"


def _wired(name: str) -> Any:
    """What the function's handler asks `wiring` for."""
    source = (ROOT / FUNCTIONS[name]["CodeUri"] / "app.py").read_text()
    [part] = set(re.findall(r"wiring\.(\w+)\(\)", source))
    return getattr(wiring, part)


def _environment(name: str) -> dict[str, Any]:
    return dict(FUNCTIONS[name]["Environment"]["Variables"])


def _variables_of_any_function() -> set[str]:
    return {variable for name in FUNCTIONS for variable in _environment(name)}


def policies() -> list[tuple[str, dict[str, Any]]]:
    """Every statement of every identity policy, with the resource that holds it."""
    found = []
    for name, properties in of_type("AWS::IAM::Role").items():
        for policy in properties["Policies"]:
            found += [(name, statement) for statement in statements(policy["PolicyDocument"])]
    for name, properties in of_type("AWS::IAM::Policy").items():
        found += [(name, statement) for statement in statements(properties["PolicyDocument"])]
    return found


class TestPermissions:
    @pytest.mark.parametrize(("holder", "statement"), policies())
    def test_names_its_reason_actions_and_resources(self, holder: str, statement: dict[str, Any]) -> None:
        assert len(statement["Sid"]) > 5
        for action in as_list(statement["Action"]):
            assert re.fullmatch(r"[a-z0-9]+:[A-Z][A-Za-z]+", action), f"{holder}: {action}"
        for resource in as_list(statement["Resource"]):
            assert resource != "*"

    def test_an_asterisk_alone_has_its_reason_beside_it(self) -> None:
        lines = TEMPLATE_TEXT.splitlines()
        for number, line in enumerate(lines):
            if re.search(r'(Resource|Principal|Action):\s*\[?"?\*"?\]?\s*$', line):
                assert lines[number - 1].lstrip().startswith("#"), f"line {number + 1}: {line.strip()}"

    def test_who_may_read_secrets(self) -> None:
        holders = {holder for holder, each in policies() if "secretsmanager:GetSecretValue" in as_list(each["Action"])}
        assert holders == {"PollerRole", "SlackRole"}

    def test_logs_are_read_only_where_the_deployer_said(self) -> None:
        readers = [
            (holder, each["Resource"]) for holder, each in policies() if "s3:GetObject" in as_list(each["Action"])
        ]
        assert readers == [("NotifierRole", {"Ref": "LogObjectArns"})]

    def test_publishing_to_an_encrypted_topic_is_allowed_with_its_key(self) -> None:
        holders = {holder for holder, each in policies() if "sns:Publish" in as_list(each["Action"])}
        for holder in holders:
            keys = [each for name, each in policies() if name == holder and "kms:GenerateDataKey" in each["Action"]]
            assert keys, f"{holder} publishes to an encrypted topic without its key"

    def test_no_resource_policy_is_open_to_everyone(self) -> None:
        kinds = ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        for kind in kinds:
            for name, properties in of_type(kind).items():
                for statement in statements(properties["PolicyDocument"]):
                    assert statement["Effect"] == "Deny" or "Service" in statement["Principal"], name
                    assert statement["Condition"], name


class TestWhatIsKept:
    def test_queues_keep_for_two_weeks(self) -> None:
        for name, queue in of_type("AWS::SQS::Queue").items():
            assert queue["MessageRetentionPeriod"] == 1209600, name

    def test_rules_and_subscriptions_have_dead_letters(self) -> None:
        for rule in of_type("AWS::Events::Rule").values():
            # A schedule comes again; an event does not.
            assert "EventPattern" not in rule or all("DeadLetterConfig" in target for target in rule["Targets"])
        lambdas = [each for each in of_type("AWS::SNS::Subscription").values() if each["Protocol"] == "lambda"]
        assert all("RedrivePolicy" in each for each in lambdas)

    def test_stopped_executions_are_told_and_counted(self) -> None:
        detail = RESOURCES["StoppedExecutionRule"]["Properties"]["EventPattern"]["detail"]
        assert set(detail["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
        metrics = {alarm["MetricName"] for alarm in of_type("AWS::CloudWatch::Alarm").values()}
        assert {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"} <= metrics
        for alarm in of_type("AWS::CloudWatch::Alarm").values():
            assert alarm["AlarmActions"] == [{"Ref": "OperationsTopic"}]

    def test_topics_are_encrypted_with_a_key_that_alarms_may_use(self) -> None:
        for topic in of_type("AWS::SNS::Topic").values():
            assert topic["KmsMasterKeyId"] == {"Ref": "TopicKey"}
        services = [
            statement["Principal"].get("Service")
            for statement in statements(RESOURCES["TopicKey"]["Properties"]["KeyPolicy"])
        ]
        assert "cloudwatch.amazonaws.com" in services


def test_slack_is_off_without_a_secret() -> None:
    slack = [name for name in RESOURCES if "Slack" in name]
    assert len(slack) >= 6
    for name in slack:
        assert RESOURCES[name].get("Condition") == "HasSlack", name


def test_the_wakes_of_an_execution_fit_into_its_history() -> None:
    """25,000 events; nine a wake, and every retry adds some."""
    assert 9 * int(_environment("PollerFunction")["WAKES_PER_EXECUTION"]) <= 12_500


def test_samconfigs_default_profile_names_no_region_account_or_profile() -> None:
    default = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]
    assert "region" not in str(default)
    assert "profile" not in str(default)
    assert not re.search(r"\d{12}", str(default))
