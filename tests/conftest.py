"""What all tests share: how Hypothesis runs."""

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine, and of what else it does, than of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
