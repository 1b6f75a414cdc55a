// The page of `cfkv audit --format html`, as a browser has it: what it shows, sorts and filters, that what came
// from outside is text, that it asks nobody for anything, and that it can be read. Screenshots go to build/.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Browser } from "./browser.mjs";
import { Emulator } from "./emulator.mjs";
import { Project } from "./support.mjs";

const SHOTS = join(import.meta.dirname, "../../build/screenshots");

const HOSTILE = [
  "</script><script>window.hacked = 1</script>",
  '<img src=x onerror="window.hacked = 2">',
  "\u202Eevil\u202C and \u200Bunseen",
  "]]> --> <!-- &lt;b&gt; <b>bold</b>",
  "x".repeat(512),
  "k\u{1F600}y \u{1F469}\u200D\u{1F4BB} \u65E5\u672C\u8A9E",
  "javascript:alert(1)",
  "{style}{script}{data}",
];

const STALE = "ab".repeat(16);

const CONFIG = `local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local purposes = {
  cache = { ttl_seconds = 3600, description = "Cached API responses", owner = "platform" },
  config = { description = "Feature flags and configuration", owner = "platform" },
  session = { ttl_seconds = 1800, description = "User sessions <script>window.hacked = 3</script>", owner = "<i>us</i>" },
}
for _, env in ipairs { "dev", "staging", "prod" } do
  for purpose, p in pairs(purposes) do
    local ns = cfkv.namespace { app = "shop", purpose = purpose, env = env, binding = purpose:upper(),
      ttl_seconds = p.ttl_seconds, description = p.description, owner = p.owner }
    for i = 1, #env do ns:put("k" .. i, "v") end
  end
end
cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }
`;

const TOML = 'name = "shop"\nmain = "src/index.js"\ncompatibility_date = "2026-01-01"\n';

const bound = (name, id) => `[[kv_namespaces]]\nbinding = "${name}"\nid = "${id}"\n`;

const stateOf = (id) =>
  JSON.stringify({
    version: 2, salt: "0".repeat(32), outputs: {}, project: "</script>billing",
    accounts: { cf000000000000000000000000000001: { namespaces: { "billing/ledger/prod": { bulk: {}, id, keys: {},
      origin: "created", title: "billing-ledger-prod", ttl_seconds: 0, owner: "finance" } } } },
  });

let emulator, browser, project, path, ids;

const audit = (...words) => {
  const r = project.cfkv("audit", ...words);
  assert.equal(r.code, 0, r.stderr);
  return r.text;
};

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  emulator = await Emulator.start();
  project = new Project({ "kv.lua": CONFIG, "wrangler.toml": TOML }, emulator);
  assert.equal(project.cfkv("apply", "--yes").code, 0);
  ids = {};
  const create = async (title) => (ids[title] = (await emulator.result("POST", "", { title })).id);
  for (const title of [...HOSTILE, "legacy-cache", "tmp", "shop-queue-dev", "billing-ledger-prod"]) await create(title);
  const list = await emulator.result("GET", "?per_page=1000");
  for (const ns of list) ids[ns.title] = ns.id;
  await emulator.kv("PUT", `/${ids["shop-session-prod"]}/values/%3Cb%3Efor%20ever`, "v");
  project.write("apps/api/wrangler.toml", `name = "api"\n${bound("QUEUE", ids["shop-queue-dev"])}${bound("OLD", STALE)}`);
  project.write("apps/web/wrangler.jsonc", JSON.stringify({ name: "web", env: { "</script>": { kv_namespaces: [
    { binding: "HOSTILE", id: ids[HOSTILE[0]], preview_id: ids[HOSTILE[1]] }] } } }));
  project.write("apps/broken/wrangler.toml", "name = [");
  project.write("billing/kv.lua", "");
  project.write("billing/kv.state.json", stateOf(ids["billing-ledger-prod"]));
  assert.equal((await emulator.kv("DELETE", `/${ids["shop-config-staging"]}`)).status, 200);
  project.write("kv.lua", `${CONFIG}cfkv.namespace { title = "shop-new-dev" }\n`);
  path = project.path("audit.html");
  project.write("audit.html", audit("--format", "html", "--keys"));
  browser = await Browser.start();
});

after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await emulator?.[Symbol.asyncDispose]();
  project?.[Symbol.dispose]?.();
});

// What the table shows: a list of cells by heading for each row that is not hidden.
const table = (page) =>
  page.evaluate(() => {
    const heads = [...document.querySelectorAll("#heads button")].map((button) => button.textContent);
    return [...document.querySelectorAll("#rows tr.row")].filter((row) => !row.hidden).map((row) =>
      Object.fromEntries([...row.cells].map((cell, i) => [heads[i],
        heads[i] === "Namespace" ? cell.querySelector(".title").textContent
          : heads[i] === "Bindings" ? (cell.querySelector(".open")?.firstChild ?? cell).textContent : cell.textContent])));
  });

const assertQuiet = async (page) => {
  assert.deepEqual(page.requests, []);
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(await page.evaluate(() => [window.violations, window.hacked ?? null]), [[], null]);
};

// As the page names what is not seen.
const seen = (title) =>
  title.replace(/[\u202c\u202e\u200b]/g, (c) => `U+${c.codePointAt(0).toString(16).toUpperCase()}`);

describe("the page of an audit", () => {
  test("shows what the document has, a row a namespace, by title", async () => {
    const page = await browser.open(path);
    const rows = await table(page);
    const wanted = JSON.parse(audit("--json", "--keys")).namespaces;
    assert.deepEqual(
      rows.map((row) => [row.Status, row.Namespace, row.Id, row.Owner, row.Bindings.replace("more", "0"), row.Keys]),
      wanted.map((ns) => [ns.status, ns.title === null ? "(no namespace has this id)" : seen(ns.title), ns.id ?? "",
        ns.owner ?? "", String(ns.bindings.length), ns.keys ? String(ns.keys.count) : ""]),
    );
    assert.match(await page.locator("#where").textContent(), /^account cf000000000000000000000000000001/);
    assert.match(await page.locator("#line").textContent(), /^\d+ namespaces: 8 managed, 3 adoptable, 1 foreign, \d+ orphans; /);
    assert.equal(await page.locator("caption").count(), 1);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await assertQuiet(page);
    await page.close();
  });

  test("sorts by each column, both ways, with the keyboard too", async () => {
    const page = await browser.open(path);
    const heads = page.locator("#heads button");
    const names = await heads.allTextContents();
    assert.deepEqual(names, ["Status", "Namespace", "Id", "Owner", "Keys", "Next expiry", "Bindings"]);
    const before = (await table(page)).map((row) => row.Id + row.Namespace).sort();
    const order = ["managed", "declared", "adoptable", "foreign", "orphan", "gone", "missing", "stale"];
    const keyOf = {
      Status: (cell) => order.indexOf(cell), Keys: Number, Bindings: (cell) => Number(cell.replace("more", "0")),
      "Next expiry": (cell) => cell, Namespace: null, Id: (cell) => cell, Owner: (cell) => cell,
    };
    for (const [i, name] of names.entries()) {
      for (const direction of ["ascending", "descending"]) {
        if (direction === "ascending") await heads.nth(i).click();
        else {
          await heads.nth(i).focus();
          await page.keyboard.press("Enter");
        }
        assert.equal(await page.locator("#heads th").nth(i).getAttribute("aria-sort"), direction);
        assert.equal(await page.locator('#heads th:not([aria-sort="none"])').count(), 1);
        const rows = await table(page);
        assert.deepEqual(rows.map((row) => row.Id + row.Namespace).sort(), before);
        if (!keyOf[name]) continue;
        const filled = rows.map((row) => row[name]).filter((cell) => cell !== "").map(keyOf[name]);
        const sorted = [...filled].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        assert.deepEqual(filled, direction === "ascending" ? sorted : sorted.reverse(), `${name} ${direction}`);
        assert.ok(!rows.map((row) => row[name] === "").join().includes("true,false"), `${name}: what is empty is last`);
      }
    }
    await assertQuiet(page);
    await page.close();
  });

  test("filters by words and by chips, and says how many are shown", async () => {
    const page = await browser.open(path);
    const all = (await table(page)).length;
    const find = page.getByRole("searchbox", { name: "Filter the namespaces" });
    await find.fill("apps/api queue");
    assert.deepEqual((await table(page)).map((row) => row.Namespace), ["shop-queue-dev"]);
    assert.equal(await page.locator("#shown").textContent(), `1 of ${all} rows`);
    await find.fill("<IMG");
    assert.deepEqual((await table(page)).map((row) => row.Namespace), [HOSTILE[1]]);
    await find.fill("nothing is called so");
    assert.deepEqual(await table(page), []);
    assert.ok(await page.locator("#nothing").isVisible());
    await find.press("Escape");
    assert.equal((await table(page)).length, all);
    const chips = Object.fromEntries((await page.locator("#chips button").allTextContents())
      .map((chip) => /^([a-z-]+)(\d+)$/.exec(chip).slice(1)));
    assert.equal(chips.managed, "8");
    assert.equal(chips["no-expiry"], "1");
    await page.locator("#chips button", { hasText: "gone" }).click();
    assert.deepEqual((await table(page)).map((row) => row.Namespace), ["shop-config-staging"]);
    await page.locator("#chips button", { hasText: "foreign" }).click();
    assert.deepEqual((await table(page)).map((row) => row.Status), ["foreign", "gone"]);
    assert.equal(await page.locator('#chips [aria-pressed="true"]').count(), 2);
    await page.locator("#chips button", { hasText: "foreign" }).click();
    await page.locator("#chips button", { hasText: "gone" }).click();
    await page.locator("#chips button", { hasText: "no-expiry" }).click();
    assert.deepEqual((await table(page)).map((row) => row.Namespace), ["shop-session-prod"]);
    await assertQuiet(page);
    await page.close();
  });

  test("opens what is behind a row", async () => {
    const page = await browser.open(path);
    const row = page.locator("tr.row", { hasText: "shop-queue-dev" });
    const button = row.locator(".open");
    const detail = page.locator(`#${await button.getAttribute("aria-controls")}`);
    assert.equal(await button.getAttribute("aria-expanded"), "false");
    assert.ok(!(await detail.isVisible()));
    await button.focus();
    await page.keyboard.press("Space");
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    assert.match(await detail.innerText(), /apps\/api\/wrangler\.toml:2 as QUEUE \(top level\)/);
    await page.locator("#find").fill("legacy");
    assert.ok(!(await detail.isVisible()));
    await page.locator("#find").fill("");
    assert.ok(await detail.isVisible());
    await button.click();
    assert.ok(!(await detail.isVisible()));
    const foreign = page.locator("tr.row", { hasText: "billing-ledger-prod" });
    await foreign.locator(".open").click();
    assert.match(await page.locator("tr.detail:visible").innerText(),
      /billing\/ledger\/prod of project <\/script>billing, billing\/kv\.state\.json/);
    await foreign.locator(".open").click();
    await page.locator("tr.row", { hasText: "shop-session-prod" }).locator(".open").click();
    assert.match(await page.locator("tr.detail:visible").innerText(), /30 min[^]*1 key: <b>for ever/);
    await assertQuiet(page);
    await page.close();
  });

  test("has only text of what came from outside", async () => {
    const page = await browser.open(path);
    const titles = (await table(page)).map((row) => row.Namespace);
    for (const title of HOSTILE) assert.ok(titles.includes(seen(title)), title);
    const counts = await page.evaluate(() => ["img", "iframe", "b > b", "i", "main script", "#rows script", "svg", "a"]
      .map((name) => document.querySelectorAll(name).length));
    assert.deepEqual(counts, [0, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(await page.locator("script").count(), 2);
    assert.match(await page.locator("#warnings-list").textContent(), /apps\/broken\/wrangler\.toml/);
    assert.ok(await page.evaluate(() => !/[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText)));
    await assertQuiet(page);
    await page.close();
  });

  test("lets nothing run or load that is not its own", async () => {
    const page = await browser.open(path);
    const violated = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.hacked = 9";
      const image = document.createElement("img");
      image.src = "https://example.com/x.png";
      const style = document.createElement("style");
      style.textContent = "body { display: none }";
      document.body.append(script, image, style);
      await fetch("https://example.com/").catch(() => {});
      await new Promise((done) => setTimeout(done, 0));
      return [...new Set(window.violations)].sort();
    });
    assert.deepEqual(violated, ["connect-src", "img-src", "script-src-elem", "style-src-elem"]);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(page.requests, []);
    await page.close();
  });

  // All text against what is behind it: WCAG's AA.
  const contrasts = (page) =>
    page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      };
      const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const color = rgba(getComputedStyle(at).backgroundColor);
          if (color[3] === 255) return color;
        }
        return [255, 255, 255, 255];
      };
      const poor = [];
      let n = 0;
      for (const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walker.nextNode();) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style, .unseen")) continue;
        const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        n++;
        if (ratio < 4.5) poor.push(`${walker.currentNode.data.slice(0, 30)}: ${ratio.toFixed(2)}`);
      }
      return { n, poor };
    });

  for (const width of [390, 1280])
    for (const dark of [false, true])
      test(`can be read at ${width} pixels, ${dark ? "dark" : "light"}`, async () => {
        const page = await browser.open(path, { width, dark });
        const name = `audit-${width}-${dark ? "dark" : "light"}`;
        await page.screenshot({ path: join(SHOTS, `${name}.png`) });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${wide} pixels are wider than ${width}`);
        await page.evaluate(() => {
          for (const button of document.querySelectorAll(".open")) button.click();
          for (const details of document.querySelectorAll("details")) details.open = true;
          for (const chip of document.querySelectorAll(".chip:last-child")) chip.click();
          document.querySelector(".chip:last-child").click();
        });
        const { n, poor } = await contrasts(page);
        assert.ok(n > 100);
        assert.deepEqual(poor, []);
        await page.screenshot({ path: join(SHOTS, `${name}-open.png`), fullPage: true });
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
        await assertQuiet(page);
        await page.close();
      });

  test("prints all that is behind the rows, black on white", async () => {
    const page = await browser.open(path, { dark: true });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.ok(!(await page.locator(".tools").isVisible()));
    const details = page.locator("tr.detail");
    for (let i = 0; i < (await details.count()); i++) assert.ok(await details.nth(i).isVisible());
    assert.deepEqual(await page.evaluate(() => [getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.body).color]), ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
    await page.screenshot({ path: join(SHOTS, "audit-print.png"), fullPage: true });
    await assertQuiet(page);
    await page.close();
  });

  test("is the same page each time", () => {
    assert.equal(audit("--format", "html", "--keys"), project.read("audit.html"));
  });

  test("stays quick with 1,000 namespaces", async () => {
    const document_ = project.read("audit.html");
    const at = document_.indexOf('<script type="application/json" id="data">') + 42;
    const data = JSON.parse(document_.slice(at, document_.indexOf("</script>", at)));
    const sample = data.audit.namespaces;
    data.audit.namespaces = Array.from({ length: 1000 }, (_, i) => ({ ...sample[i % sample.length], title: `ns-${i}` }));
    const json = JSON.stringify(data).replaceAll("<", "\\u003c");
    project.write("many.html", document_.slice(0, at) + json + document_.slice(document_.indexOf("</script>", at)));
    const began = performance.now();
    const page = await browser.open(project.path("many.html"));
    assert.equal(await page.locator("tr.row").count(), 1000);
    const opened = performance.now() - began;
    const worked = await page.evaluate(() => {
      const from = performance.now();
      document.querySelector("#heads button").click();
      document.body.offsetHeight;
      const find = document.querySelector("#find");
      find.value = "ns-99";
      find.dispatchEvent(new Event("input"));
      document.body.offsetHeight;
      return performance.now() - from;
    });
    console.log(`1,000 rows: opened in ${Math.round(opened)} ms, sorted and filtered in ${Math.round(worked)} ms`);
    assert.equal((await table(page)).length, 11);
    assert.ok(opened < 5000, `opening took ${opened} ms`);
    assert.ok(worked < 2000, `sorting and filtering took ${worked} ms`);
    await assertQuiet(page);
    await page.close();
  });
});
