"""What people are told: the notification document, and the same as email, text message and Slack blocks. Pure."""
