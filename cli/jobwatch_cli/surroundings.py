"""What lies around a connection on AWS: which account was looked at, and which logs a stack's notifier may read."""

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from jobwatch.aws.clients import client, error_code


def place() -> str:
    """The region and account that are looked at, in words; `sts:GetCallerIdentity` needs no permission."""
    region = client("ssm").meta.region_name
    try:
        return f"region {region} of account {client('sts').get_caller_identity()['Account']}"
    except (ClientError, BotoCoreError):
        return f"region {region}"


def log_arns_of(stack_name: str) -> Sequence[str] | str:
    """The LogObjectArns of a deployed stack, or why they are not known."""
    try:
        [stack] = client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if error_code(error) == "AccessDenied":
            return f"your own AWS credentials need cloudformation:DescribeStacks on {stack_name}"
        return f"there is no stack {stack_name} here"
    except BotoCoreError as error:
        return str(error)
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    return [arn.strip() for arn in parameters.get("LogObjectArns", "").split(",") if arn.strip()]
