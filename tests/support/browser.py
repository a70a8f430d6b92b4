"""A browser without a window, for tests that look at pages: Chromium by its WebDriver, both found on the PATH.

Nothing is installed or fetched. Chromium starts with an empty profile and with all that talks to its makers off.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What a browser does for people, and what would keep it busy between two tests.
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--disable-domain-reliability",
    "--disable-features=Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions",
    "--in-process-gpu",
    "--js-flags=--liftoff-only --wasm-lazy-compilation",  # WebAssembly runs for moments here: compiled once, if called
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
)
PHONE, DESKTOP = (390, 844), (1280, 900)
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event => window.violations.push(event.effectiveDirective));
"""
"""Run before anything of a page is read; the page's own policy has no say in it."""
PATIENCE_S = 60
"""How long a condition may take; reached only when a test is about to fail."""


@contextmanager
def browser(profile: Path) -> Iterator["Browser"]:
    """A browser with an empty profile; skips the test, with the reason, where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    if missing := [name for name, path in programs.items() if path is None]:
        pytest.skip(f"no {missing[0]} on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = programs["chromium"]
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(programs["chromedriver"]))
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NOTE_VIOLATIONS})
        driver.get("about:blank")  # away from the page that it begins with, which asks for things itself
        yield Browser(driver)
    finally:
        driver.quit()


class Browser:
    """One tab: opens pages at a given width, waits for conditions, and tells what went on."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, page, size=DESKTOP, until="true"):
        """Load the file at that size, an emulated one: a window cannot be as narrow as a phone. Wait for `until`."""
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)  # what is there belongs to the page before
        self.resize(size)
        self.driver.get(page.as_uri())
        self.wait(until)

    def resize(self, size):
        width, height = size
        how = {"deviceScaleFactor": 1, "mobile": size == PHONE}
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, **how)

    def cdp(self, command, **given):
        return self.driver.execute_cdp_cmd(command, given)

    def js(self, expression, *arguments):
        return self.driver.execute_script(f"return {expression}", *arguments)

    def wait(self, expression):
        """Until this JavaScript expression is true."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, PATIENCE_S, 0.05).until(lambda _: self.js(expression), expression)

    def wait_for(self, condition):
        """Until this function is true of something outside of the page, such as a file."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, PATIENCE_S, 0.05).until(lambda _: condition())

    def all(self, selector):
        from selenium.webdriver.common.by import By

        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.js("[...document.querySelectorAll(arguments[0])].map(each => each.textContent)", selector)

    def hover(self, element):
        """Move the mouse onto the middle of an element."""
        from selenium.webdriver.common.action_chains import ActionChains

        self.js("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", element)
        ActionChains(self.driver).move_to_element(element).perform()

    def press(self, key):
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(key).perform()

    def violations(self):
        """The directives of the page's policy by which something in it was refused, whatever the console says of it."""
        return self.js("window.violations")

    def complaints(self):
        """Messages of the console that are a warning or worse, and violations of the policy."""
        log = self.driver.get_log("browser")
        return [entry["message"] for entry in log if entry["level"] in ("WARNING", "SEVERE")] + self.violations()

    def requests(self):
        """Every address that was asked for since the page was opened, data: ones aside, which are no requests."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in asked if not address.startswith("data:")]
