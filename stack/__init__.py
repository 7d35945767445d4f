"""jobwatch whole on one machine: the embedded AWS and the real template. For the demo, tests and benchmarks."""
