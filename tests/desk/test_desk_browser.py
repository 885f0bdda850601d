"""The desk in a real browser: it renders, asks nobody outside, and runs nothing that was crawled."""

from __future__ import annotations

import json

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser


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
