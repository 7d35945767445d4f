"""Chaos: the real template on the embedded stack while everything around it fails, and what is true afterwards.

`python -m chaos`. A storm of faults (`aws_faults`, `vendor_faults`, `strikes`) over jobs whose ends are known
(`jobs`), calm after it, and then the reckoning: who was told what, how often, and what is left behind.
"""
