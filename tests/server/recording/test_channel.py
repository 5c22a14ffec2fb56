"""Lines between two processes, here between two ends in one."""

import subprocess
import sys
import textwrap

from tests.support.served_experiment import DEADLINE_S


def run(body):
    """Run *body* in a process of its own, as eventlet serves one thread alone."""
    head = """
        import socket, warnings
        warnings.simplefilter("ignore")
        import eventlet
        from interactive_gym.server.recording.channel import Channel
        ends = socket.socketpair()
        here, there = map(Channel, ends)
    """
    script = textwrap.dedent(head) + textwrap.dedent(body)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_lines_arrive_whole_and_in_order_in_both_directions():
    body = """
        for number in range(3):
            here.send(b"%d\\n" % number)
            there.send(b"x" * 300_000 + b"\\n")
        for lines in (there.lines(), here.lines()):
            print(*(len(next(lines)) for _ in range(3)))
    """
    assert run(body) == ["2"] * 3 + ["300001"] * 3


def test_who_sends_never_waits_for_one_who_does_not_read():
    body = """
        for _ in range(200):
            here.send(b"x" * 100_000 + b"\\n")
            eventlet.sleep(0)
        print("sent")
    """
    assert run(body) == ["sent"]


def test_the_other_end_sees_the_end_and_no_half_line():
    body = """
        here.send(b"whole\\nhalf")
        lines = there.lines()
        print(next(lines).decode())
        here.close()
        print(len(list(lines)))
        there.send(b"into the void\\n")
        eventlet.sleep(0)
    """
    assert run(body) == ["whole", "0"]
