"""What every connection must keep to, so that no client takes the server from the others."""
