from interactive_gym.server.participants.server_rtt import ServerRttMeter


class Socket:
    """Answers each measurement after the time a test gives it."""

    def __init__(self):
        self.now_s, self.unanswered, self.sent_to = 0.0, [], []

    def emit(self, event, payload, *, to, callback):
        assert (event, payload) == ("measure_server_rtt", {})
        self.sent_to.append(to)
        self.unanswered.append(callback)

    def answer_after(self, rtt_ms):
        self.now_s += rtt_ms / 1000
        self.unanswered.pop(0)()


def meter(socket):
    return ServerRttMeter(socket, clock=lambda: socket.now_s)


def test_the_server_rtt_is_unknown_before_the_first_answer():
    rtt = meter(Socket())
    rtt.measure("s1", "sid1")
    assert rtt.minimum_ms("s1") is None


def test_the_server_rtt_is_the_smallest_of_the_latest_five_samples():
    socket = Socket()
    rtt = meter(socket)
    for sample_ms in (10, 1000, 30, 20, 900, 40):
        rtt.measure("s1", "sid1")
        socket.answer_after(sample_ms)
    assert round(rtt.minimum_ms("s1"), 6) == 20
    assert rtt.minimum_ms("s2") is None


def test_a_browser_that_answers_late_while_it_loads_does_not_look_far_away():
    socket = Socket()
    rtt = meter(socket)
    for sample_ms in (40, 4.0, 120, 38, 35):
        rtt.measure("s1", "sid1")
        socket.answer_after(sample_ms)
    assert round(rtt.minimum_ms("s1"), 6) == 4.0


def test_samples_in_a_row_follow_each_other_so_that_none_delays_the_next():
    socket = Socket()
    meter(socket).measure("s1", "sid1", in_a_row=3)
    for sent in (1, 2, 3):
        assert socket.sent_to == ["sid1"] * sent
        socket.answer_after(10)
    assert socket.unanswered == []
