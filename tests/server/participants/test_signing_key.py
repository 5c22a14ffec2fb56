import re
import threading
from pathlib import Path

import pytest

from interactive_gym.server.participants import signing_key as keys
from interactive_gym.server.participants.signing_key import default_key_file, signing_key


def test_the_key_is_made_once_and_is_the_same_at_every_start(tmp_path):
    file = tmp_path / "state" / "signing.key"
    key = signing_key(file)
    assert len(bytes.fromhex(key)) == 32
    assert signing_key(file) == key
    assert signing_key(tmp_path / "other.key") != key


def test_only_its_owner_may_read_the_key(tmp_path):
    file = tmp_path / "signing.key"
    signing_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(ValueError, match=re.escape(f"key_file is {str(file)!r}")):
            signing_key(file)


@pytest.mark.parametrize("content", ["", "\n", "short", "g" * 64, "0" * 63, "0" * 65, "é" * 32])
def test_a_file_without_a_key_is_refused_and_left_as_it_is(tmp_path, content):
    file = tmp_path / "signing.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(ValueError, match="holds no key"):
        signing_key(file)
    assert file.read_text() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"cannot be made or read .*key_file=…"):
        signing_key(tmp_path / "file" / "signing.key")
    with pytest.raises(ValueError, match="cannot be made or read"):
        signing_key(tmp_path)


def test_servers_that_start_at_once_use_the_same_key(tmp_path, mocker):
    file, found = tmp_path / "signing.key", []
    both_begin = threading.Barrier(2)
    link = keys.os.link

    def link_together(*paths):
        both_begin.wait(60)
        link(*paths)

    mocker.patch.object(keys.os, "link", link_together)
    servers = [threading.Thread(target=lambda: found.append(signing_key(file))) for _ in range(2)]
    for server in servers:
        server.start()
    for server in servers:
        server.join(60)
    assert len(found) == 2
    assert found[0] == found[1]
    assert list(tmp_path.iterdir()) == [file]


def test_the_key_lies_in_the_users_folder_of_state(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert default_key_file() == Path("/state/interactive-gym/signing.key")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/lab")
    assert default_key_file() == Path("/home/lab/.local/state/interactive-gym/signing.key")
