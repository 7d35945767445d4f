"""Polls that brought nothing: who refused what, and whose it is to mend."""

from typing import assert_never

from jobwatch.domain.snapshot import FailureKind, Lack
from jobwatch.domain.watch import Trouble
from jobwatch.messages.case import Case, Words

_GOES_ON = "jobwatch keeps trying and goes on by itself."


def words_of_outage(case: Case, trouble: Trouble | None, situation: str | None) -> Words:
    """What is said while the vendor brings no answer on the job."""
    kind = trouble.kind if trouble else None
    event = _event(case, kind, trouble.lacks if trouble else None)
    return Words(event, f"{_who_mends(case, kind, trouble.lacks if trouble else None)} {_GOES_ON}", situation)


def _event(case: Case, kind: FailureKind | None, lacks: Lack | None) -> str:
    vendor = case.vendor
    match kind:
        case FailureKind.UNAUTHORISED:
            return f"{vendor} refuses our credentials"
        case FailureKind.VENDOR_ERROR:
            return f"{vendor} answers with errors"
        case FailureKind.UNREADABLE:
            return f"{vendor}'s answers cannot be read"
        case FailureKind.REFUSED:
            return f"{vendor} refuses our request"
        case FailureKind.MISCONFIGURED:
            return f"cannot ask {vendor}, {_lacking(case, lacks)}"
        case FailureKind.THROTTLED:
            return f"{vendor} lets no request through"
        case FailureKind.UNREACHABLE | None:
            return f"cannot reach {vendor}"
    assert_never(kind)


def _lacking(case: Case, lacks: Lack | None) -> str:
    match lacks:
        case Lack.SECRET:
            return "our secret is missing or wrong"
        case Lack.RIGHT:
            return "we lack a right in AWS"
        case Lack.CONNECTION:
            return f"our connection {case.connection} is missing or wrong"
        case None:
            return "our configuration is wrong"
    assert_never(lacks)


def _who_mends(case: Case, kind: FailureKind | None, lacks: Lack | None) -> str:
    vendor, connection = case.vendor, f"connection {case.connection}"
    secret = f"the secret {case.watch.secret}" if case.watch.secret else f"the secret of {connection}"
    match kind:
        case FailureKind.UNAUTHORISED:
            return f"Renew the credentials in {secret} ({connection}), or have {vendor} accept them again."
        case FailureKind.VENDOR_ERROR:
            return f"See {vendor}'s status page: this is {vendor}'s to mend. Ask its support if it lasts."
        case FailureKind.UNREADABLE:
            return f"Check the address in {connection}: what answers there gives no job's status. Else ask {vendor}."
        case FailureKind.REFUSED:
            return f"Correct the job id, or the parameters in {connection}, by what {vendor} says."
        case FailureKind.MISCONFIGURED:
            return (
                f"{_correction(case, secret, lacks)} This is ours to mend; nothing is known to be wrong with {vendor}."
            )
        case FailureKind.THROTTLED:
            return f"Check what else asks {vendor} with these credentials ({connection})."
        case FailureKind.UNREACHABLE | None:
            return f"Check whether {vendor} is down; if others reach it, check the address in {connection}."
    assert_never(kind)


def _correction(case: Case, secret: str, lacks: Lack | None) -> str:
    match lacks:
        case Lack.SECRET:
            return f"Create or correct {secret} in Secrets Manager (connection {case.connection})."
        case Lack.RIGHT:
            return f"Give jobwatch the right to read it (connection {case.connection}, {secret})."
        case Lack.CONNECTION | None:
            return f"Correct connection {case.connection}, or the submission's parameters."
    assert_never(lacks)
