// What a person does in VS Code, without one: driven in a headless Chromium by tests/editors/vscode/__main__.py.
// Arguments: the address of code-server, the project's folder, a workspace with it and another folder, Chromium, the folder
// for pictures, and one with playwright-core.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [address, project, workspace, chromium, pictures, modules] = process.argv.slice(2);
const { chromium: browserType } = createRequire(`${modules}/`)("playwright-core");

const browser = await browserType.launch({ executablePath: chromium, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, colorScheme: "light" });
page.setDefaultTimeout(90_000);
let step = "start";

/** Open the box for a file or a command, whose key a panel that has the focus may swallow, and type into it. */
async function quickInput(key, text) {
  const input = page.locator(".quick-input-widget input");
  for (let tries = 0; tries < 20 && !(await input.isVisible()); tries++) {
    if (tries) await page.locator(".part.sidebar .title-label").click(); // a panel that was closed may have kept the focus
    await page.keyboard.press(key);
    await page.waitForTimeout(1000);
  }
  await input.fill(text);
}

/** Take what is chosen; the box is still in sight for a moment, and must not be taken for the next one. */
async function accept() {
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

async function open(name) {
  await quickInput("Control+P", name);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: name }).first().waitFor();
  await accept();
  await page.locator(".tab.active").filter({ hasText: name }).waitFor();
}

async function find(title) {
  await quickInput("F1", `>${title}`);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first().waitFor();
}

async function command(title) {
  await find(title);
  await accept();
}

async function until(condition, what) {
  for (let waited = 0; waited < 60_000; waited += 200) {
    if (condition()) return;
    await page.waitForTimeout(200);
  }
  throw new Error(`waited for ${what}`);
}

const picture = (name) => page.screenshot({ path: path.join(pictures, `vscode-${name}.png`) });
const says = (text) => console.log(JSON.stringify({ step, ...text }));
const WARNING = ".squiggly-warning, .squiggly-error, .squiggly-info";

try {
  await page.goto(`${address}/?folder=${project}`);
  await page.locator(".monaco-workbench").waitFor();

  step = "a file shows its finding";
  await open("attention.py");
  await page.locator(WARNING).first().waitFor();
  says({ status: await page.locator(".statusbar-item").filter({ hasText: "bufferlint" }).getAttribute("aria-label") });

  step = "its quick fix";
  await page.keyboard.press("F8"); // to the finding, whose message opens in the text
  await page.locator(".marker-widget").waitFor();
  await page.waitForTimeout(500);
  await picture("finding");
  says({ message: await page.locator(".marker-widget .descriptioncontainer").innerText() });
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row").first().waitFor();
  await page.waitForTimeout(500);
  await picture("quick-fix");
  says({ offered: await page.locator(".action-widget .monaco-list-row.action").allInnerTexts() });
  await page.locator(".action-widget .monaco-list-row.action").first().click();
  await page.locator(".view-line").filter({ hasText: "register_buffer" }).first().waitFor();
  await page.locator(WARNING).first().waitFor({ state: "detached" });
  await page.keyboard.press("Control+S");
  const file = path.join(project, "attention.py");
  await until(() => readFileSync(file, "utf8").includes("register_buffer"), "the file to be saved");

  step = "fix all";
  await open("multi_line.py");
  await page.locator(WARNING).first().waitFor();
  await command("bufferlint: Fix all");
  await page.locator(".view-line").filter({ hasText: "register_buffer" }).first().waitFor();
  await page.keyboard.press("Control+S");
  await until(() => readFileSync(path.join(project, "multi_line.py"), "utf8").includes("register_buffer"), "the file to be saved");

  step = "verify";
  await open("alias_import.py");
  await page.locator(WARNING).first().waitFor();
  await page.keyboard.press("F8");
  await page.keyboard.press("Escape");
  await command("bufferlint: Verify class under cursor");
  const panel = page.frameLocator("iframe.webview").last().frameLocator("iframe");
  await panel.locator("pre .pass").first().waitFor({ timeout: 300_000 });
  await page.waitForTimeout(500);
  await picture("verify");
  says({ table: (await panel.locator("body").innerText()).split("\n").length });
  await command("View: Close Editor");

  step = "explain";
  await open("same_file_base.py");
  await page.locator(WARNING).first().waitFor();
  await page.keyboard.press("F8");
  await page.keyboard.press("Escape");
  await command("bufferlint: Explain");
  await page.frameLocator("iframe.webview").last().frameLocator("iframe").locator("h3", { hasText: "Why it is bad" }).waitFor();
  await page.waitForTimeout(500);
  await picture("explain");
  await command("View: Close All Editors");

  step = "audit";
  await find("bufferlint: Audit");
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget input[placeholder='pkg.models:make']").fill("models.py:make");
  await accept();
  const audited = page.frameLocator("iframe.webview").last().frameLocator("iframe").locator("body", { hasText: "mask" });
  await audited.waitFor({ timeout: 300_000 });
  await page.waitForTimeout(500);
  await picture("audit");
  says({ audit: (await audited.innerText()).split("\n") });
  await command("View: Close All Editors");

  step = "settings";
  await open("same_file_base.py");
  await page.locator(WARNING).first().waitFor();
  const own = path.join(project, ".vscode");
  mkdirSync(own);
  writeFileSync(path.join(own, "settings.json"), JSON.stringify({ "bufferlint.ignore": ["BUF001"] }));
  await page.locator(WARNING).first().waitFor({ state: "detached" });
  writeFileSync(path.join(own, "settings.json"), JSON.stringify({ "bufferlint.select": ["BUF0001"] }));
  const message = page.locator(".notification-list-item").filter({ hasText: "did you mean 'BUF001'?" });
  await message.waitFor();
  says({ setting: await message.innerText() });
  rmSync(own, { recursive: true });
  await page.locator(WARNING).first().waitFor();
  await command("Notifications: Clear All Notifications");

  step = "restart, and the output channel";
  await command("bufferlint: Show output");
  const start = page.locator(".part.panel .view-line").filter({ hasText: /bufferlint\s\d+\.\d+\.\d+/ }).last();
  await start.waitFor();
  await page.locator(".part.panel [aria-label='Clear Output']").first().click();
  await start.waitFor({ state: "detached" });
  await command("bufferlint: Restart server");
  await start.waitFor();
  says({ output: await page.locator(".part.panel .view-line").allInnerTexts() });
  await command("View: Hide Panel");
  await page.locator(WARNING).first().waitFor();
  await command("View: Close All Editors");

  step = "a notebook";
  await open("understanding_buffers.ipynb");
  await page.locator(".notebookOverlay").waitFor();
  await page.mouse.move(700, 450);
  for (let tries = 0; tries < 40 && !(await page.locator(".notebookOverlay").locator(WARNING).count()); tries++) {
    await page.mouse.wheel(0, 200); // cells are drawn once they are in sight
    await page.waitForTimeout(300);
  }
  await page.locator(".notebookOverlay").locator(WARNING).first().waitFor();
  await page.mouse.wheel(0, 350);
  await page.waitForTimeout(1000);
  await picture("notebook");
  const saved = () => readFileSync(path.join(project, "understanding_buffers.ipynb"), "utf8");
  const before = saved();
  await command("bufferlint: Fix all");
  await page.locator(".notebookOverlay").locator(WARNING).first().waitFor({ state: "detached" });
  await command("File: Save");
  await until(() => saved() !== before, "the notebook to be saved");

  step = "a workspace of two folders";
  await page.goto(`${address}/?workspace=${workspace}`);
  await page.locator(".monaco-workbench").waitFor();
  await open("alias_import.py");
  await page.locator(WARNING).first().waitFor();
  await open("ignored.py");
  await page.waitForTimeout(3000); // what must not come has no end to wait for
  if (await page.locator(WARNING).count()) throw new Error("the folder's own settings are not read");
  step = "done";
  says({});
} catch (error) {
  await picture("failed");
  console.log(JSON.stringify({ step, error: error.message.split("\n")[0] }));
  process.exitCode = 1;
} finally {
  await browser.close();
}
