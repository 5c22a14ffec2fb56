"""Forms: what a scene's HTML asks, and which answers its rules allow."""
