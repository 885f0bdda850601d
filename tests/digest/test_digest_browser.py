"""The digest in a real browser: fits a phone, turns dark, asks nobody, runs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tocsin.digest.content import compose
from tocsin.digest.facts import EvidencePost, Facts, Moment, Occasion
from tocsin.digest.render import render
from tocsin.store.records import Episode

pytestmark = pytest.mark.browser

DARK = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}


@pytest.fixture
def page(
    make_facts: Callable[..., Facts],
    backlash: Episode,
    attention: Episode,
    post: EvidencePost,
    talk: tuple[Moment, ...],
    templates: Path,
    tmp_path: Path,
) -> str:
    nasty = "<script>document.title='owned'</script><img src=http://127.0.0.1:9/x> " + "W" * 400
    strange = replace(post, text=nasty, author="m" * 90, title="t" * 110, url="https://forum.example/" + "u" * 300)
    facts = make_facts(
        episodes=(backlash, attention),
        evidence={"ep-1": (post, strange), "ep-2": (strange,)},
        talk={"ep-1": talk, "ep-2": talk},
        occasion=Occasion(nights=("2026-11-21", "2026-11-22"), troubles=("tag: " + "x" * 200,)),
    )
    path = tmp_path / "digest.html"
    path.write_text(render(compose(facts), templates).html, encoding="utf-8")
    return path.as_uri()


def test_it_fits_a_phone_and_turns_dark_without_asking_anybody(browser: webdriver.Chrome, page: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.get(page)
    assert browser.title == "Acme: backlash emerging, 43 voices, forum and hn; and 1 more (2 nights)"
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360  # type: ignore[no-untyped-call]  # selenium
    sheet = browser.find_element(By.CSS_SELECTOR, "table.sheet")
    verdict = browser.find_element(By.CSS_SELECTOR, "h1")
    assert sheet.value_of_css_property("background-color") == "rgba(255, 255, 255, 1)"
    assert float(verdict.value_of_css_property("font-size").removesuffix("px")) == 21
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", DARK)
    assert sheet.value_of_css_property("background-color") == "rgba(29, 32, 36, 1)"
    assert verdict.value_of_css_property("color") == "rgba(232, 230, 227, 1)"
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]  # type: ignore[no-untyped-call]  # selenium
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file:", "data:", "chrome:", "about:"))] == []
