"""One file per status API: build the request, read the answer; nothing else. `registry` names them all."""
