"""Where notifications go beside SNS: for each channel, what it posts and how it looks. `registry` lists them."""
