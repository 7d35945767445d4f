"""`make demo`: the whole chain on the embedded stack, from events on the bus to what people read."""
