"""The Python that participants' browsers run: their packages, Pyodide, and the netcode."""
