"""What is said where an address does not hear: to the operators, and to those who hear of jobs."""

import json
from datetime import datetime

from jobwatch.domain.listening import Hearing, Unheard
from jobwatch.domain.telling import Kind, Telling
from jobwatch.domain.times import write_time
from jobwatch.messages.subject import subject_line

# Not that of a notification: who reads those must be able to tell it apart.
ANNOUNCEMENT_SCHEMA = "jobwatch.announcement.v1"

_STATE = {
    Hearing.PENDING: (
        "has not confirmed its subscription, or SNS switched it off, as it does with an address that more than ten "
        "mails a second reached. It is deleted 48 hours after that."
    ),
    Hearing.GONE: (
        "is no longer subscribed: somebody followed the unsubscribe link in a mail, or a scanner of mails did, or it "
        "was not confirmed within 48 hours. A deploy does not bring it back."
    ),
}
_WAY_BACK = (
    "subscribe it again (aws sns subscribe --topic-arn TOPIC --protocol email --notification-endpoint ADDRESS), and "
    "confirm with the token that the mail's link holds, so that nobody can unsubscribe it without your AWS account: "
    "aws sns confirm-subscription --topic-arn TOPIC --token TOKEN --authenticate-on-unsubscribe true. "
    "(The README has both.)"
)


def notifications_unheard(address: str, state: Hearing, topic_arn: str) -> Telling:
    """For the operators: the address that is to hear how jobs end does not."""
    return Telling(
        subject_line(f"jobwatch: {address} does not hear how jobs end ({state})"),
        _lines(
            f"{address} {_STATE[state]}",
            "So it gets no notification. Other subscribers of the topic hear as before.",
            *_way_back(topic_arn),
        ),
        Kind("addresses that do not hear", f"{address} is {state}", "", f"at the topic {topic_arn}"),
    )


def nobody_heard(unheard: Unheard, topic_arn: str) -> Telling:
    """For the operators: how many ends nobody heard."""
    since = (
        f"since {unheard.since:%Y-%m-%d %H:%M} UTC, when somebody was last seen to"
        if unheard.since
        else "and nobody was ever seen to"
    )
    return Telling(
        subject_line(f"jobwatch: nobody heard how {unheard.ends} jobs ended"),
        _lines(
            f"The notification topic has no confirmed subscriber. {unheard.ends} ends of jobs were published to it "
            f"that nobody heard, {since}.",
            "They stand in the watch table: outcome, and told.",
            *_way_back(topic_arn),
        ),
        Kind("notices that nobody heard", f"{unheard.ends} ends of jobs", "", "they stand in the watch table"),
    )


def operators_unheard(address: str, state: Hearing, topic_arn: str, at: datetime) -> tuple[str, dict[str, str]]:
    """For those who hear of jobs: the address that is to hear of jobwatch's own troubles does not."""
    headline = f"jobwatch: {address} does not hear of jobwatch's own troubles ({state})"
    text = _lines(
        f"{address} {_STATE[state]}",
        "So refused submissions and stopped jobs are told to nobody there. You read this as somebody who hears how "
        "jobs end; please pass it on to whoever runs jobwatch.",
        *_way_back(topic_arn),
    )
    document = {
        "schema": ANNOUNCEMENT_SCHEMA,
        "headline": headline,
        "text": text,
        "address": address,
        "state": state,
        "topic_arn": topic_arn,
        "at": write_time(at),
    }
    return subject_line(headline), {"default": json.dumps(document), "email": text, "sms": headline[:140]}


def _way_back(topic_arn: str) -> tuple[str, ...]:
    return f"What to do: {_WAY_BACK}", f"TOPIC: {topic_arn}", "This is told once a day while it lasts."


def _lines(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"
