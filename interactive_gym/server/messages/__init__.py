"""What goes out to browsers and what may come in: the outbox, signals, rejected input."""
