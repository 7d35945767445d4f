"""Events that are no submission, and addresses that no longer hear, on the whole stack."""

import json
from typing import Any

import pytest

from tests.workflow.conftest import NotYetError, World

pytestmark = pytest.mark.usefixtures("fresh_minute")


def test_an_event_with_a_misspelt_detail_type_is_told_and_kept(world: World) -> None:
    stack = world.stack
    for detail_type, job_id in (("Job Submited", "misspelt-1"), ("Job Finished", "misspelt-2")):
        stack.aws.client("events").put_events(
            Entries=[
                {
                    "EventBusName": stack.outputs["SubmissionBusName"],
                    "Source": "content.sync",
                    "DetailType": detail_type,
                    "Detail": json.dumps({"connection": "egain-prod", "job_id": job_id}),
                }
            ]
        )

    told = world.told_operators("misspelt-1")

    assert 'is "Job Submitted" meant?' in told
    world.told_operators("misspelt-2")
    kept: list[Any] = []

    def both() -> None:
        kept.extend(stack.receive(stack.outputs["RejectedSubmissionsQueueUrl"]))
        if not {"misspelt-1", "misspelt-2"} <= {each["event"]["detail"]["job_id"] for each in kept}:
            raise NotYetError(f"kept is {kept}")

    world.until(both, 20)
    assert not [watch for watch in stack.watches().values() if watch["job_id"].startswith("misspelt")]


def test_a_sweep_tells_of_an_address_that_was_unsubscribed(world: World) -> None:
    """With IAM enforced: the sweeper may list the subscriptions, and tell each topic of the other's."""
    sns, outputs = world.stack.aws.client("sns"), world.stack.outputs
    topics = {"team@example.com": outputs["NotificationTopicArn"], "ops@example.com": outputs["OperationsTopicArn"]}
    for address, topic in topics.items():
        [own] = [
            each
            for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
            if each["Endpoint"] == address
        ]
        sns.unsubscribe(SubscriptionArn=own["SubscriptionArn"])
    try:
        [sweeper] = [
            each["FunctionName"]
            for each in world.stack.aws.client("lambda").list_functions()["Functions"]
            if "SweeperFunction" in each["FunctionName"]
        ]
        answer = world.stack.aws.client("lambda").invoke(FunctionName=sweeper)
        assert "FunctionError" not in answer, answer["Payload"].read()

        world.told_operators("team@example.com is no longer subscribed")

        def announced() -> dict[str, Any]:
            world.listen()
            if not world.announcements:
                raise NotYetError("nothing was announced")
            return world.announcements[0]

        assert world.until(announced, 20)["address"] == "ops@example.com"
    finally:
        for address, topic in topics.items():
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
