"""Talking to vendors and Slack: bounded answers, credentials that stay at their host."""
