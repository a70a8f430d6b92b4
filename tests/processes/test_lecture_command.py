"""`gil-lab lecture`: the lecture in a browser on this machine, until it is stopped."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import psutil
import pytest
from browser import DESKTOP, PHONE, browser
from command_line import called, gil_lab

from gil_lab.model.chapters import TITLE

pytestmark = pytest.mark.timeout(240)
"""marimo takes long to import on a slow machine."""
PROJECTOR = (1920, 1080)
DEEP = """(function found(root, wanted) {
  const within = [...root.querySelectorAll('*')].filter(each => each.shadowRoot);
  return [...root.querySelectorAll(wanted), ...within.flatMap(each => found(each.shadowRoot, wanted))];
})(document, %r)"""
"""Elements also within those of marimo, each of which has a tree of its own."""
SAYS = f"{DEEP % 'p, span, strong, td, button'}.some(each => each.textContent.includes(%r))"


@contextmanager
def given(cwd, *options):
    """The lecture, and its address; ended by what `end` is given, Ctrl-C if nothing."""
    command = [sys.executable, "-m", "gil_lab", "lecture", "--no-browser", *options]
    lecture = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        line = lecture.stdout.readline()
        found = re.fullmatch(r"The lecture: (http://127\.0\.0\.1:[0-9]+/) \(Ctrl-C ends it\)\n", line)
        assert found, (line, lecture.poll(), lecture.stderr.read() if not line else "")
        yield lecture, found[1]
    finally:
        lecture.kill()
        lecture.communicate()


def ended(lecture, number=signal.SIGINT):
    """Its exit code and what it says, once it was stopped; and what it has left behind."""
    began = psutil.Process(lecture.pid).children(recursive=True)
    lecture.send_signal(number)
    out, err = lecture.communicate(timeout=60)
    _, left = psutil.wait_procs(began, timeout=60)
    return lecture.returncode, out + err, left


def test_it_is_served_on_loopback_only_and_ends_cleanly(tmp_path):
    """One line says where; Ctrl-C ends it, with one line, and nothing is left: neither a process nor a file."""
    with given(tmp_path) as (lecture, address):
        page = urllib.request.urlopen(address, timeout=60).read().decode()
        assert TITLE in page
        assert f'document.title = "{TITLE}";' in page  # in the language that is chosen
        assert 'ariaLabel = "Menu"' in page  # marimo's has no name
        assert "count_primes" not in page  # the code stays here
        listening = [each for each in psutil.Process(lecture.pid).net_connections() if each.status == "LISTEN"]
        assert {each.laddr.ip for each in listening} == {"127.0.0.1"}
        code, said, left = ended(lecture)
    assert (code, said, left) == (130, "gil-lab: stopped by SIGINT; the lecture has ended\n", [])
    assert list(tmp_path.iterdir()) == []


def test_its_page_is_in_the_language_that_is_chosen(tmp_path):
    """As screen readers ask for it, also once marimo has drawn it."""
    (tmp_path / "profile").mkdir()
    with browser(tmp_path / "profile") as tab, given(tmp_path, "--language", "zh") as (lecture, address):
        tab.open(Page(address), DESKTOP, SAYS % "然后才会显示。")
        assert tab.js("document.documentElement.lang") == "zh-CN"
        assert ended(lecture)[0] == 130


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_other_signals_end_it_too(tmp_path, name, code):
    """Unless they are ignored, as SIGHUP is below nohup, where these tests may run."""
    usual = signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        with given(tmp_path) as (lecture, _):
            found, said, left = ended(lecture, getattr(signal, name))
    finally:
        signal.signal(getattr(signal, name), usual)
    assert (found, left) == (code, [])
    assert said.endswith(f"gil-lab: stopped by {name}; the lecture has ended\n")


def test_a_port_that_is_taken_is_refused(tmp_path):
    """In one line, with what to do; so is what is no port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = called("lecture", "--port", port, "--no-browser", cwd=tmp_path)
    assert refused.returncode == 2
    assert re.fullmatch(
        rf"gil-lab: error: port {port} cannot be listened to \(.*\); leave --port out\n", refused.stderr
    )
    for none in ("-1", "65536", "http"):
        refused = called("lecture", "--port", none, cwd=tmp_path)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)


def test_without_marimo_it_says_how_to_get_it(tmp_path):
    """In one line."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['marimo'] = None\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    refused = gil_lab("lecture", "--no-browser", cwd=tmp_path, PYTHONPATH=path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "gil-lab: error: marimo is not installed; python -m pip install 'gil-lab[lecture]'\n"


class Page:
    def __init__(self, address):
        self.address = address

    def as_uri(self):
        return self.address


def test_it_is_given_in_a_browser(tmp_path):
    """Nothing is seen before a choice; the measured result then stands beside the reference; nothing is fetched.
    While it is measured again what was shown stays, and a message says how far it is.

    What the console shows is marimo's own: pictures that its page loads early and does not need.
    """
    (tmp_path / "profile").mkdir()
    with browser(tmp_path / "profile") as tab, given(tmp_path) as (lecture, address):
        tab.open(Page(address), DESKTOP, "document.body.innerText.split('Predict first; then it opens.').length > 24")
        assert not tab.js(SAYS % "To the right: more tasks in flight")
        tab.js(f"{DEEP % '[role=radio]'}[0].click()")
        tab.wait(SAYS % "Right is: About as long")
        tab.wait(SAYS % "To the right: more tasks in flight")
        for size in (PROJECTOR, DESKTOP, PHONE):
            width, height = size
            tab.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
            assert tab.js("document.documentElement.scrollWidth <= innerWidth")
        assert [one for one in tab.complaints() if "preload" not in one] == []
        assert all(one.startswith((address, address.replace("http", "ws"))) for one in tab.requests())
        tab.js(f"{DEEP % 'button'}.find(each => each.textContent.includes('Measure it here')).click()")
        tab.wait(SAYS % "starting ")  # how far it is, in a corner of the page: where it was pressed nothing moves
        assert tab.js(SAYS % "To the right: more tasks in flight")
        tab.wait_for(lambda: list(tmp_path.glob("results/cpu-bound/*/session.json")))
        code, _, left = ended(lecture)
        assert (code, left) == (130, [])
    (session,) = tmp_path.glob("results/cpu-bound/*/session.json")
    assert json.loads(session.read_text())
