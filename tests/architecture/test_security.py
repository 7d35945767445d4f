"""The template's defences: encryption, TLS, retention, who may be called by whom."""

from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy

from tests.architecture.deployment import FUNCTIONS, RESOURCES, TEMPLATE, as_list, of_type, statements

NO_VALUE = {"Ref": "AWS::NoValue"}
OWN_KEY_OR_NONE = {"Fn::If": ["HasEncryptionKey", {"Ref": "EncryptionKeyArn"}, NO_VALUE]}
POLICY_OF = {"AWS::SNS::Topic": "AWS::SNS::TopicPolicy", "AWS::SQS::Queue": "AWS::SQS::QueuePolicy"}
ROLES = of_type("AWS::IAM::Role")


def policies_on(name: str) -> list[dict[str, Any]]:
    """The statements of the resource policy on a topic or queue; an empty list where it has none."""
    policies = of_type(POLICY_OF[RESOURCES[name]["Type"]]).values()
    on = [each for each in policies if {"Ref": name} in [*each.get("Topics", []), *each.get("Queues", [])]]
    assert len(on) <= 1, f"{name}: AWS keeps one policy only, the one that is written last"
    return [statement for policy in on for statement in statements(policy["PolicyDocument"])]


@pytest.mark.parametrize("name", [name for name, each in RESOURCES.items() if each["Type"] in POLICY_OF])
def test_plain_http_is_refused(name: str) -> None:
    denials = [each for each in policies_on(name) if each["Effect"] == "Deny"]
    assert len(denials) == 1, f"{name} can be reached without TLS"
    [denial] = denials
    topic = RESOURCES[name]["Type"] == "AWS::SNS::Topic"
    assert denial["Principal"] == "*"
    assert denial["Action"] == ("sns:Publish" if topic else "sqs:*")
    assert denial["Resource"] == ({"Ref": name} if topic else {"Fn::GetAtt": f"{name}.Arn"})
    # An address that no request to AWS can come from; anything wider would open the door on AWS too.
    assert denial["Condition"] == {
        "Bool": {"aws:SecureTransport": "false"},
        "NotIpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]},
    }
    assert RESOURCES[name].get("Condition") == next(
        each.get("Condition") for each in RESOURCES.values() if {"Ref": name} in _targets(each)
    )


@pytest.mark.parametrize(
    ("source_ip", "tls", "refused"),
    [
        ("203.0.113.7", False, True),
        ("10.0.0.5", False, True),
        ("203.0.113.7", True, False),
        ("2001:db8::1", False, True),
        ("127.0.0.1", False, False),
        ("::1", False, False),
    ],
)
def test_the_condition_means_that(source_ip: str, tls: bool, refused: bool) -> None:
    """Asked of the embedded stack's own policy engine, as a caller from elsewhere."""
    [denial] = [each for each in policies_on("NotificationTopic") if each["Effect"] == "Deny"]
    caller = EvalContext(
        principal_arn="arn:aws:iam::123456789012:user/anna",
        principal_type="User",
        principal_account="123456789012",
        action="sns:Publish",
        resource_arn="arn:aws:sns:eu-west-1:123456789012:topic",
        region="eu-west-1",
        source_ip=source_ip,
        secure_transport=tls,
    )
    decision = evaluate_resource_policy({"Statement": [{**denial, "Resource": "*"}]}, caller).decision
    assert (decision == "Deny") is refused


def _targets(resource: dict[str, Any]) -> list[Any]:
    properties = resource.get("Properties", {})
    return [*properties.get("Topics", []), *properties.get("Queues", [])] if "Policy" in resource["Type"] else []


class TestEncryptionAtRest:
    def test_tables(self) -> None:
        for name, table in of_type("AWS::DynamoDB::Table").items():
            condition, own, aws = table["SSESpecification"]["Fn::If"]
            assert condition == "HasEncryptionKey", name
            assert own == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "EncryptionKeyArn"}}, name
            assert aws == {"SSEEnabled": True}, name

    def test_queues(self) -> None:
        for name, queue in of_type("AWS::SQS::Queue").items():
            assert queue["SqsManagedSseEnabled"] == {"Fn::If": ["HasEncryptionKey", NO_VALUE, True]}, name
            assert queue["KmsMasterKeyId"] == OWN_KEY_OR_NONE, name

    def test_log_groups(self) -> None:
        for name, group in of_type("AWS::Logs::LogGroup").items():
            assert group["KmsKeyId"] == OWN_KEY_OR_NONE, name

    def test_every_function_may_use_the_own_key_and_only_through_the_services(self) -> None:
        policy = RESOURCES["EncryptionKeyPolicy"]
        assert policy["Condition"] == "HasEncryptionKey"
        named = {
            role["Fn::If"][1]["Ref"] if "Fn::If" in role else role["Ref"] for role in policy["Properties"]["Roles"]
        }
        assert named == {each["Role"]["Fn::GetAtt"].removesuffix(".Arn") for each in FUNCTIONS.values()}
        [statement] = statements(policy["Properties"]["PolicyDocument"])
        assert statement["Resource"] == {"Ref": "EncryptionKeyArn"}
        assert set(statement["Condition"]["StringEquals"]) == {"kms:ViaService"}

    def test_the_stacks_own_key_turns_over(self) -> None:
        assert all(key["EnableKeyRotation"] is True for key in of_type("AWS::KMS::Key").values())


class TestWhatIsForgottenAndWhatIsNot:
    def test_tables_can_be_brought_back(self) -> None:
        for name, table in of_type("AWS::DynamoDB::Table").items():
            assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name

    def test_ended_watches_leave_the_table(self) -> None:
        assert RESOURCES["WatchTable"]["Properties"]["TimeToLiveSpecification"] == {
            "AttributeName": "expires_at",
            "Enabled": True,
        }


class TestWhoMayCall:
    @pytest.mark.parametrize("name", ROLES)
    def test_a_role_is_assumed_by_one_service(self, name: str) -> None:
        [statement] = ROLES[name]["AssumeRolePolicyDocument"]["Statement"]
        service = "states.amazonaws.com" if name == "WatchStateMachineRole" else "lambda.amazonaws.com"
        assert statement["Principal"] == {"Service": service}
        assert statement["Action"] == "sts:AssumeRole"

    def test_a_function_is_invoked_by_one_named_source(self) -> None:
        for name, permission in of_type("AWS::Lambda::Permission").items():
            assert permission["Principal"].endswith(".amazonaws.com"), name
            assert "SourceArn" in permission, f"{name}: any rule or topic, of any account, could call it"

    def test_nothing_has_an_address_on_the_internet(self) -> None:
        for function in FUNCTIONS.values():
            assert "FunctionUrlConfig" not in function
            assert "Events" not in function
        kinds = {each["Type"] for each in RESOURCES.values()}
        assert not [kind for kind in kinds if "ApiGateway" in kind or kind.endswith(("::Api", "::HttpApi", "::Url"))]

    def test_services_that_write_to_topics_and_queues_are_bound_to_this_stack_or_account(self) -> None:
        for name, each in RESOURCES.items():
            if each["Type"] not in POLICY_OF:
                continue
            for statement in policies_on(name):
                if statement["Effect"] == "Allow":
                    keys = {key for operator in statement["Condition"].values() for key in operator}
                    assert keys <= {"aws:SourceArn", "aws:SourceAccount"}, f"{name}: {statement['Sid']}"
                    assert keys, f"{name}: {statement['Sid']}"


class TestEachFunctionWritesOnlyItsOwnLog:
    """The embedded stack compares log groups without the `:*` of their ARNs, so this is not tried there."""

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_by_its_role(self, name: str) -> None:
        role = FUNCTIONS[name]["Role"]["Fn::GetAtt"].removesuffix(".Arn")
        written = [
            statement["Resource"]
            for policy in ROLES[role]["Policies"]
            for statement in statements(policy["PolicyDocument"])
            if any(action.startswith("logs:") for action in as_list(statement["Action"]))
        ]
        assert written == [{"Fn::GetAtt": f"{FUNCTIONS[name]['LoggingConfig']['LogGroup']['Ref']}.Arn"}]


def test_no_secret_stands_in_the_template() -> None:
    """Secrets are named, never given: a parameter's value shows in the console, the environment in every function."""
    assert not [name for name in TEMPLATE["Parameters"] if name.endswith(("Token", "Password", "Key", "WebhookUrl"))]
    for function in FUNCTIONS.values():
        for variable, value in function["Environment"]["Variables"].items():
            assert not (isinstance(value, str) and len(value) > 24), f"{variable} holds a text of its own"
