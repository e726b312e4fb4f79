import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { withoutBrowser } from "./test-browser.js";
import { browserAndPage, openWindow, TestPage, violations } from "./test-page.js";

const skip = withoutBrowser;
const { browser, server } = await browserAndPage();

const CRITERIA = "Inclusion Criteria:\n- Focal seizures\n\nExclusion Criteria:\n- Pregnancy";

async function predict(page: Page, title: string, criteria = CRITERIA, shown = title) {
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Eligibility criteria").fill(criteria);
  await page.getByRole("button", { name: /^Predict/ }).click();
  await page.locator(".answer h2").filter({ hasText: shown }).waitFor();
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
  assert.match(json.disclaimer, /^A statistical estimate/);
  assert.deepEqual(
    [json.model.sha256, json.attributions, json.similar],
    [model.sha256, null, null],
  );
  const html = (await saved(page, "Save as a page")).text;
  assert.match(html, /The kept answer is of another model/);
  assert.doesNotMatch(html, /Predict again|What the makers of this test call so/);
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

test("the statements that the model read are there without an explanation", { skip }, async () => {
  const { page, close } = await openWindow(browser, server.url);
  await page.route("**/v1/explanations", (route) => route.fulfill({ status: 504, body: "" }));
  await page.getByLabel("Eligibility criteria").fill(CRITERIA);
  await page.getByRole("button", { name: "Predict" }).click();
  await page.locator(".failure").waitFor();
  await page.getByText("Inclusion statements as read").click();
  assert.deepEqual(await page.locator(".read[open] li").allInnerTexts(), ["Focal seizures"]);
  assert.deepEqual(await violations(page), []);
  const { text } = await saved(page, "Save as a page");
  assert.match(text, /Exclusion statements as read<\/summary><ol[^>]*><li><bdi>Pregnancy/);
  assert.match(text, /<details class="success" open="">/);
  await close();
});

test("few training trials are named as such; a draft without criteria has no answer of its own", {
  skip,
}, async () => {
  const { page, close } = await openWindow(browser, server.url);
  await page.getByLabel("Phase", { exact: true }).selectOption("early 1");
  await predict(page, "An aurochs trial");
  const answer = page.locator(".answer");
  assert.match(
    await answer.innerText(),
    /should succeed; 3 of 13 training trials of phase early 1 did\./,
  );
  await page.getByLabel("Eligibility criteria").fill("  ");
  await page.getByText("There is nothing to predict").waitFor();
  assert.match(await answer.innerText(), /This is the kept answer\./);
  await page.getByLabel("Eligibility criteria").fill(CRITERIA);
  await page.getByText("There is nothing to predict").waitFor({ state: "detached" });
  await close();
});

test("exports: whole sentences, and names in any script", { skip }, async () => {
  const { page, close } = await openWindow(browser, server.url);
  await page.getByText("Paste a record").click();
  const [study] = JSON.parse(
    readFileSync(new URL("../../examples/trials.json", import.meta.url), "utf8"),
  );
  await page.getByLabel(/^A study as/).fill(JSON.stringify(study));
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByText("Filled in from the record.").waitFor();
  await predict(page, "肺癌试验 – über 2 Jahre");
  const { name, text } = await saved(page, "Save as a page");
  assert.equal(name, "cladmop-肺癌试验-über-2-jahre.html");
  const copy = await page.context().newPage();
  await copy.setContent(text);
  assert.match(
    await copy.locator(".warning").innerText(),
    /That goes by the number NCT99000001 alone\.$/,
  );
  await copy.close();
  await page.getByLabel("Title").fill("!?");
  await predict(page, "!?");
  assert.equal((await saved(page, "Save as JSON")).name, "cladmop-draft.json");
  await close();
});

test("without an index of past trials none is asked", { skip }, async (t) => {
  const bare = await TestPage.start({ past: false });
  t.after(() => bare.stop());
  const { page, requests, close } = await openWindow(browser, bare.url);
  await predict(page, "A trial");
  await page.getByText("Similar past trials are not set up on this server.").waitFor();
  assert.deepEqual(
    requests.filter((one) => one.includes("similar")),
    [],
  );
  await close();
});

test("marks that turn a text around are seen, and turn nothing", { skip }, async () => {
  const { page, close } = await openWindow(browser, server.url);
  const turned = "Age \u202E81 revo\u202C and \u2067more\u2069";
  const criteria = `Inclusion Criteria:\n- ${turned}\n- בריאים`;
  await predict(page, "A \u202Etapir trial", criteria, "A ⟨U+202E⟩tapir trial");
  await page.getByText("; 4 invisible marks turn the text around, such as ⟨U+202E⟩").waitFor();
  assert.equal(await page.locator(".answer h2").innerText(), "A ⟨U+202E⟩tapir trial");
  const statement = page.locator(".statement").first();
  assert.equal(await statement.innerText(), "Age ⟨U+202E⟩81 revo⟨U+202C⟩ and ⟨U+2067⟩more⟨U+2069⟩");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("button", { name: /The draft in the form/ }).click();
  await page.locator(".effects-list").nth(1).waitFor();
  await page.locator(".chart svg").first().waitFor();
  const text = await page.locator("main").innerText();
  assert.doesNotMatch(text, /[\u202A-\u202E\u2066-\u2069]/);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("button", { name: "A ⟨U+202E⟩tapir trial", exact: true }).waitFor();
  await close();
});

test("a name is written alike in chart and list; a trial without a title is named once", {
  skip,
}, async () => {
  const { page, close } = await openWindow(browser, server.url);
  await page.getByLabel("Drugs and other interventions").fill("levetiracetam");
  await page.keyboard.press("Enter");
  await predict(page, "A trial of one drug");
  await page.locator(".chart svg").nth(1).waitFor();
  for (const place of [".chart svg >> nth=1", ".molecules", ".effects >> nth=2"])
    assert.match(await page.locator(place).innerHTML(), /Levetiracetam/);
  assert.doesNotMatch(
    await page.locator(".answer section:not(.paper-only)").allInnerTexts().then(String),
    /levetir/,
  );
  const last = await page.locator(".neighbours li").nth(2).innerText();
  assert.equal(last.match(/NCT98000003/g)!.length, 1, last);
  await close();
});

test("on a phone a label of a pull lies nearer its own bar than the one above", {
  skip,
}, async () => {
  const { page, close } = await openWindow(browser, server.url, {
    viewport: { width: 360, height: 740 },
  });
  const long = (n: number) => `- Seizure ${n} ${"word ".repeat(30)}`;
  await predict(page, "A phone's trial", `Inclusion Criteria:\n${[1, 2, 3].map(long).join("\n")}`);
  const chart = page.locator(".chart svg").nth(1);
  await chart.waitFor();
  const boxes = async (of: string) =>
    Promise.all(
      (await chart.locator(of).all()).map(async (one) => {
        const { y, height } = (await one.boundingBox())!;
        return [y, y + height] as const;
      }),
    );
  const bars = await boxes("path[fill*=down]");
  const [first, second] = [bars[0]![1], bars[1]![0]];
  const label = (await boxes("text")).filter(
    ([, bottom]) => bottom > first + 1 && bottom < second + 1,
  );
  const above = Math.min(...label.map(([top]) => top)) - first;
  const below = second - Math.max(...label.map(([, bottom]) => bottom));
  assert.ok(above > 2 * Math.max(2, below), `${above} above, ${below} below`);
  await close();
});

test("how one trial did that the model was made with, in whole sentences", { skip }, async (t) => {
  const other = await TestPage.start();
  t.after(() => other.stop());
  const { page, close } = await openWindow(browser, other.url);
  await predict(page, "A moa trial");
  const [row] = (await other.history.search({})).rows;
  const { draft, prediction, model } = (await other.history.get(row!.id))!;
  const seen = await other.history.add({
    draft,
    prediction: { ...prediction, usedIn: ["training"] },
    model,
  });
  await other.history.setLabel(seen.id, { label: 1 });
  await page.getByRole("link", { name: "History" }).click();
  await page.getByText("How past predictions did").click();
  await page
    .getByText(
      "1 further labelled trial was used to make the model; it shows nothing and is left out.",
    )
    .waitFor();
  await close();
});
