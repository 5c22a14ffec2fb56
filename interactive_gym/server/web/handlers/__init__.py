"""Socket.IO handlers by topic. Each identifies, validates and calls; none decides anything."""
