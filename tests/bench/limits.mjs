// Measures what docs/PERFORMANCE.md states, over HTTP and the command line as people use them, and prints its table.
// usage: make bench   PUJIANG_BENCH_SCALE (default 1), PUJIANG_BENCH_DATA (a folder that already holds a demo),
// PUJIANG_BENCH_CLIENTS (the crowd of tests/bench/clients), PUJIANG_BENCH_PYTHON (duckdb and psycopg), PUJIANG_TEST_PG
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usableCard } from "./card.mjs";

const binary = process.env.PUJIANG_BIN;
const scale = process.env.PUJIANG_BENCH_SCALE ?? "1";
const password = process.env.PUJIANG_DEMO_PASSWORD ?? "bench-password-1";
const work = mkdtempSync(join(tmpdir(), "pujiang-bench."));
const given = process.env.PUJIANG_BENCH_DATA;
const data = given ?? join(work, "data");
const rows = [];
let beside = "";

const record = (what, limit, value, unit, command) => {
  const passed = limit === null ? "" : value <= limit ? "yes" : "NO";
  rows.push({ what, must: limit === null ? "" : `≤ ${limit} ${unit}`, measured: `${value} ${unit}`, passed, command });
  console.error(`${what}: ${value} ${unit}${passed === "NO" ? "  (must be ≤ " + limit + ")" : ""}`);
};
const seconds = (ms) => Math.round(ms / 100) / 10;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];

/** Memory of a process in MiB: now, and the highest it ever was. */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (key) => Math.round(Number(status.match(new RegExp(`${key}:\\s+(\\d+)`))?.[1] ?? 0) / 1024);
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** Runs a command to its end; answers with time and peak memory. */
async function run(args) {
  const started = performance.now();
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, PUJIANG_DEMO_PASSWORD: password } });
  let peak = 0;
  const watch = setInterval(() => { try { peak = Math.max(peak, memory(child.pid).peak); } catch { /* it has just ended */ } }, 50);
  const code = await new Promise((done) => child.on("exit", done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`pujiang ${args.join(" ")} ended with ${code}`);
  return { ms: performance.now() - started, peak };
}

/** 200 people at a board, 17 scopes: their times, and what they cost in memory. */
function crowd(secret) {
  // The highest memory from here on, not that of the start.
  writeFileSync(`/proc/${server.pid}/clear_refs`, "5");
  const before = memory(server.pid).now;
  const args = ["--server", `127.0.0.1:${port}`, "--password", secret];
  const ran = spawnSync(process.env.PUJIANG_BENCH_CLIENTS, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (ran.status !== 0) throw new Error("the crowd failed");
  for (const line of ran.stdout.trim().split("\n")) {
    const one = JSON.parse(line);
    const what = `board, ${one.clients} clients, 17 scopes, ${one.manner} (${one.per_second}/s, ${one.requests} answers)`;
    const round = (ms) => Math.round(ms * 10) / 10;
    console.error(`${what}: p50 ${round(one.p50)} p95 ${round(one.p95)} max ${round(one.max)} ms; generator ${one.own_cores} cores`);
    record(`${what}: p99`, one.manner.startsWith("thinking") ? 20 : null, round(one.p99), "ms", "tests/bench/clients");
    record(`${what}: wrong answers`, 0, one.wrong, "", "tests/bench/clients");
  }
  record("the same: memory before", null, before, "MiB", "pujiang serve");
  record("the same: memory after", null, memory(server.pid).now, "MiB", "pujiang serve");
  record("the same: peak memory", null, memory(server.pid).peak, "MiB", "pujiang serve");
}

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

if (!given) {
  const demo = await run(["demo", "--data", data, "--scale", scale]);
  record(`demonstration data, scale ${scale}: time`, 300, seconds(demo.ms), "s", "pujiang demo");
  record("demonstration data: peak memory", 2048, demo.peak, "MiB", "pujiang demo");
}

const port = await freePort();
const wire = await freePort();
const base = `http://127.0.0.1:${port}`;
const started = performance.now();
// The crowd on the wire comes from one address, which by default may not take every place.
const env = { ...process.env, PUJIANG_PG_CONNECTIONS_PER_ADDRESS: "256" };
const server = spawn(binary, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, "--pg-listen", `127.0.0.1:${wire}`], { stdio: "ignore", env });
try {
  while (!(await fetch(`${base}/readyz`).then((r) => r.ok, () => false))) {
    if (server.exitCode !== null) throw new Error("the server ended");
    await sleep(20);
  }
  record("start to ready", 2, seconds(performance.now() - started), "s", "pujiang serve");

  const call = async (path, token, body) => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method: body ? "POST" : "GET",
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(json)}`);
    return json;
  };
  const secret = given && existsSync(join(data, "demo-password")) ? readFileSync(join(data, "demo-password"), "utf8").trim() : password;
  const login = async (account) => (await call("/session", null, { account, password: secret })).token;
  const [city, district] = [await login("city"), await login("d310104")];
  const lastMonth = new Date(Date.now() + 8 * 3600e3);
  lastMonth.setUTCDate(0);
  const period = lastMonth.toISOString().slice(0, 7);
  const thisMonth = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 7);
  const board = (token, month = period) => call("/boards/benefit/data", token, { period: month, district: null, category: null, map_indicator: "S1-U03" });
  const timed = async (work) => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };

  record("board, city, first time, at once after the start", 1000, Math.round(await timed(() => board(city))), "ms", "POST /boards/benefit/data");
  const again = [];
  for (let i = 0; i < 50; i++) again.push(await timed(() => board(city)));
  record("board, city, again (p95 of 50)", 20, Math.round(quantile(again, 0.95)), "ms", "POST /boards/benefit/data");
  await sleep(5000);
  record("server idle, boards warm: memory", 300, memory(server.pid).now, "MiB", "pujiang serve");
  record("board, one district, first time", 1000, Math.round(await timed(() => board(district))), "ms", "POST /boards/benefit/data");

  const merchant = (await call("/resources/merchant_profile?page[size]=1&filter[state]=active", district)).items[0];
  const count = async () => {
    const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
    const answer = await call("/metrics/query", district, { indicators: ["S1-U03"], dimensions: [], time: { grain: "month", from: `${thisMonth}-01`, to: today } });
    return Number(answer.rows[0]?.at(-1) ?? 0);
  };
  const waits = [];
  const card = await usableCard((path, body) => call(path, district, body), "310104");
  for (let i = 0; i < 20; i++) {
    const before = await count();
    const from = performance.now();
    await call("/resources/benefit_transaction", district, {
      merchant_id: merchant.id, card_no: card, original_amount: "100.00", discount: "10.00", amount: "90.00",
    });
    while ((await count()) === before) {
      if (performance.now() - from > 30e3) throw new Error("a write did not reach the board within 30 s");
      await sleep(25);
    }
    waits.push(performance.now() - from);
  }
  record("a write is in the figures (p95 of 20)", 3, seconds(quantile(waits, 0.95)), "s", "POST /resources/benefit_transaction");
  record("server after this: memory", null, memory(server.pid).now, "MiB", "pujiang serve");
  if (process.env.PUJIANG_BENCH_CLIENTS) crowd(secret);
  if (process.env.PUJIANG_BENCH_PYTHON) {
    const script = new URL("beside.py", import.meta.url).pathname;
    const args = [script, "--base", base, "--wire", String(wire), "--data", data, "--password", secret];
    if (process.env.PUJIANG_TEST_PG) args.push("--postgres", process.env.PUJIANG_TEST_PG);
    const ran = spawnSync(process.env.PUJIANG_BENCH_PYTHON, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    if (ran.status !== 0) throw new Error("the comparison with DuckDB and PostgreSQL failed");
    beside = ran.stdout;
    const people = spawnSync(process.env.PUJIANG_BENCH_PYTHON, [new URL("wire_crowd.py", import.meta.url).pathname, "--wire", String(wire), "--password", secret], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    if (people.status !== 0) throw new Error("the crowd on the wire failed");
    const one = JSON.parse(people.stdout);
    record(`wire, ${one.connections} connections, 17 accounts, ${one.per_second} questions/s: failed`, 0, one.failed_processes, "", "pgbench");
    for (const share of ["p50", "p95", "p99"]) record(`the same: ${share}`, null, one[share], "ms", "pgbench");
  }
  server.kill();
  await new Promise((done) => server.on("exit", done));

  const out = join(work, "reports");
  const report = await run(["report", "run", "benefit_monthly", "--period", period, "--data", data, "--out", out]);
  record(`${readdirSync(out, { recursive: true }).filter((f) => /\.(pdf|xlsx)$/.test(f)).length} report files of a month`, 60, seconds(report.ms), "s", "pujiang report run");
  record("report run: peak memory", null, report.peak, "MiB", "pujiang report run");
} finally {
  server.kill();
  rmSync(work, { recursive: true, force: true });
}

console.log("| what | must be | measured | held | command |\n|---|---|---|---|---|");
for (const r of rows) console.log(`| ${r.what} | ${r.must} | ${r.measured} | ${r.passed} | \`${r.command}\` |`);
if (beside) console.log(`\n${beside}`);
process.exitCode = rows.some((r) => r.passed === "NO") ? 1 : 0;
