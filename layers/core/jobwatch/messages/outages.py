"""Polls that brought nothing: who refused what, and whose it is to mend."""

from typing import assert_never

from jobwatch.domain.snapshot import FailureKind, Lack
from jobwatch.domain.watch import Trouble
from jobwatch.messages.case import Case, Words

_GOES_ON = "jobwatch keeps trying and goes on by itself."


def words_of_outage(case: Case, trouble: Trouble | None, situation: str | None) -> Words:
    """What is said while the vendor brings no answer on the job."""
    event, who_mends = _event_and_mending(case, trouble)
    return Words(event, f"{who_mends} {_GOES_ON}", situation)


def _event_and_mending(case: Case, trouble: Trouble | None) -> tuple[str, str]:
    vendor, connection = case.vendor, f"connection {case.connection}"
    kind = trouble.kind if trouble else None
    match kind:
        case FailureKind.UNAUTHORISED:
            event = f"{vendor} refuses our credentials"
            mend = f"Renew the credentials in {_secret(case)} ({connection}), or have {vendor} accept them again."
        case FailureKind.VENDOR_ERROR:
            event = f"{vendor} answers with errors"
            mend = f"See {vendor}'s status page: this is {vendor}'s to mend. Ask its support if it lasts."
        case FailureKind.UNREADABLE:
            event = f"{vendor}'s answers cannot be read"
            mend = f"Check the address in {connection}: what answers there gives no job's status. Else ask {vendor}."
        case FailureKind.REFUSED:
            event = f"{vendor} refuses our request"
            mend = f"Correct the job id, or the parameters in {connection}, by what {vendor} says."
        case FailureKind.MISCONFIGURED:
            lacking, correct = _lacking_and_correction(case, trouble.lacks if trouble else None)
            event = f"cannot ask {vendor}, {lacking}"
            mend = f"{correct} This is ours to mend; nothing is known to be wrong with {vendor}."
        case FailureKind.THROTTLED:
            event = f"{vendor} lets no request through"
            mend = f"Check what else asks {vendor} with these credentials ({connection})."
        case FailureKind.UNREACHABLE | None:
            event = f"cannot reach {vendor}"
            mend = f"Check whether {vendor} is down; if others reach it, check the address in {connection}."
        case _:
            assert_never(kind)
    return event, mend


def _lacking_and_correction(case: Case, lacks: Lack | None) -> tuple[str, str]:
    connection, secret = f"connection {case.connection}", _secret(case)
    match lacks:
        case Lack.SECRET:
            return (
                "our secret is missing or wrong",
                f"Create or correct {secret} in Secrets Manager ({connection}).",
            )
        case Lack.RIGHT:
            return "we lack a right in AWS", f"Give jobwatch the right to read it ({connection}, {secret})."
        case Lack.CONNECTION:
            lacking = f"our {connection} is missing or wrong"
        case None:
            lacking = "our configuration is wrong"
        case _:
            assert_never(lacks)
    return lacking, f"Correct {connection}, or the submission's parameters."


def _secret(case: Case) -> str:
    return f"the secret {case.watch.secret}" if case.watch.secret else f"the secret of connection {case.connection}"
