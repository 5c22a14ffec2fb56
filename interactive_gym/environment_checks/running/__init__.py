"""An environment at play for a check: loaded, played in a process, its state taken apart."""
