"""The desk in a real browser: it renders, asks nobody outside, and runs nothing that was crawled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1300,1600"),
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A fresh headless Chromium that notes every request it makes."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield opened
    finally:
        opened.quit()


def requested(browser: webdriver.Chrome) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]  # type: ignore[no-untyped-call]  # selenium
    return [
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    ]


def test_an_analyst_finds_the_way(desk: str, browser: webdriver.Chrome) -> None:
    browser.get(desk)
    assert browser.title == "Tocsin"
    browser.find_element(By.CSS_SELECTOR, "a[href='/tocsin/pile_on_watch']").click()
    assert browser.title == "Pile-on watch"
    assert "Acme raises prices" in browser.find_element(By.CSS_SELECTOR, "td.col-thread").text
    browser.get(f"{desk}tocsin/posts")
    box = browser.find_element(By.NAME, "_search")
    box.send_keys("walrus")
    box.submit()
    WebDriverWait(browser, 10).until(lambda shown: "_search=walrus" in shown.current_url)
    cells = browser.find_elements(By.CSS_SELECTOR, "td.col-text")
    assert [cell.text for cell in cells] == ["the walrus changed its mind"]
    assert browser.find_element(By.CSS_SELECTOR, "td.col-url a").get_attribute("href") == "https://forum.example/t1#7"
    assert browser.find_element(By.CSS_SELECTOR, "details.columns summary").text == "What the columns mean"


def test_the_dashboard_draws_every_chart_and_asks_nobody_outside(desk: str, browser: webdriver.Chrome) -> None:
    browser.get(f"{desk}-/dashboards/overview")
    WebDriverWait(browser, 30).until(lambda page: len(page.find_elements(By.CSS_SELECTOR, "svg.marks")) == 5)
    for chart in browser.find_elements(By.CSS_SELECTOR, "svg.marks"):
        assert len(chart.find_elements(By.CSS_SELECTOR, ".role-mark path")) > 0, "an empty chart has axes only"
    figures = [card.text.split()[-1] for card in browser.find_elements(By.CSS_SELECTOR, ".dashboard-card")[:4]]
    assert figures == ["12", "1", "1", "1"]
    pages = [address for address in requested(browser) if address.startswith(("http", "ws"))]
    assert pages
    assert [address for address in pages if not address.startswith(desk)] == []
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]  # selenium
    assert errors == []


def test_crawled_markup_does_not_run(desk: str, browser: webdriver.Chrome) -> None:
    pages = (
        "tocsin/posts",
        "tocsin/threads",
        "tocsin/pile_on_watch",
        "tocsin/episode_evidence",
        "-/dashboards/overview",
    )
    for page in pages:
        browser.get(desk + page)
        WebDriverWait(browser, 10).until(lambda shown: shown.title != "")
        assert browser.title != "caught", page
