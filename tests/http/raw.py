"""A server of bytes: for answers that no framework would send."""

import socket
from collections.abc import Callable

Serve = Callable[[Callable[[socket.socket], None]], str]
"""Serves each connection with a function that writes to it, once it has read the request; gives the address."""
