"""How fast a topic is published to, by all functions together.

SNS switches an email subscription off that more than ten messages a second reach: it is PendingConfirmation then, is
deleted 48 hours later, and nobody hears anything any more. It is a limit of each subscription and cannot be raised.
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

# Seven a second, so that one that leaves a seventh of a second late still makes no ninth within any second.
SPACING_MS = 143
# A function sleeps so long for its slot at most. Whoever would have to wait longer comes back later: a wait of the
# machine costs nothing.
SLEPT_FOR_MS = 20_000
