"""The games of a scene, from their making to the end of their late frames."""
