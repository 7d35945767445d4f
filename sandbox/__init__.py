"""Vendor APIs, Slack and an inbox on real HTTP, for the demo and the tests. Ships nowhere.

`from sandbox.server import Sandbox` starts them all; README.md says what each imitates and what it invents.
"""
