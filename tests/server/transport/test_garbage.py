import subprocess
import sys

CHECK = """
import gc
from interactive_gym.server.transport.garbage import THRESHOLDS, settle
before = len(gc.get_objects())
settle()
assert gc.get_freeze_count() > before / 2
assert len(gc.get_objects()) < before / 10
assert gc.get_threshold() == THRESHOLDS
"""


def test_what_there_is_at_the_start_is_looked_through_no_more():
    subprocess.run([sys.executable, "-c", CHECK], check=True)
