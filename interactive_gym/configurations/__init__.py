"""How an experiment is described: hosting, WebRTC, data, and the constants its scenes use."""
