"""One file per AWS service; what boto3 raises becomes one of `ports`' errors at this edge."""
