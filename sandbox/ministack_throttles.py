"""Completes MiniStack's Step Functions: a function that is throttled reaches the machine under the name that AWS gives.

MiniStack 1.5.33 says `Lambda.Unknown`, as AWS does of functions that ran and died. On AWS a call beyond the concurrency
never ran, and is `Lambda.TooManyRequestsException`:
https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
"""

from typing import Any


def install() -> None:
    """Complete it within this process; AttributeError where MiniStack's functions have other names."""
    from ministack.services import lambda_svc

    throttle_response = lambda_svc._throttle_response

    def _throttle_response(*given: Any, **named: Any) -> dict[str, Any]:
        answer: dict[str, Any] = throttle_response(*given, **named)
        answer["body"]["errorType"] = "Lambda.TooManyRequestsException"
        return answer

    lambda_svc._throttle_response = _throttle_response
