"""What browsers reach: pages, static files, packages, and Socket.IO events."""
