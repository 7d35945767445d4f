"""What CloudFormation gives for `Ref` and `Fn::GetAtt` of a resource, as AWS would name it in one account and region.

The source of each: "Return values" on the resource's page of
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from collections.abc import Callable
from typing import Any

PARTITION, REGION, ACCOUNT = "aws", "eu-central-1", "123456789012"
# CloudFormation adds a dash, and twelve or thirteen letters and digits, to the names that it makes itself.
SUFFIX = "1A2B3C4D5E6F"

Identity = dict[str, str]
Properties = dict[str, Any]


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    """An ARN of this account and region."""
    return f"arn:{PARTITION}:{service}:{region}:{account}:{resource}"


def _queue(name: str, _: Properties) -> Identity:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    return {"Ref": url, "QueueUrl": url, "QueueName": name, "Arn": arn("sqs", name)}


def _topic(name: str, _: Properties) -> Identity:
    return {"Ref": arn("sns", name), "TopicArn": arn("sns", name), "TopicName": name}


def _function(name: str, _: Properties) -> Identity:
    return {"Ref": name, "Arn": arn("lambda", f"function:{name}")}


def _layer(name: str, _: Properties) -> Identity:
    return {"Ref": arn("lambda", f"layer:{name}:1"), "LayerVersionArn": arn("lambda", f"layer:{name}:1")}


def _table(name: str, _: Properties) -> Identity:
    return {"Ref": name, "Arn": arn("dynamodb", f"table/{name}")}


def _role(name: str, _: Properties) -> Identity:
    return {"Ref": name, "Arn": arn("iam", f"role/{name}", region=""), "RoleId": "AROAEXAMPLE"}


def _managed_policy(name: str, _: Properties) -> Identity:
    policy = arn("iam", f"policy/{name}", region="")
    return {"Ref": policy, "PolicyArn": policy}


def _log_group(name: str, _: Properties) -> Identity:
    return {"Ref": name, "Arn": arn("logs", f"log-group:{name}:*")}


def _bus(name: str, _: Properties) -> Identity:
    return {"Ref": name, "Name": name, "Arn": arn("events", f"event-bus/{name}")}


def _rule(name: str, properties: Properties) -> Identity:
    bus = str(properties.get("EventBusName", "default")).rpartition("/")[2]
    path = name if bus == "default" else f"{bus}/{name}"
    return {"Ref": path.replace("/", "|"), "Arn": arn("events", f"rule/{path}")}


def _archive(name: str, _: Properties) -> Identity:
    return {"Ref": name, "ArchiveName": name, "Arn": arn("events", f"archive/{name}")}


def _schedule(name: str, properties: Properties) -> Identity:
    return {"Ref": name, "Arn": arn("scheduler", f"schedule/{properties.get('GroupName', 'default')}/{name}")}


def _machine(name: str, _: Properties) -> Identity:
    return {"Ref": arn("states", f"stateMachine:{name}"), "Arn": arn("states", f"stateMachine:{name}"), "Name": name}


def _alarm(name: str, _: Properties) -> Identity:
    return {"Ref": name, "Arn": arn("cloudwatch", f"alarm:{name}")}


def _key(name: str, _: Properties) -> Identity:
    return {"Ref": name, "KeyId": name, "Arn": arn("kms", f"key/{name}")}


def _bucket(name: str, _: Properties) -> Identity:
    name = name.lower()
    return {
        "Ref": name,
        "Arn": f"arn:{PARTITION}:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{REGION}.amazonaws.com",
    }


def _nameless(name: str, _: Properties) -> Identity:
    return {"Ref": name}


# By type: the property that may give the name, and what follows from it.
KINDS: dict[str, tuple[str, Callable[[str, Properties], Identity]]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", _alarm),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", _alarm),
    "AWS::CloudWatch::Dashboard": ("DashboardName", _nameless),
    "AWS::DynamoDB::Table": ("TableName", _table),
    "AWS::Events::Archive": ("ArchiveName", _archive),
    "AWS::Events::EventBus": ("Name", _bus),
    "AWS::Events::EventBusPolicy": ("", _nameless),
    "AWS::Events::Rule": ("Name", _rule),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", _managed_policy),
    "AWS::IAM::Policy": ("PolicyName", _nameless),
    "AWS::IAM::Role": ("RoleName", _role),
    "AWS::KMS::Alias": ("AliasName", _nameless),
    "AWS::KMS::Key": ("", _key),
    "AWS::Lambda::EventInvokeConfig": ("", _nameless),
    "AWS::Lambda::EventSourceMapping": ("", _nameless),
    "AWS::Lambda::Function": ("FunctionName", _function),
    "AWS::Lambda::LayerVersion": ("LayerName", _layer),
    "AWS::Lambda::Permission": ("", _nameless),
    "AWS::Logs::LogGroup": ("LogGroupName", _log_group),
    "AWS::Logs::MetricFilter": ("FilterName", _nameless),
    "AWS::Logs::ResourcePolicy": ("PolicyName", _nameless),
    "AWS::S3::Bucket": ("BucketName", _bucket),
    "AWS::S3::BucketPolicy": ("", _nameless),
    "AWS::SNS::Subscription": ("", _nameless),
    "AWS::SNS::Topic": ("TopicName", _topic),
    "AWS::SNS::TopicPolicy": ("", _nameless),
    "AWS::SQS::Queue": ("QueueName", _queue),
    "AWS::SQS::QueuePolicy": ("", _nameless),
    "AWS::Scheduler::Schedule": ("Name", _schedule),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", _machine),
}


def identity(stack: str, logical: str, kind: str, properties: Properties) -> Identity:
    """What `Ref` ("Ref") and each attribute give; empty for a type that is not known here."""
    if kind not in KINDS:
        return {}
    name_property, named = KINDS[kind]
    name = properties.get(name_property) if name_property else None
    return named(name if isinstance(name, str) else f"{stack}-{logical}-{SUFFIX}", properties)
