"use strict";
// What is known of the pairs, what is decided, and what that means. Groups and verdict follow _comparison.py and
// _verdict.py; a test holds both to the same answers.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const ORDER = ["failed", "bad", "look", "unknown", "accepted", "fine"];
const OPEN = ["failed", "bad", "look", "unknown"];
const MEANS = {
  failed: "the right side has no usable picture, and the left one has", bad: "clearly different, or rejected",
  look: "somebody should look", unknown: "nothing can be said: no partner, or the left side has no usable picture",
  accepted: "by a rule or by a reviewer", fine: "no difference that matters",
};
const KINDS = ["accept", "reject"];
const served = data.mode === "serve";

let rows = [];
const byId = new Map();
const entitled = (names, values) => values && Object.fromEntries(names.map((name, number) => [name, values[number]]));
const taken = (told) => {
  const row = entitled(data.columns, told);
  row.findings = row.findings.map(([cause, value, level, weight, accepted, noise]) => ({ cause, value, level, weight, accepted, noise }));
  row.left = entitled(data.side_columns, row.left);
  row.right = entitled(data.side_columns, row.right);
  row.kept = row.decision; // what the file says, or is known to be on the server's disk
  return row;
};
const MEASURE = new Map(data.measures.map((name, number) => [name, number]));
const measured = (row, name, otherwise = null) => {
  const value = row.measures && row.measures[MEASURE.get(name)];
  return value === null || value === undefined ? otherwise : value;
};

// Groups and verdict
const openOf = (row) => row.findings.filter((one) => !one.accepted);
const foundOf = (row) => {
  if (row.problem) return row.failed ? "failed" : "unknown";
  const open = openOf(row);
  if (!open.length) return row.findings.length ? "accepted" : "fine";
  return open.some((one) => one.level === "bad") ? "bad" : "look";
};
const groupOf = (row) => (row.decision ? (row.decision === "accept" ? "accepted" : "bad") : foundOf(row));
const weightOf = (row) => openOf(row).reduce((most, one) => Math.max(most, one.weight), 0);
const asks = (row) => OPEN.includes(foundOf(row));
const undecided = (row) => !row.decision && asks(row);
const labelOf = (row) => (row.decision ? { accept: "✓ accepted", reject: "✗ rejected" }[row.decision] : foundOf(row));
const counted = () => {
  const counts = Object.fromEntries(ORDER.map((group) => [group, 0]));
  for (const row of rows) counts[groupOf(row)] += 1;
  return counts;
};
const causesOf = () => {
  const found = new Map(Object.keys(data.says).map((name) => [name, { look: 0, bad: 0, accepted: 0 }]));
  for (const row of rows)
    for (const one of row.findings) found.get(one.cause)[one.accepted || row.decision === "accept" ? "accepted" : one.level] += 1;
  return found;
};
const interval = (hits, trials) => {
  if (!trials) return [0, 1];
  const z = 1.959964, share = hits / trials, square = z * z;
  const middle = share + square / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials * trials));
  return [Math.max(0, (middle - spread) / (1 + square / trials)), Math.min(1, (middle + spread) / (1 + square / trials))];
};
const judge = (counts) => { // as verdict() in _verdict.py: change both
  const { fine, accepted, look, unknown } = counts, bad = counts.bad + counts.failed, judged = bad + look + fine + accepted;
  const left = unknown ? ` Nothing can be said of ${unknown}.` : "", limits = data.thresholds, range = interval(bad, judged);
  if (!judged) return ["nothing", `Nothing could be compared.${left}`, range];
  const are = (count) => (count === 1 ? "is" : "are"), whole = (share) => `${Math.floor(100 * share + .5)} %`;
  const parts = [`${fine} of ${judged} ${are(fine)} fine`, ...(accepted ? [`${accepted} ${are(accepted)} accepted`] : []), `${look} should be looked at`, `${bad} ${are(bad)} bad`];
  const may = range[0] <= limits.no_bad && limits.no_bad < range[1]
    ? ` Of pictures like these, ${whole(range[0])} to ${whole(range[1])} may be bad: more pairs would tell.` : "";
  const facts = `${parts.join(", ")}.${left}${may}`;
  if (bad / judged > limits.no_bad) return ["no", `No, not yet. ${facts}`, range];
  if (bad / judged > limits.yes_bad || (look + unknown) / (judged + unknown) > limits.yes_look) return ["look", `Look first. ${facts}`, range];
  const surely = range[1] <= limits.no_bad ? "Yes" : `Yes, as far as ${judged} ${judged === 1 ? "pair" : "pairs"} can tell`;
  return ["yes", `${surely}. ${facts}`, range];
};

// Numbers for people
const whole = new Intl.NumberFormat("en"), short = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const digits = (value, most = 3) => {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) ? whole.format(value) : short.format(Number(value.toPrecision(most)));
};
const percent = (share) => `${digits(100 * share)} %`;
const seconds = (value) => (value === null || value === undefined ? "–" : value < 1 ? `${Math.round(1000 * value)} ms` : `${value < 100 ? value.toFixed(2) : Math.round(value)} s`);
const bytes = (value) => (value >= 1e6 ? `${digits(value / 1e6)} MB` : value >= 1e3 ? `${digits(value / 1e3)} kB` : `${value} B`);
const TIMES = 9.995; // from which a share is said as a multiple; as in words.py
const shareOf = (value, unit) => (value >= TIMES ? `${whole.format(Math.round(value))} times ${unit.replace(/^of /, "")}` : percent(value));
const amount = (cause, value, most = 3) => {
  if (["empty", "opaque"].includes(cause)) return "";
  if (cause === "size") return `×${digits(1 + value, most)}`;
  const { unit } = data.says[cause];
  return unit === "CIEDE2000" ? `ΔE ${digits(value)}` : shareOf(cause === "edge" ? Math.min(value, 1) : value, unit); // thin parts count beside the outline
};
const strength = (one) => `${one.cause} ${amount(one.cause, one.value)}`.trim();
const why = (row) => row.problem || row.findings.map((one) => strength(one) + (one.accepted ? ` (accepted: ${one.accepted})` : "")).join(" · ");
const asked = (row) => Object.entries(row.parameters).map(([name, value]) => `${name}=${value}`).join(" ");
const picture = (row, view) => {
  const name = row.views[view];
  return name ? (name.startsWith("data:") ? name : data.pictures + encodeURIComponent(name) + data.version) : "";
};

// Decisions: a file's are kept by this browser and can be saved; a server keeps its own beside the report.
const KEPT = `pixian-shim decisions ${data.id}`;
const changed = []; // runs after a decision: (row) => …
const past = []; // for undo: [row, decision before]
const decisions = () => Object.fromEntries(rows.filter((row) => row.decision).map((row) => [row.id, row.decision]));
const remember = () => {
  const mine = Object.fromEntries(rows.filter((row) => row.decision !== row.kept).map((row) => [row.id, row.decision]));
  try { localStorage.setItem(KEPT, JSON.stringify(mine)); } catch { /* some browsers keep nothing for a file */ }
};
const recalled = () => {
  try { return JSON.parse(localStorage.getItem(KEPT) || "{}"); } catch { return {}; }
};
const put = (row, decision) => {
  row.decision = decision;
  for (const act of changed) act(row);
};
let sending = Promise.resolve(); // one after another, so that the last word is the last one to arrive
let words = 0; // decisions made here
const waiting = new Map(); // row → decisions under way
const decide = (row, decision, { undone = false } = {}) => {
  if (row.decision === decision) return;
  if (!undone) past.push([row, row.decision]);
  words += 1;
  put(row, decision);
  if (served) send(row, decision);
  else remember();
};
const send = (row, decision) => {
  waiting.set(row, (waiting.get(row) || 0) + 1);
  sending = sending.then(async () => {
    let problem = "";
    try {
      const answer = await fetch(`decisions/${row.id}`, {
        method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ decision }), signal: AbortSignal.timeout(15000),
      });
      if (answer.ok) row.kept = decision;
      else problem = (await answer.json().catch(() => ({}))).error || `the server answered ${answer.status}`;
    } catch {
      problem = "the server does not answer";
    }
    waiting.set(row, waiting.get(row) - 1);
    if (!problem) return;
    if (!waiting.get(row) && row.decision !== row.kept) put(row, row.kept);
    tell(`The decision on ${row.name} was not kept: ${problem}.`, { failed: true });
  });
};
const merge = (told) => {
  for (const row of rows) {
    const decision = told[row.id] || "";
    if (waiting.get(row)) continue; // ours is on its way
    if (served) row.kept = decision;
    if (row.decision !== decision) put(row, decision);
  }
};
const own = () => {
  const kept = recalled();
  return Object.fromEntries(rows.map((row) => [row.id, kept[row.id] === "" || KINDS.includes(kept[row.id]) ? kept[row.id] : row.kept]));
};
const take = (told, known) => {
  rows = told.map(taken);
  if (known) for (const row of rows) row.decision = row.kept = known[row.id] || "";
  byId.clear();
  for (const row of rows) byId.set(row.id, row);
  if (served) return;
  merge(own());
  addEventListener("storage", (event) => { if (event.key === KEPT) merge(own()); }); // another window of the same report
};
