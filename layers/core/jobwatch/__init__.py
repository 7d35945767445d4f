"""jobwatch: follows long jobs at SaaS platforms and says how they ended."""
