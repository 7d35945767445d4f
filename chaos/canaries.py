"""Canaries: every secret of a run, looked for in everything that the run wrote."""

from chaos.evidence import everything
from chaos.vendor_faults import secrets_of
from chaos.world import World


def leaks(world: World) -> list[str]:
    """Which secret stands where, of all places that it should not stand in."""
    secrets = secrets_of(world.sandbox)
    found = set()
    for place, text in everything(world):
        found |= {f"{name} in {place}" for name, secret in secrets.items() if secret in text}
    return sorted(found)
