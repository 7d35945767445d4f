"""Tables as the template has them, made in moto."""

from jobwatch.aws.clients import client
from tests.architecture.deployment import of_type


def create_table(logical_id: str, name: str) -> None:
    """An empty table with the keys and indexes of the template's table of that logical id."""
    properties = of_type("AWS::DynamoDB::Table")[logical_id]
    given = {
        each: properties[each]
        for each in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        if each in properties
    }
    client("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **given)
