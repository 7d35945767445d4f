"""Pure rules: what a submission, a snapshot, an outcome and a watch are. No I/O, no clock, no randomness."""
