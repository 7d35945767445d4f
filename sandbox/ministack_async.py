"""Completes MiniStack's asynchronous invocations: those of SNS and EventBridge are retried and kept as on AWS.

MiniStack 1.5.33 does for `Invoke` with the type Event what AWS does for every asynchronous invocation: two retries,
then the failure destination. A function that SNS or EventBridge invokes is run once there, whatever comes of it. Nor
does a throttled event wait its turn there (AWS: for up to six hours, without using up a retry).
"""

import contextvars
import json
import threading
from collections import defaultdict
from typing import Any

_THROTTLED_AGAIN_AFTER_SECONDS = 5.0


def install() -> None:
    """Complete it within this process; AttributeError where MiniStack's functions have other names."""
    from ministack.services import eventbridge, lambda_svc, sns

    ends: defaultdict[str, threading.Condition] = defaultdict(threading.Condition)
    asynchronous = contextvars.ContextVar("asynchronous", default=False)
    invoke, execute = lambda_svc.invoke_async_with_retry, lambda_svc._execute_function

    def invoke_async_with_retry(function: dict[str, Any], event: Any) -> None:
        # The context is copied to the thread in which the attempts are made.
        token = asynchronous.set(True)
        try:
            invoke(function, event)
        finally:
            asynchronous.reset(token)

    def _execute_function(function: dict[str, Any], event: Any) -> Any:
        # Waiting for a call of the same function to end; hundreds that asked again and again would starve MiniStack.
        ended = ends[function.get("config", function)["FunctionName"]]
        while True:
            result = execute(function, event)
            if not result.get("throttle"):
                with ended:
                    ended.notify()
                return result
            if not asynchronous.get():
                return result
            with ended:
                ended.wait(_THROTTLED_AGAIN_AFTER_SECONDS)

    def invoke_by_arn(arn: str, event: Any) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)

    def _dispatch_to_lambda(arn: str, payload: str) -> None:
        invoke_by_arn(arn, json.loads(payload))

    def _deliver_to_lambda(endpoint: str, envelope: str, _topic_arn: str, subscription_arn: str, *_: Any) -> None:
        record = {"EventVersion": "1.0", "EventSubscriptionArn": subscription_arn, "EventSource": "aws:sns"}
        invoke_by_arn(endpoint, {"Records": [{**record, "Sns": json.loads(envelope)}]})

    lambda_svc.invoke_async_with_retry, lambda_svc._execute_function = invoke_async_with_retry, _execute_function
    eventbridge._dispatch_to_lambda, sns._deliver_to_lambda = _dispatch_to_lambda, _deliver_to_lambda
