// Logs in to Superset as its administrator, opens a chart and takes its picture.
// usage: node picture.mjs SUPERSET PAGE FILE, with SUPERSET_PASSWORD
import { createRequire } from "node:module";

const modules = createRequire(new URL("../../../dashboards/package.json", import.meta.url));
const { chromium } = modules("playwright-core");
const [superset, page, file] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.PUJIANG_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  const tab = await browser.newPage({ viewport: { width: 1200, height: 800 }, locale: "zh-CN" });
  tab.setDefaultTimeout(90_000);
  await tab.goto(`${superset}/login/`);
  await tab.getByRole("textbox").first().fill("admin");
  await tab.locator("input[type=password]").fill(process.env.SUPERSET_PASSWORD);
  await tab.keyboard.press("Enter");
  await tab.waitForURL((url) => !url.pathname.startsWith("/login"));
  await tab.goto(page);
  // A chart that failed shows an alert in place of its canvas.
  await tab.locator("canvas, [role=alert]").first().waitFor();
  await tab.waitForTimeout(2500);
  await tab.screenshot({ path: file });
  const alert = await tab.locator("[role=alert]").allInnerTexts();
  if (alert.length > 0 || (await tab.locator("canvas").count()) === 0) {
    console.error(`no chart: ${alert.join(" ")}`);
    process.exitCode = 1;
  }
} finally {
  await browser.close();
}
