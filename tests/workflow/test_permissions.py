"""What each role may do, tried with its own credentials while IAM is enforced: exactly what it needs, nothing beside.

Every role tries every probe. A probe that is allowed does no harm: it fails at a later check (a condition, a message
that is none), changes nothing, or touches only what this file made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workflow.conftest import LOG_BUCKET, World

# To tell the operators once, five times a minute at most, counting the rest in the table of deliveries.
TELLS_OPERATORS = ("record a delivery", "read a delivery", "publish to OperationsTopic", "use the topics' key")

# What a function needs, by its role; a role that may do less breaks the function, one that may do more is open.
ALLOWED: dict[str, set[str]] = {
    "IntakeRole": {
        "take submissions",
        "read a connection",
        *("read a watch", "write a watch"),
        "start a watch's execution",
        *TELLS_OPERATORS,
        "read a series",
        *("send to RejectedSubmissions", "send to SubmissionDeadLetters"),
    },
    "PollerRole": {
        *("read a connection", "read a connection's secret"),
        *("read a watch", "write a watch"),
        *("read a timetable", "update a timetable"),
        *TELLS_OPERATORS,
    },
    "NotifierRole": {
        *("read a watch", "write a watch"),
        *("read a series", "keep a run"),
        "read a job's log",
        # The next slot of the topic's pace lies in the table of deliveries.
        *("record a delivery", "publish to NotificationTopic", "use the topics' key"),
    },
    "SlackRole": {
        "read the Slack secret",
        "send to SlackDeadLetters",
        *TELLS_OPERATORS,
    },
    "AlertRole": {
        "read a watch",
        *TELLS_OPERATORS,
        "send to AlertDeadLetters",
    },
    "SweeperRole": {
        *("find open watches", "read a watch", "write a watch"),
        *("start a watch's execution", "look at a watch's execution"),
        # What the operators did not hear one by one, and who does not listen, goes out with the sweep.
        *TELLS_OPERATORS,
        "publish to NotificationTopic",
        *("look who hears of notifications", "look who hears of operations"),
    },
    "WatchStateMachineRole": {"invoke PollerFunction", "invoke NotifierFunction", "start a watch's execution"},
}


@dataclass(frozen=True)
class Place:
    """The stack's resources by logical name, and the like of them that are others'."""

    world: World
    stack: Mapping[str, str]
    others: Mapping[str, str]


@pytest.fixture(scope="module")
def place(world: World) -> Iterator[Place]:
    aws = world.stack.aws
    found = aws.client("cloudformation").describe_stack_resources(StackName="jobwatch-test")["StackResources"]
    attribute = {"AttributeName": "watch_id"}
    aws.client("dynamodb").create_table(
        TableName="other-table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[attribute | {"AttributeType": "S"}],
        KeySchema=[attribute | {"KeyType": "HASH"}],
    )
    aws.client("s3").create_bucket(Bucket="other-bucket")
    for bucket, key in ((LOG_BUCKET, "logs/probe.txt"), (LOG_BUCKET, "private/probe.txt"), ("other-bucket", "logs/x")):
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"INFO a line\n")
    for name in ("jobwatch/probe", "jobwatch-slack-of-others", "other-secret"):
        aws.client("secretsmanager").create_secret(Name=name, SecretString="{}")
    for name in ("/jobwatch/connections/probe", "/jobwatch/other", "/other"):
        aws.client("ssm").put_parameter(Name=name, Type="String", Value="{}")
    others = {
        "topic": aws.client("sns").create_topic(Name="other-topic")["TopicArn"],
        "queue": aws.client("sqs").create_queue(QueueName="other-queue")["QueueUrl"],
        "definition": aws.client("stepfunctions").describe_state_machine(
            stateMachineArn=_physical(found)["WatchStateMachine"]
        )["definition"],
        "key": aws.client("kms").create_key()["KeyMetadata"]["KeyId"],
        "machine": aws.client("stepfunctions").create_state_machine(
            name="other-machine",
            definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
            roleArn=f"arn:aws:iam::000000000000:role/{_physical(found)['WatchStateMachineRole']}",
        )["stateMachineArn"],
    }
    yield Place(world, _physical(found), others)
    aws.client("ssm").delete_parameters(Names=["/jobwatch/connections/probe", "/jobwatch/other", "/other"])


def _physical(resources: list[dict[str, Any]]) -> dict[str, str]:
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}


Client = Callable[[str], Any]


def probes(place: Place) -> dict[str, Callable[[Client], object]]:
    """Calls by what they try."""
    stack, others = place.stack, place.others
    watches, timetables = stack["WatchTable"], stack["TimetableTable"]
    key = {"watch_id": {"S": "probe"}}
    slot = {"connection": {"S": "probe"}}
    deliveries, delivery = stack["DeliveryTable"], {"delivery_id": {"S": "probe"}}
    series, run = stack["SeriesTable"], {"series_id": {"S": "probe"}}
    never = {"ConditionExpression": "attribute_exists(never)"}
    machine = stack["WatchStateMachine"]
    execution = machine.replace(":stateMachine:", ":execution:") + ":probe"
    found: dict[str, Callable[[Client], object]] = {
        "read a watch": lambda on: on("dynamodb").get_item(TableName=watches, Key=key),
        "write a watch": lambda on: on("dynamodb").put_item(TableName=watches, Item=key, **never),
        "update a watch": lambda on: on("dynamodb").update_item(TableName=watches, Key=key, **never),
        "delete a watch": lambda on: on("dynamodb").delete_item(TableName=watches, Key=key),
        "list all watches": lambda on: on("dynamodb").scan(TableName=watches, Limit=1),
        "find open watches": lambda on: on("dynamodb").query(
            TableName=watches,
            IndexName="open",
            KeyConditionExpression="open_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": "none"}},
        ),
        "read a timetable": lambda on: on("dynamodb").get_item(TableName=timetables, Key=slot),
        "update a timetable": lambda on: on("dynamodb").update_item(TableName=timetables, Key=slot, **never),
        "delete a timetable": lambda on: on("dynamodb").delete_item(TableName=timetables, Key=slot),
        "record a delivery": lambda on: on("dynamodb").update_item(TableName=deliveries, Key=delivery, **never),
        "read a delivery": lambda on: on("dynamodb").get_item(TableName=deliveries, Key=delivery),
        "write a delivery": lambda on: on("dynamodb").put_item(TableName=deliveries, Item=delivery, **never),
        "read a series": lambda on: on("dynamodb").get_item(TableName=series, Key=run),
        "keep a run": lambda on: on("dynamodb").update_item(TableName=series, Key=run, **never),
        "write over a series": lambda on: on("dynamodb").put_item(TableName=series, Item=run, **never),
        "list watches": lambda on: on("dynamodb").query(
            TableName=watches,
            IndexName="listed",
            KeyConditionExpression="shard = :shard",
            ExpressionAttributeValues={":shard": {"S": "none"}},
        ),
        "read another table": lambda on: on("dynamodb").get_item(TableName="other-table", Key=key),
        "write another table": lambda on: on("dynamodb").put_item(TableName="other-table", Item=key, **never),
        "read a connection": lambda on: on("ssm").get_parameter(Name="/jobwatch/connections/probe"),
        "write a connection": lambda on: on("ssm").put_parameter(
            Name="/jobwatch/connections/probe", Value="{}", Overwrite=True
        ),
        "list connections": lambda on: on("ssm").get_parameters_by_path(Path="/jobwatch/connections"),
        "read a parameter beside the connections": lambda on: on("ssm").get_parameter(Name="/jobwatch/other"),
        "read another parameter": lambda on: on("ssm").get_parameter(Name="/other"),
        "read a connection's secret": lambda on: on("secretsmanager").get_secret_value(SecretId="jobwatch/probe"),
        "write a connection's secret": lambda on: on("secretsmanager").put_secret_value(
            SecretId="jobwatch/probe", SecretString="{}"
        ),
        "read the Slack secret": lambda on: on("secretsmanager").get_secret_value(SecretId="jobwatch-slack"),
        "read a secret named like Slack's": lambda on: on("secretsmanager").get_secret_value(
            SecretId="jobwatch-slack-of-others"
        ),
        "read another secret": lambda on: on("secretsmanager").get_secret_value(SecretId="other-secret"),
        "list secrets": lambda on: on("secretsmanager").list_secrets(),
        "read a job's log": lambda on: on("s3").get_object(Bucket=LOG_BUCKET, Key="logs/probe.txt"),
        "write a job's log": lambda on: on("s3").put_object(Bucket=LOG_BUCKET, Key="logs/probe.txt", Body=b"x"),
        "read beside the logs": lambda on: on("s3").get_object(Bucket=LOG_BUCKET, Key="private/probe.txt"),
        "read in another bucket": lambda on: on("s3").get_object(Bucket="other-bucket", Key="logs/x"),
        "list the logs": lambda on: on("s3").list_objects_v2(Bucket=LOG_BUCKET),
        "publish to another topic": partial(_publish, topic_arn=others["topic"]),
        "look who hears of notifications": lambda on: on("sns").list_subscriptions_by_topic(
            TopicArn=stack["NotificationTopic"]
        ),
        "look who hears of operations": lambda on: on("sns").list_subscriptions_by_topic(
            TopicArn=stack["OperationsTopic"]
        ),
        "listen to the notifications": lambda on: on("sns").subscribe(
            TopicArn=stack["NotificationTopic"], Protocol="sqs", Endpoint="none"
        ),
        "start a watch's execution": lambda on: on("stepfunctions").start_execution(
            stateMachineArn=machine, input="no JSON"
        ),
        "start another machine": lambda on: on("stepfunctions").start_execution(
            stateMachineArn=others["machine"], input="no JSON"
        ),
        "look at a watch's execution": lambda on: on("stepfunctions").describe_execution(executionArn=execution),
        "stop a watch's execution": lambda on: on("stepfunctions").stop_execution(executionArn=execution),
        "change the machine": lambda on: on("stepfunctions").update_state_machine(
            stateMachineArn=machine, definition=others["definition"]
        ),
        "send to another queue": partial(_send, queue_url=others["queue"]),
        "take submissions": lambda on: on("sqs").receive_message(
            QueueUrl=stack["SubmissionQueue"], VisibilityTimeout=0
        ),
        "read rejected submissions": lambda on: on("sqs").get_queue_attributes(QueueUrl=stack["RejectedSubmissions"]),
        "use the topics' key": lambda on: on("kms").generate_data_key(KeyId=stack["TopicKey"], KeySpec="AES_256"),
        "use another key": lambda on: on("kms").generate_data_key(KeyId=others["key"], KeySpec="AES_256"),
        "weaken another key": lambda on: on("kms").disable_key_rotation(KeyId=others["key"]),
        "submit a job": lambda on: on("events").put_events(
            Entries=[{"EventBusName": stack["SubmissionBus"], "Source": "x", "DetailType": "none", "Detail": "{}"}]
        ),
        "list roles": lambda on: on("iam").list_roles(MaxItems=1),
        "become the poller": lambda on: on("sts").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/{stack['PollerRole']}", RoleSessionName="probe"
        ),
    }
    for logical, physical in stack.items():
        if logical in ("NotificationTopic", "OperationsTopic"):
            found[f"publish to {logical}"] = partial(_publish, topic_arn=physical)
        elif logical.endswith("Function"):
            found[f"invoke {logical}"] = partial(_invoke, function=physical)
        elif physical.startswith("http") and "/queue" not in physical:
            found[f"send to {logical}"] = partial(_send, queue_url=physical)
    return found


def _publish(on: Client, topic_arn: str) -> object:
    return on("sns").publish(TopicArn=topic_arn, Message="no JSON", MessageStructure="json")


def _send(on: Client, queue_url: str) -> object:
    return on("sqs").send_message(QueueUrl=queue_url, MessageBody="probe", DelaySeconds=100_000)


def _invoke(on: Client, function: str) -> object:
    return on("lambda").invoke(FunctionName=function, InvocationType="DryRun")


def allowed(tried: Mapping[str, Callable[[Client], object]], on: Client) -> set[str]:
    """The probes that are not refused for want of a permission."""
    may = set()
    for name, probe in tried.items():
        try:
            probe(on)
        except ClientError as error:
            if "is not authorized to perform" in error.response["Error"]["Message"]:
                continue
        may.add(name)
    return may


def as_role(place: Place, role: str) -> Client:
    session = place.world.stack.aws.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::000000000000:role/{place.stack[role]}", RoleSessionName="probe"
    )["Credentials"]
    return lambda service: place.world.stack.aws.client(
        service,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_may_do_what_its_function_needs_and_nothing_else(place: Place, role: str) -> None:
    assert allowed(probes(place), as_role(place, role)) == ALLOWED[role]


def test_every_probe_would_do_what_it_says_if_it_were_allowed(place: Place) -> None:
    """A probe that nobody may, for another reason than the roles' policies, would prove nothing."""
    tried = probes(place)

    assert allowed(tried, place.world.stack.aws.client) == set(tried)
    assert len(tried) > 50


def test_every_role_of_the_stack_is_tried(place: Place) -> None:
    assert {name for name in place.stack if name.endswith("Role")} == set(ALLOWED)
    for role in ALLOWED:
        function = place.stack.get(role.removesuffix("Role") + "Function")
        if function:
            used = place.world.stack.aws.client("lambda").get_function_configuration(FunctionName=function)["Role"]
            assert used.rpartition("/")[2] == place.stack[role]
