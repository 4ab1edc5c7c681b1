"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (name in made && typeof value === "boolean") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};
const draw = (tag, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const GROUPS = { failed: "failed", bad: "bad", look: "look", unknown: "unknown", accepted: "accepted", fine: "fine" };
const ORDER = Object.keys(GROUPS);
const MEANS = {
  failed: "the right side has no usable picture", bad: "clearly worse or different", look: "somebody should look",
  unknown: "nothing can be said", accepted: "by a rule or by you", fine: "no difference that matters",
};
const rows = data.rows.map((told) => {
  const row = Object.fromEntries(data.columns.map((name, number) => [name, told[number]]));
  row.measures = row.measures && Object.fromEntries(data.measures.map((name, number) => [name, row.measures[number]]));
  row.findings = row.findings.map(([cause, value, level, weight, accepted, noise]) => ({ cause, value, level, weight, accepted, noise }));
  return row;
});
const byId = new Map(rows.map((row) => [row.id, row]));

// Decisions: of the file, then of this browser; a server keeps them beside the report.
const served = data.mode === "serve";
const KEPT = "pixian-shim decisions " + data.id;
const remember = () => {
  try { localStorage.setItem(KEPT, JSON.stringify(decisions())); } catch { /* some browsers keep nothing for files */ }
};
const decisions = () => Object.fromEntries(rows.filter((row) => row.decision).map((row) => [row.id, row.decision]));
if (!served) {
  try {
    for (const [id, decision] of Object.entries(JSON.parse(localStorage.getItem(KEPT) || "{}")))
      if (byId.has(id) && ["accept", "reject"].includes(decision)) byId.get(id).decision = decision;
  } catch { /* likewise */ }
}
const groupOf = (row) => {
  if (row.decision) return row.decision === "accept" ? "accepted" : "bad";
  if (row.problem) return row.failed ? "failed" : "unknown";
  const open = row.findings.filter((one) => !one.accepted);
  if (!open.length) return row.findings.length ? "accepted" : "fine";
  return open.some((one) => one.level === "bad") ? "bad" : "look";
};
const weightOf = (row) => Math.max(0, ...row.findings.filter((one) => !one.accepted).map((one) => one.weight));
const counted = () => {
  const counts = Object.fromEntries(ORDER.map((group) => [group, 0]));
  for (const row of rows) counts[groupOf(row)] += 1;
  return counts;
};
const interval = (hits, trials) => {
  if (!trials) return [0, 1];
  const z = 1.959964, share = hits / trials, square = z * z;
  const middle = share + square / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials * trials));
  return [Math.max(0, (middle - spread) / (1 + square / trials)), Math.min(1, (middle + spread) / (1 + square / trials))];
};
const judge = (counts) => {
  const bad = counts.bad + counts.failed, good = counts.fine + counts.accepted, judged = bad + counts.look + good;
  const left = counts.unknown ? ` Nothing can be said of ${counts.unknown}.` : "";
  if (!judged) return ["nothing", `Nothing could be compared.${left}`, interval(0, 0)];
  const facts = `${good} of ${judged} are fine, ${counts.look} should be looked at, ${bad} ${bad === 1 ? "is" : "are"} bad.`;
  const limits = data.thresholds, range = interval(bad, judged);
  if (bad / judged > limits.no_bad) return ["no", `No, not yet. ${facts}${left}`, range];
  if (bad / judged > limits.yes_bad || counts.look / judged > limits.yes_look) return ["look", `Look first. ${facts}${left}`, range];
  return ["yes", `Yes. ${facts}${left}`, range];
};

// Numbers for people
const digits = (value, most = 3) => {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Number(value.toPrecision(most)).toLocaleString("en", { maximumFractionDigits: 6 });
};
const percent = (share) => `${digits(100 * share)} %`;
const seconds = (value) => (value === null || value === undefined ? "–" : value < 1 ? `${Math.round(1000 * value)} ms` : `${digits(value)} s`);
const bytes = (value) => (value >= 1e6 ? `${digits(value / 1e6)} MB` : value >= 1e3 ? `${digits(value / 1e3)} kB` : `${value} B`);
const strength = (one) => {
  const cause = data.says[one.cause];
  if (["empty", "opaque"].includes(one.cause)) return one.cause;
  if (one.cause === "size") return `size ×${digits(1 + one.value)}`;
  return cause.unit === "CIEDE2000" ? `${one.cause} ΔE ${digits(one.value)}` : `${one.cause} ${percent(one.value)}`;
};
const why = (row) => row.problem || row.findings.map((one) => strength(one) + (one.accepted ? ` (accepted: ${one.accepted})` : "")).join(" · ");
const picture = (row, view) => {
  const name = row.views[view];
  return name ? (name.startsWith("data:") ? name : data.pictures + name) : "";
};

// Summary
const wanted = { group: "", cause: "", search: "", sort: "worst" };
const showSummary = () => {
  const counts = counted(), [answer, says, [low, high]] = judge(counts);
  if ($("verdict").textContent !== says) $("verdict").textContent = says;
  $("verdict").dataset.answer = answer;
  $("interval").textContent = rows.length
    ? `Of pictures like these, ${percent(low)} to ${percent(high)} would be bad (95 % confidence, by the number of pictures alone).` : "";
  const stack = make("div", { class: "stack", role: "img", "aria-label": ORDER.map((group) => `${counts[group]} ${group}`).join(", ") });
  const legend = make("ul", { class: "legend" });
  for (const group of [...ORDER].reverse()) {
    if (!counts[group] && wanted.group !== group) continue;
    const part = make("span", { class: `fill-${group}` });
    part.style.flexGrow = counts[group];
    stack.append(part);
    const act = () => filter("group", wanted.group === group ? "" : group);
    legend.append(make("li", {}, make("button", { type: "button", title: MEANS[group], "aria-pressed": String(wanted.group === group), on: { click: act } },
      make("span", { class: `dot fill-${group}` }), `${counts[group]} ${group}`)));
  }
  $("groups").replaceChildren(stack, legend);
  showCauses();
};
const showCauses = () => {
  const found = new Map(Object.keys(data.says).map((name) => [name, [0, 0]]));
  for (const row of rows) if (row.decision !== "accept") for (const one of row.findings) if (!one.accepted) found.get(one.cause)[one.level === "bad" ? 1 : 0] += 1;
  const most = Math.max(1, ...[...found.values()].map(([look, bad]) => look + bad));
  const lines = [...found].filter(([name, [look, bad]]) => look + bad || wanted.cause === name).sort((one, other) => other[1][0] + other[1][1] - one[1][0] - one[1][1]);
  $("causes").replaceChildren(...lines.map(([name, [look, bad]]) => {
    const track = make("span", { class: "track" });
    for (const [group, number] of [["bad", bad], ["look", look], ["", most - look - bad]]) {
      const part = make("span", { class: group ? `fill-${group}` : "" });
      part.style.flexGrow = number;
      track.append(part);
    }
    return make("button", { class: "cause", type: "button", title: data.says[name].says, "aria-pressed": String(wanted.cause === name),
      "aria-label": `${name}: ${look + bad} pairs, ${bad} badly`, on: { click: () => filter("cause", wanted.cause === name ? "" : name) } },
    name, track, make("b", {}, String(look + bad)));
  }));
  if (!lines.length) $("causes").append(make("p", { class: "quiet" }, "Nothing was found."));
};
const bars = (series, edges, label, ticks, width = 300) => {
  const height = 110, floor = 92, count = edges.length - 1, step = width / count;
  const top = Math.max(1, ...series[0].bins.map((_, bin) => (series[0].stack ? series.reduce((sum, one) => sum + one.bins[bin], 0) : Math.max(...series.map((one) => one.bins[bin])))));
  const chart = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (let bin = 0; bin < count; bin += 1) {
    let base = floor;
    for (const one of series) {
      const tall = ((floor - 6) * one.bins[bin]) / top;
      if (!tall) continue;
      chart.append(draw("rect", { class: `s-${one.name}`, x: bin * step + 1, y: (one.stack ? base : floor) - tall, width: Math.max(1, step - 2), height: tall, rx: 1.5 },
        draw("title", {}, `${one.bins[bin]} ${one.title || one.name}`)));
      base -= tall;
    }
  }
  chart.append(draw("line", { class: "axis", x1: 0, x2: width, y1: floor + .5, y2: floor + .5 }));
  for (const [at, text, anchor] of ticks) chart.append(draw("text", { x: at * width, y: height - 3, "text-anchor": anchor || "middle" }, text));
  return chart;
};
const showWeights = () => {
  const judged = rows.filter((row) => row.measures), bins = 22, edges = [...Array(bins + 1).keys()];
  const place = (value) => Math.min(bins - 1, Math.max(0, Math.floor((Math.log10(Math.max(value, 1e-9)) + 2) * (bins / 4)))); // a hundredth to a hundred times the limit
  const series = ["fine", "look", "bad"].map((name) => ({ name, stack: true, bins: Array(bins).fill(0) }));
  for (const row of judged) {
    const level = row.findings.some((one) => one.level === "bad") ? 2 : row.findings.length ? 1 : 0;
    series[level].bins[place(row.strongest)] += 1;
  }
  const label = `Strongest difference of ${judged.length} pairs, in multiples of its limit: ${judged.filter((row) => row.strongest < 1).length} below it`;
  $("weights").replaceChildren(bars(series, edges, label, [[0, "0.01 ×", "start"], [.25, "0.1"], [.5, "limit"], [.75, "10"], [1, "100 ×", "end"]], 480));
};
const showLatency = () => {
  const [left, right] = ["left", "right"].map((side) => rows.map((row) => row[side] && row[side].seconds).filter((value) => value !== null && value !== undefined && value > 0));
  if (!left.length && !right.length) return;
  const all = [...left, ...right].sort((one, other) => one - other), low = Math.log10(all[0]), high = Math.log10(all[all.length - 1] * 1.0001), bins = 24;
  const place = (value) => Math.min(bins - 1, Math.floor(((Math.log10(value) - low) / Math.max(1e-9, high - low)) * bins));
  const series = [["left", left, data.left.title], ["right", right, data.right.title]].map(([name, values, title]) => {
    const found = { name, title, bins: Array(bins).fill(0) };
    for (const value of values) found.bins[place(value)] += 1;
    return found;
  });
  const label = `Seconds to the answer: left median ${seconds(data.left.p50)}, right median ${seconds(data.right.p50)}`;
  $("latency").prepend(bars(series, Array(bins + 1).fill(0), label, [[0, seconds(all[0]), "start"], [1, seconds(all[all.length - 1]), "end"]]));
};

// List: only what is in sight is in the page
let shown = [], current = -1;
const SORTS = {
  worst: (one, other) => ORDER.indexOf(groupOf(one)) - ORDER.indexOf(groupOf(other)) || weightOf(other) - weightOf(one) || one.name.localeCompare(other.name),
  name: (one, other) => one.name.localeCompare(other.name, "en", { numeric: true }),
  slower: (one, other) => slower(other) - slower(one),
  edge: (one, other) => (one.measures ? one.measures.boundary_f : 2) - (other.measures ? other.measures.boundary_f : 2),
  mae: (one, other) => (other.measures ? other.measures.mae : -1) - (one.measures ? one.measures.mae : -1),
  colour: (one, other) => colourOf(other) - colourOf(one),
  undecided: (one, other) => Boolean(one.decision) - Boolean(other.decision) || SORTS.worst(one, other),
};
const slower = (row) => ((row.right && row.right.seconds) || 0) - ((row.left && row.left.seconds) || 0);
const colourOf = (row) => (row.measures ? Math.max(row.measures.colour || 0, row.measures.fringe || 0) : -1);
const filter = (what, value) => {
  wanted[what] = value;
  if (what === "group") $("by-group").value = value;
  if (what === "cause") $("by-cause").value = value;
  arrange();
  showSummary();
};
const arrange = () => {
  const words = wanted.search.toLowerCase();
  const kept = current >= 0 ? shown[current] : null;
  shown = rows.filter((row) => (!wanted.group || groupOf(row) === wanted.group)
    && (!wanted.cause || row.findings.some((one) => one.cause === wanted.cause && !one.accepted))
    && (!words || row.name.toLowerCase().includes(words)));
  shown.sort(SORTS[wanted.sort]);
  current = kept ? shown.indexOf(kept) : -1;
  $("count").textContent = `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} pairs`;
  paint(true);
};
const tall = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 76;
const painted = new Map();
const paint = (anew = false) => {
  const height = tall(), space = $("space");
  space.style.height = `${shown.length * height}px`;
  const above = -space.getBoundingClientRect().top;
  const first = Math.max(0, Math.floor(above / height) - 6), last = Math.min(shown.length, Math.ceil((above + innerHeight) / height) + 6);
  for (const [place, element] of painted) {
    if (anew || place < first || place >= last) { element.remove(); painted.delete(place); }
  }
  for (let place = first; place < last; place += 1) {
    if (!painted.has(place)) {
      const element = line(shown[place], place, height);
      painted.set(place, element);
      space.append(element);
    }
  }
};
const thumb = (row, side) => {
  const source = picture(row, `${side}_thumb`);
  return source ? make("img", { class: "thumb checker", src: source, alt: `${side} of ${row.name}`, loading: "lazy", decoding: "async" })
    : make("span", { class: "thumb checker", role: "img", "aria-label": `no picture on the ${side}` });
};
const line = (row, place, height) => {
  const group = groupOf(row);
  const mark = (decision, text) => make("button", {
    type: "button", "aria-pressed": String(row.decision === decision), "aria-label": `${text} ${row.name}`, title: text,
    on: { click: (event) => { event.stopPropagation(); decide(row, row.decision === decision ? "" : decision); } },
  }, decision === "accept" ? "✓" : "✗");
  const element = make("div", {
    class: "row", role: "listitem", "aria-setsize": shown.length, "aria-posinset": place + 1, "data-id": row.id, "aria-current": String(place === current),
    on: { click: () => open(place) },
  },
  thumb(row, "left"), thumb(row, "right"),
  make("button", { class: "name", type: "button" }, row.name),
  make("span", { class: "state" }, make("span", { class: `badge is-${group}` }, group)),
  make("span", { class: "why" }, why(row)),
  make("span", { class: "times" }, row.left && row.right && row.left.seconds !== null ? `${seconds(row.left.seconds)} → ${seconds(row.right.seconds)}` : ""),
  make("span", { class: "marks" }, mark("accept", "Accept"), mark("reject", "Reject")));
  element.style.top = `${place * height}px`;
  return element;
};
const select = (place) => {
  current = Math.max(0, Math.min(shown.length - 1, place));
  const height = tall(), top = $("space").getBoundingClientRect().top + current * height, bar = 70;
  if (top < bar) scrollBy(0, top - bar);
  else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight);
  for (const [number, element] of painted) element.setAttribute("aria-current", String(number === current));
  paint();
};
const decide = (row, decision) => {
  row.decision = decision;
  if (served) {
    fetch(`decisions/${row.id}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ decision }) })
      .then((answer) => { if (!answer.ok) throw new Error(answer.statusText); })
      .catch((error) => { $("count").textContent = `The decision was not kept: ${error.message}`; });
  } else remember();
  showSummary();
  for (const [place, element] of painted) {
    if (shown[place] === row) { const fresh = line(row, place, tall()); element.replaceWith(fresh); painted.set(place, fresh); }
  }
  if ($("pair").open) marked();
};

// One pair
const MODES = [["slider", "Slider", "s"], ["blink", "Blink", "b"], ["heat", "Heat map", "h"], ["left", "Left", ""], ["right", "Right", ""], ["original", "Original", "o"]];
const BACKS = [["checker", "Checker"], ["white", "White"], ["black", "Black"], ["own", "Colour"]];
const look = { mode: "slider", back: "checker", spot: false };
for (const [mode, text, key] of MODES)
  $("modes").append(make("button", { type: "button", "data-mode": mode, title: key ? `key ${key}` : "", on: { click: () => show({ mode }) } }, text));
$("modes").append(make("button", { type: "button", id: "spot", title: "key z", on: { click: () => show({ spot: !look.spot }) } }, "Worst spot"));
for (const [back, text] of BACKS)
  $("backs").append(make("button", { type: "button", "data-back": back, on: { click: () => show({ back }) } }, text));
$("backs").append(make("input", { type: "color", id: "own", value: "#2f6f4f", "aria-label": "Own background colour", on: { input: () => show({ back: "own" }) } }));
const show = (change) => {
  Object.assign(look, change);
  const row = shown[current];
  if (!row) return;
  const can = (view) => Boolean(row.views[view]);
  const spot = look.spot && can("left_spot");
  const mode = look.mode === "original" && !can("original") ? "slider" : look.mode;
  const heat = mode === "heat" && !spot;
  const view = (side) => picture(row, spot ? `${side}_spot` : side);
  const [under, over] = mode === "original" ? [picture(row, "original"), ""] : heat ? [view("right"), picture(row, "heat")] : [view("right"), view("left")];
  for (const [id, source, alt] of [["under", under, mode === "original" ? "original" : "right side"], ["over", over, heat ? "where they differ: red only left, blue only right, amber other colours" : "left side"]]) {
    const image = $(id);
    image.hidden = !source;
    if (source && image.getAttribute("src") !== source) image.src = source;
    if (!source) image.removeAttribute("src");
    image.alt = source ? `${row.name}, ${alt}` : "";
  }
  $("frame").dataset.mode = mode;
  $("frame").classList.toggle("spot", spot);
  $("stage").className = look.back;
  $("stage").style.setProperty("--own", $("own").value);
  for (const button of $("modes").children) {
    const name = button.dataset.mode;
    button.setAttribute("aria-pressed", String(name ? name === mode : spot));
    button.disabled = name ? (name === "original" ? !can("original") : !can("left")) || (name === "heat" && spot) : !can("left_spot");
  }
  for (const button of $("backs").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.back === look.back));
  place(under && over ? over : under);
};
// The slider lies over the picture itself, not over the space beside it.
const place = () => {
  const image = $("under"), frame = $("frame");
  const width = image.naturalWidth || 1, height = image.naturalHeight || 1, scale = Math.min(frame.clientWidth / width, frame.clientHeight / height);
  const side = (frame.clientWidth - width * scale) / 2;
  $("cut").style.left = `${side}px`;
  $("cut").style.width = `${Math.max(1, width * scale)}px`;
  frame.dataset.side = side;
  slide();
};
const slide = () => {
  const frame = $("frame"), side = Number(frame.dataset.side || 0), share = Number($("cut").value) / 100;
  frame.style.setProperty("--cut", `${side + share * (frame.clientWidth - 2 * side)}px`);
  $("cut").setAttribute("aria-valuetext", `${Math.round(100 * share)} per cent left`);
};
const open = (number) => {
  select(number);
  const row = shown[current];
  if (!row) return;
  look.spot = false;
  $("pair-name").textContent = row.name;
  $("left-name").textContent = `◧ ${data.left.title}`;
  $("right-name").textContent = `${data.right.title} ◨`;
  $("previous").disabled = current === 0;
  $("next").disabled = current === shown.length - 1;
  facts(row);
  marked();
  if (!$("pair").open) $("pair").showModal();
  show({});
};
const marked = () => {
  const row = shown[current], group = row && groupOf(row);
  if (!row) return;
  $("pair-group").textContent = group;
  $("pair-group").className = `badge is-${group}`;
  $("accept").setAttribute("aria-pressed", String(row.decision === "accept"));
  $("reject").setAttribute("aria-pressed", String(row.decision === "reject"));
  $("pair-says").textContent = row.problem || (row.findings.length
    ? row.findings.map((one) => `${strength(one)}: ${data.says[one.cause].says}${one.accepted ? ` Accepted by “${one.accepted}”.` : ""}`).join(" ")
    : "No difference beyond the limits.");
};
const listOf = (title, pairs) => make("section", {}, make("h3", {}, title), make("dl", {},
  ...pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
const facts = (row) => {
  const sides = [["left", data.left.title], ["right", data.right.title]].map(([name, title]) => {
    const side = row[name];
    if (!side) return listOf(title, [["answer", "none"]]);
    return listOf(title, [["file", side.file], ["format", side.format.toUpperCase()], ["size", side.width ? `${side.width} × ${side.height}` : ""], ["bytes", side.size ? bytes(side.size) : ""],
      ["metadata", side.metadata.join(", ")], ["note", side.notes.join("; ")], ["problem", side.error], ["time", side.seconds === null ? "" : seconds(side.seconds)], ["credits", side.credits === null ? "" : digits(side.credits)]]);
  });
  const asked = Object.entries(row.parameters);
  const told = row.measures;
  const found = told ? [
    listOf("Alpha", [["MAE", digits(told.mae)], ["MSE", digits(told.mse)], ["SAD, px", digits(told.sad)], ["gradient error", digits(told.gradient)],
      ["connectivity error", digits(told.connectivity)], ["IoU 10, 50, 90 %", [told.iou_10, told.iou_50, told.iou_90].map((value) => value.toFixed(3)).join(", ")]]),
    listOf("Outline and parts", [["boundary F", told.boundary_f.toFixed(3)], ["within, px", digits(told.tolerance)], ["holes, left, right", `${told.left_holes}, ${told.right_holes}`],
      ["islands, left, right", `${told.left_islands}, ${told.right_islands}`], ["thin parts −, +", `${told.lost_parts}, ${told.gained_parts}`],
      ["missing, extra, hole", [told.missing, told.extra, told.hole].map(percent).join(", ")]]),
    listOf("Colour", [["inside, ΔE", digits(told.colour)], ["fringe, ΔE", digits(told.fringe)], ["SSIM on white, black", `${told.ssim_white.toFixed(3)}, ${told.ssim_black.toFixed(3)}`]]),
    listOf("Geometry", [["aligned by", told.aligned_by], ["shift, px", `${digits(told.shift_x)}, ${digits(told.shift_y)}`], ["scale", digits(told.scale, 4)], ["canvas differs", percent(told.crop)]]),
  ] : [];
  $("facts").replaceChildren(...sides, ...found, ...(asked.length ? [listOf("Asked with", asked)] : []));
};

// Hands
const act = {
  j: () => ($("pair").open ? open(current + 1) : select(current + 1)), k: () => ($("pair").open ? open(current - 1) : select(current - 1)),
  a: () => current >= 0 && decide(shown[current], "accept"), r: () => current >= 0 && decide(shown[current], "reject"), u: () => current >= 0 && decide(shown[current], ""),
  s: () => show({ mode: "slider" }), b: () => show({ mode: "blink" }), h: () => show({ mode: "heat" }), o: () => show({ mode: "original" }), z: () => show({ spot: !look.spot }),
  1: () => show({ back: "checker" }), 2: () => show({ back: "white" }), 3: () => show({ back: "black" }), 4: () => show({ back: "own" }),
  "/": () => $("search").focus(), "?": () => $("keys").showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.target.matches("input[type=search], select") && event.key !== "Escape")) return;
  if (event.key === "Enter" && !$("pair").open && !event.target.closest("button, select, a")) { open(Math.max(0, current)); event.preventDefault(); return; }
  if (event.target.type === "range" && event.key.startsWith("Arrow")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") { if (event.target.closest("select, dialog")) return; (event.key === "ArrowDown" ? act.j : act.k)(); event.preventDefault(); return; }
  if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && $("pair").open && look.mode === "slider") {
    $("cut").value = Number($("cut").value) + (event.key === "ArrowLeft" ? -2 : 2);
    slide();
    event.preventDefault();
    return;
  }
  if (act[event.key]) { act[event.key](); event.preventDefault(); }
});
$("cut").addEventListener("input", slide);
for (const id of ["under", "over"]) $(id).addEventListener("load", place);
$("previous").addEventListener("click", act.k);
$("next").addEventListener("click", act.j);
$("accept").addEventListener("click", () => decide(shown[current], shown[current].decision === "accept" ? "" : "accept"));
$("reject").addEventListener("click", () => decide(shown[current], shown[current].decision === "reject" ? "" : "reject"));
$("close").addEventListener("click", () => $("pair").close());
$("pair").addEventListener("close", () => { const row = painted.get(current); if (row) row.querySelector(".name").focus(); });
$("help").addEventListener("click", act["?"]);
$("keys-close").addEventListener("click", () => $("keys").close());
$("by-group").addEventListener("change", (event) => filter("group", event.target.value));
$("by-cause").addEventListener("change", (event) => filter("cause", event.target.value));
$("sort").addEventListener("change", (event) => { wanted.sort = event.target.value; arrange(); });
$("search").addEventListener("input", (event) => { wanted.search = event.target.value; arrange(); });
$("save").addEventListener("click", () => {
  const file = URL.createObjectURL(new Blob([JSON.stringify(decisions(), null, 1)], { type: "application/json" }));
  const link = make("a", { href: file, download: "decisions.json" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(file), 1000);
});
if (served) $("save").hidden = true;
addEventListener("scroll", () => paint(), { passive: true });
addEventListener("resize", () => { paint(true); if ($("pair").open) place(); });

for (const group of ORDER) $("by-group").append(make("option", { value: group }, group));
for (const name of Object.keys(data.says)) $("by-cause").append(make("option", { value: name }, name));
showSummary();
showWeights();
showLatency();
arrange();
