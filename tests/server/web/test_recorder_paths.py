import pytest
from flask import Flask

from interactive_gym.server.web import recorder_paths


@pytest.mark.parametrize("upgrade", [{}, {"Upgrade": "websocket", "Connection": "Upgrade"}])
def test_the_address_of_a_recorder_that_is_not_there_says_so_and_is_no_wrong_path(upgrade):
    app = Flask("study")
    recorder_paths.register(app)
    answer = app.test_client().get("/recorder/2/socket.io/?EIO=4", headers=upgrade)
    assert (answer.status_code, "Recorder 2" in answer.text) == (503, True)
    assert app.test_client().get("/recorder/two/socket.io/").status_code == 404
