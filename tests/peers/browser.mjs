// Debian's Chromium without a window, and pages in it that may ask nobody for anything.
//
//   await using browser = await Browser.start();
//   const page = await browser.open(path, { width: 390, dark: true });
//   page.requests, page.complaints

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export class Browser {
  static async start() {
    const dir = mkdtempSync(join(tmpdir(), "cfkv-browser-"));
    const context = await chromium.launchPersistentContext(dir, { executablePath: PROGRAM, args: ARGS, headless: true });
    return new Browser(context, dir);
  }

  constructor(context, dir) {
    this.context = context;
    this.dir = dir;
  }

  // Every request of the page but that for itself is refused and kept; so is what it complains of.
  async open(path, { width = 1280, height = 900, dark = false } = {}) {
    const page = await this.context.newPage();
    const url = pathToFileURL(path).href;
    page.requests = [];
    page.complaints = [];
    page.on("console", (message) => page.complaints.push(message.text()));
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("dialog", (dialog) => {
      page.complaints.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    await page.route("**/*", (route) => {
      if (route.request().url() === url) return route.continue();
      page.requests.push(route.request().url());
      return route.abort();
    });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
    });
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
    await page.setViewportSize({ width, height });
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose]() {
    await this.context.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
