"""What jobwatch does: accept, poll, notify, deliver, alert. Ports are passed in; `wiring` names the concrete parts."""
