import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { openBrowser, withoutBrowser } from "./test-browser.js";
import { openWindow, TestPage, violations } from "./test-page.js";

const skip = withoutBrowser;
let browser: Browser;
let server: TestPage;
before(async () => {
  if (skip) return;
  browser = await openBrowser();
  server = await TestPage.start();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const CRITERIA = "Inclusion Criteria:\n- Focal seizures\n\nExclusion Criteria:\n- Pregnancy";

async function predict(page: Page, title: string, criteria = CRITERIA) {
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Eligibility criteria").fill(criteria);
  await page.getByRole("button", { name: /^Predict/ }).click();
  await page.locator(".answer h2").filter({ hasText: title }).waitFor();
  await page.locator(".effects").first().waitFor();
}

async function saved(page: Page, name: string) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

const rowsOf = async (text: string) => (await server.history.search({ text })).rows;

test("an answer of another model is not mixed with the present one's", { skip }, async () => {
  const { page, faults, requests, close } = await openWindow(browser, server.url);
  await predict(page, "An okapi trial");
  const [row] = await rowsOf("okapi");
  const { draft, prediction } = (await server.history.get(row!.id))!;
  const model = { name: "older", sha256: "7a".repeat(32) };
  await server.history.add({ draft: { ...draft, title: "A quagga trial" }, prediction, model });
  await page.getByRole("link", { name: "History" }).click();
  const asked = requests.length;
  await page.getByRole("button", { name: "A quagga trial", exact: true }).click();
  const warning = page.locator(".answer .warning");
  await warning.getByText("The kept answer is of another model").waitFor();
  assert.match(await warning.innerText(), /older 7a7a7a7a[\s\S]+made-up 5a5a5a5a/);
  await page
    .getByText(/^Not shown:/)
    .nth(1)
    .waitFor();
  assert.deepEqual(await violations(page), []);
  const json = JSON.parse((await saved(page, "Save as JSON")).text);
  assert.deepEqual(
    [json.model.sha256, json.attributions, json.similar],
    [model.sha256, null, null],
  );
  const html = (await saved(page, "Save as a page")).text;
  assert.match(html, /The kept answer is of another model/);
  assert.doesNotMatch(html, /Predict again/);
  // What if is of the present model: no difference to the kept answer.
  await page.getByLabel("Eligibility criteria").fill(`${CRITERIA}\n- Renal failure`);
  await page.getByText("it is not set against the kept answer").waitFor();
  assert.equal(await page.locator(".difference, .live-bar span").count(), 0);
  assert.doesNotMatch(await page.locator(".answer .chart").first().innerText(), /Kept/);
  assert.deepEqual(
    requests.slice(asked).filter((one) => /explanations|similar/.test(one)),
    [],
  );
  await page.getByRole("button", { name: "Explain the edited draft" }).click();
  await page.locator(".effects").first().waitFor();
  await page.getByRole("button", { name: "Back to the kept draft" }).click();
  await page.getByRole("button", { name: "Predict again with the present model" }).click();
  await warning.waitFor({ state: "detached" });
  await page.locator(".effects").first().waitFor();
  assert.deepEqual(
    (await rowsOf("quagga")).map((one) => one.model.name),
    ["made-up", "older"],
  );
  assert.deepEqual(faults, []);
  await close();
});

test("the same draft is kept once, unless it was deleted", { skip }, async () => {
  const { page, close } = await openWindow(browser, server.url);
  await predict(page, "A dodo trial");
  const again = async () => {
    await page.getByLabel("Title").focus();
    await page.getByRole("button", { name: /^Predict/ }).click();
    await page.locator("#answer:focus").waitFor();
    return (await rowsOf("dodo")).length;
  };
  assert.equal(await again(), 1);
  assert.equal(await again(), 1);
  await server.history.remove((await rowsOf("dodo"))[0]!.id);
  assert.equal(await again(), 1, "it is kept again");
  await page.getByLabel("Title").fill("A dodo trial, again");
  assert.equal(await again(), 2, "under another title");
  await close();
});
