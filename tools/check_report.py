#!/usr/bin/env python3
"""Opens reports in headless Chromium as people do: light, dark, at phone width, by keyboard, without scripts, on paper.

    python tools/check_report.py --chromium /usr/bin/chromium --screenshots DIR report.html ...

Needs playwright (PyPI) and Debian's chromium. Fails when a console message, a request, a blank chart, a text of too little contrast, or a
page wider than the screen is met. The screenshots are for looking at.
"""
import argparse
import pathlib
import sys

from playwright.sync_api import sync_playwright

VIEWS = {
    "light": dict(color_scheme="light", viewport={"width": 1200, "height": 900}),
    "dark": dict(color_scheme="dark", viewport={"width": 1200, "height": 900}),
    "phone": dict(color_scheme="light", viewport={"width": 390, "height": 844}, device_scale_factor=2),
    "phone-dark": dict(color_scheme="dark", viewport={"width": 390, "height": 844}, device_scale_factor=2),
}

# Canvases with the number of pixels that are not transparent, as a share; a frame with labels alone has about 0.02.
INK = """() => [...document.querySelectorAll("[data-chart]")].map(place => {
  const canvas = place.querySelector("canvas");
  if (!canvas || !place.dataset.drawn) return { title: place.getAttribute("aria-label"), colours: 0 };
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const root = getComputedStyle(document.documentElement);
  const wanted = root.getPropertyValue("--series-1").trim();
  const [r, g, b] = [1, 3, 5].map(i => parseInt(wanted.slice(i, i + 2), 16));
  let found = 0;
  for (let i = 0; i < pixels.length; i += 4)
    if (pixels[i + 3] > 200 && Math.abs(pixels[i] - r) + Math.abs(pixels[i + 1] - g) + Math.abs(pixels[i + 2] - b) < 30) found++;
  return { title: place.getAttribute("aria-label"), colours: found };
})"""

# Texts whose colour has a contrast below 4.5 (WCAG 2.2, 1.4.3) on the nearest background that is not transparent.
FAINT = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = c => { const f = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest("script, svg, noscript")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(e.tagName + ": " + e.textContent.slice(0, 40));
  }
  return faint;
}"""


def check(browser, page_file, screenshots):
    problems = []
    name = page_file.resolve().parent.name + "-" + page_file.stem
    address = page_file.resolve().as_uri()
    charts = 0
    for view, settings in VIEWS.items():
        context = browser.new_context(**settings)
        page = context.new_page()
        page.on("console", lambda message: problems.append(f"{view}: console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"{view}: error: {error}"))
        page.on("dialog", lambda dialog: (problems.append(f"{view}: a dialog opened"), dialog.dismiss()))
        page.on("request", lambda request: request.url != address and problems.append(f"{view}: asks for {request.url}"))
        page.goto(address)
        page.wait_for_timeout(300)
        for chart in page.evaluate(INK):
            charts += 1
            if chart["colours"] < 20:
                problems.append(f"{view}: nothing is drawn in: {chart['title']}")
        problems += [f"{view}: too little contrast: {text}" for text in page.evaluate(FAINT)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > settings["viewport"]["width"]:
            problems.append(f"{view}: the page is {width} wide")
        problems += [f"{view}: no text alternative: {html}" for html in page.evaluate(
            "[...document.querySelectorAll('[role=img]')].filter(e => !e.getAttribute('aria-label')).map(e => e.outerHTML.slice(0, 80))")]
        if view == "light" and page.locator("[data-chart]").count():
            problems += keyboard(page)
        if view == "dark":
            page.pdf(path=str(screenshots / f"{name}.pdf"), format="A4", print_background=False)
            if page.evaluate("document.documentElement.classList.contains('paper')"):
                problems.append("after printing, the page is still as on paper")
        page.screenshot(path=str(screenshots / f"{name}-{view}.png"), full_page=True)
        context.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    if not page.locator("noscript p").is_visible():
        problems.append("without scripts: nothing says so")
    if page.locator("figure").count() and not page.locator("figure details table").count():
        problems.append("without scripts: no tables of numbers")
    context.close()
    print(f"{page_file}: {charts // len(VIEWS)} charts in {len(VIEWS)} views, {len(problems)} problems")
    return problems


def keyboard(page):
    """Reaches a chart that has a readout by Tab, and reads two of its values."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-chart]')"):
            page.keyboard.press("ArrowRight")
            first = page.evaluate("document.activeElement.parentElement.querySelector('.readout').textContent")
            page.keyboard.press("ArrowRight")
            second = page.evaluate("document.activeElement.parentElement.querySelector('.readout').textContent")
            return [] if first and second and first != second else [f"arrow keys read out {first!r}, then {second!r}"]
    return ["no chart is reached by Tab"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--screenshots", type=pathlib.Path, required=True)
    parser.add_argument("reports", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.screenshots.mkdir(parents=True, exist_ok=True)
    problems = []
    with sync_playwright() as playwright:
        # As root (containers), Chromium's own sandbox cannot start.
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        for report in arguments.reports:
            problems += [f"{report}: {problem}" for problem in check(browser, report, arguments.screenshots)]
        browser.close()
    for problem in problems[:50]:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
