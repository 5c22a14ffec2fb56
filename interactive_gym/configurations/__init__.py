"""How an experiment is described: hosting, WebRTC, data, and the scenes in their order."""
