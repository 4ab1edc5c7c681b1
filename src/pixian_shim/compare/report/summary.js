// What stands above the pairs: verdict, shares, the worst, causes, distributions.
const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (typeof value === "boolean" && name in made) made[name] = value;
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
const pairsOf = (number) => `${whole.format(number)} ${number === 1 ? "pair" : "pairs"}`;
const thumb = (row, side) => {
  const source = picture(row, `${side}_thumb`);
  return source ? make("img", { class: "thumb checker", src: source, alt: `${side}`, loading: "lazy", decoding: "async", draggable: false })
    : make("span", { class: "thumb none", role: "img", "aria-label": `no picture on the ${side}` }, "–");
};

// Verdict
const showVerdict = (counts) => {
  const [answer, says, [low, high]] = judge(counts), title = $("verdict");
  const judged = rows.length - counts.unknown, cut = says.includes(". ") ? says.indexOf(". ") + 1 : says.length;
  if (title.textContent !== says) title.replaceChildren(make("strong", {}, says.slice(0, cut)), says.slice(cut));
  title.dataset.answer = answer;
  $("interval").textContent = judged && !says.includes("may be bad")
    ? `If these ${whole.format(judged)} are typical, ${digits(100 * low, 2)} to ${percent(Number(high.toPrecision(2)))} of all such pictures would be bad (95 % confidence).` : "";
  const asked = rows.filter(asks), done = asked.filter((row) => row.decision).length;
  $("review").hidden = !asked.length;
  const left = asked.length - done;
  $("begin").textContent = left ? `${done ? "Go on with" : "Review"} ${pairsOf(left)}` : "All are decided";
  $("begin").disabled = !left;
  $("progress").style.width = `${(100 * done) / Math.max(1, asked.length)}%`;
  $("progress-says").textContent = `${whole.format(done)} of ${whole.format(asked.length)} decided`;
};
const showGroups = (counts) => {
  const stack = make("div", { class: "stack", role: "img", "aria-label": ORDER.map((group) => `${counts[group]} ${group}`).join(", ") });
  const legend = make("ul", { class: "legend" });
  for (const group of ["fine", "accepted", "look", "bad", "failed", "unknown"]) {
    if (!counts[group] && wanted.group !== group) continue;
    const part = make("span", { class: `fill-${group}` });
    part.style.flexGrow = counts[group];
    stack.append(part);
    legend.append(make("li", {}, make("button", { type: "button", title: MEANS[group], "data-group": group, "aria-pressed": String(wanted.group === group), on: { click: () => filter("group", wanted.group === group ? "" : group) } },
      make("span", { class: `dot fill-${group}` }), make("b", {}, whole.format(counts[group])), ` ${group} `, make("span", { class: "quiet" }, percent(Number((counts[group] / rows.length).toPrecision(2)))))));
  }
  refill($("groups"), rows.length ? [stack, legend] : [make("p", { class: "empty" }, "There are no pairs.")]);
};
const TILES = 6;
const showWorst = () => {
  const found = [];
  for (const row of rows) {
    const place = ORDER.indexOf(groupOf(row));
    if (place > 2 || row.decision) continue;
    const weight = weightOf(row);
    let at = found.length;
    while (at > 0 && (place - found[at - 1].place || found[at - 1].weight - weight) < 0) at -= 1;
    if (at < TILES) found.splice(at, 0, { row, place, weight });
    found.length = Math.min(found.length, TILES);
  }
  const tiles = found.map(({ row }) => make("button", { class: "tile", type: "button", "data-id": row.id, on: { click: () => openRow(row) } },
    make("span", { class: "two" }, thumb(row, "left"), thumb(row, "right")),
    make("bdi", { class: "name" }, row.name), make("span", { class: "quiet" }, make("span", { class: `badge is-${groupOf(row)}` }, labelOf(row)), ` ${row.problem || strength(openOf(row)[0])}`)));
  refill($("worst"), tiles.length ? tiles : [make("p", { class: "empty" }, rows.length ? "None: nothing that is undecided failed, is bad or should be looked at." : "There are no pairs.")]);
  $("worst").classList.toggle("tiles", tiles.length > 0);
};
// Fill anew, and leave the focus on what takes the place of the control that had it.
const refill = (place, children) => {
  const key = (element) => element.dataset.group || element.dataset.cause || element.dataset.id;
  const focused = place.contains(document.activeElement) ? key(document.activeElement) : "";
  place.replaceChildren(...children);
  if (focused) ([...place.querySelectorAll("button")].find((button) => key(button) === focused) || $("begin")).focus({ preventScroll: true });
};
const showCauses = () => {
  const total = (one) => one.look + one.bad;
  const lines = [...causesOf()].filter(([name, one]) => total(one) + one.accepted || wanted.cause === name).sort((one, other) => total(other[1]) - total(one[1]));
  const most = Math.max(1, ...lines.map(([, one]) => total(one) + one.accepted));
  const drawn = lines.map(([name, one]) => {
    const track = make("span", { class: "track", "aria-hidden": "true" });
    for (const [kind, number] of [["bad", one.bad], ["look", one.look], ["accepted", one.accepted], ["", most - total(one) - one.accepted]]) {
      if (!number) continue;
      const part = make("span", { class: kind ? `fill-${kind}` : "" });
      part.style.flexGrow = number;
      track.append(part);
    }
    return make("button", { class: "cause", type: "button", title: data.says[name].says, "data-cause": name, "aria-pressed": String(wanted.cause === name),
      on: { click: () => filter("cause", wanted.cause === name ? "" : name) } },
    make("span", {}, name), track, make("b", {}, whole.format(total(one)), make("span", { class: "unseen" }, ` ${total(one) === 1 ? "pair" : "pairs"}, ${one.bad} badly, ${one.accepted} accepted`)));
  });
  const legend = make("p", { class: "small" }, ...["bad", "look", "accepted"].map((kind) => make("span", {}, make("span", { class: `dot fill-${kind}` }), ` ${kind}`)));
  refill($("causes"), drawn.length ? [...drawn, legend] : [make("p", { class: "empty" }, rows.some((row) => row.measures) ? "No difference goes beyond its limit." : "Nothing could be measured.")]);
};

// Charts: drawn as wide as their card is, so that letters keep their size
const FLOOR = 22, LEFT = 34;
const niceStep = (most) => {
  const rough = most / 3, power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough));
};
const panel = (chart, { width, top, height, stacks, classes, names, left = LEFT }) => {
  const most = Math.max(1, ...stacks.map((bins) => bins.reduce((sum, one) => sum + one, 0)));
  const step = niceStep(most), ceiling = Math.ceil(most / step) * step, floor = top + height, wide = (width - left) / stacks.length;
  for (let count = 0; count <= ceiling; count += step) {
    const y = Math.round(floor - (height * count) / ceiling) + .5;
    chart.append(draw("line", { class: count ? "grid" : "axis", x1: left, x2: width, y1: y, y2: y }), draw("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, whole.format(count)));
  }
  stacks.forEach((bins, place) => {
    let base = floor;
    bins.forEach((count, kind) => {
      if (!count) return;
      const tall = (height * count) / ceiling;
      chart.append(draw("rect", { class: classes[kind], x: left + place * wide + 1, y: base - tall, width: Math.max(1, wide - 2), height: Math.max(.5, tall - (base < floor ? 1 : 0)) }, draw("title", {}, `${count} ${names[kind]}`)));
      base -= tall;
    });
  });
};
const ticks = (chart, width, y, told, left = LEFT) => {
  for (const [share, text] of told) {
    const x = left + share * (width - left);
    chart.append(draw("line", { class: "axis", x1: x, x2: x, y1: y, y2: y + 4 }),
      draw("text", { x, y: y + 16, "text-anchor": share < .03 ? "start" : share > .97 ? "end" : "middle" }, text));
  }
};
const svg = (width, height, label) => draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
const BINS = 24, DECADES = 4;
const showWeights = () => {
  const judged = rows.filter((row) => row.measures), width = Math.max(220, $("weights").clientWidth), narrow = width < 460, height = narrow ? 160 : 240;
  if (!judged.length) { $("weights").replaceChildren(make("p", { class: "empty" }, "Nothing could be measured.")); return; }
  const stacks = Array.from({ length: BINS }, () => [0, 0, 0]);
  for (const row of judged) { // a hundredth to a hundred times the limit
    const place = Math.floor((Math.log10(Math.max(row.strongest, 1e-9)) + DECADES / 2) * (BINS / DECADES) + 1e-9);
    const level = row.findings.some((one) => one.level === "bad") ? 2 : row.findings.length ? 1 : 0;
    stacks[Math.min(BINS - 1, Math.max(0, place))][level] += 1;
  }
  const below = judged.filter((row) => row.strongest < 1).length;
  const chart = svg(width, height + FLOOR + 14, `Distribution of the strongest difference of each of ${judged.length} pairs, as measured by its limits: ${below} are below the limit, ${judged.length - below} are not.`);
  panel(chart, { width, top: 16, height: height - 16, stacks, classes: ["s-fine", "s-look", "s-bad"], names: ["within the limits", "to be looked at", "bad"] });
  const middle = Math.round(LEFT + (width - LEFT) / 2) + .5;
  chart.append(draw("line", { class: "limit", x1: middle, x2: middle, y1: 4, y2: height }), draw("text", { x: middle + 5, y: 13, class: "told" }, "limit →"), draw("text", { x: middle - 5, y: 13, "text-anchor": "end" }, narrow ? "" : "← no difference that matters"));
  ticks(chart, width, height, [[0, "≤ 0.01"], [.25, "0.1"], [.5, "look"], [.75, "bad"], [1, "≥ 100"]]);
  chart.append(draw("text", { x: LEFT + (width - LEFT) / 2, y: height + 32, "text-anchor": "middle" }, narrow ? "strongest difference" : "strongest difference of a pair, as measured by its limits"));
  $("weights").replaceChildren(make("p", { class: "big" }, make("b", {}, whole.format(below)), ` of ${whole.format(judged.length)} within the limits`), chart);
};
const showLatency = () => {
  const place = $("latency");
  if (!place) return; // nobody measured
  const sides = ["left", "right"].map((side) => ({ side, title: data[side].title, median: data[side].p50,
    values: rows.map((row) => row[side] && row[side].seconds).filter((value) => value > 0) })).filter((one) => one.values.length);
  if (!sides.length) { place.replaceChildren(); return; }
  const all = sides.flatMap((one) => one.values), width = Math.max(220, place.clientWidth), tall = 62, gap = 24, bins = 30;
  const [least, most] = all.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, 0]);
  const low = Math.log10(least / 1.15), high = Math.log10(most * 1.15), share = (value) => (Math.log10(value) - low) / (high - low);
  const floor = sides.length * (tall + gap), chart = svg(width, floor + FLOOR, sides.map((one) => `${one.title}: ${one.values.length} answers, median ${seconds(one.median)}`).join("; "));
  sides.forEach((one, number) => {
    const stacks = Array.from({ length: bins }, () => [0]), top = number * (tall + gap) + gap;
    for (const value of one.values) stacks[Math.min(bins - 1, Math.max(0, Math.floor(share(value) * bins)))][0] += 1;
    panel(chart, { width, top, height: tall, stacks, classes: [`s-${one.side}`], names: ["answers"] });
    if (!(one.median > 0)) return;
    const x = Math.round(LEFT + share(one.median) * (width - LEFT)) + .5, end = share(one.median) > .6;
    chart.append(draw("line", { class: "limit", x1: x, x2: x, y1: top - 8, y2: top + tall }),
      draw("text", { x: x + (end ? -5 : 5), y: top - 6, class: "told", "text-anchor": end ? "end" : "start" }, `median ${seconds(one.median)}`));
  });
  const marks = [];
  for (let power = Math.floor(low); power <= high; power += 1) for (const factor of [1, 2, 5]) {
    const value = factor * 10 ** power, at = share(value);
    if (at >= 0 && at <= 1) marks.push([at, value < 1 ? `${Math.round(1000 * value)} ms` : `${digits(value, 1)} s`]);
  }
  const every = Math.ceil(marks.length / Math.max(2, Math.floor(width / 76)));
  ticks(chart, width, floor, marks.filter((_, number) => number % every === 0));
  place.replaceChildren(chart);
};
const showHow = () => {
  const limits = data.thresholds, list = (...lines) => make("ul", {}, ...lines.filter(Boolean).map((line) => make("li", {}, line)));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...["Cause", "Look from", "Bad from", "What it means"].map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...Object.entries(data.limits).map(([name, { look, bad }]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, amount(name, look, 4) || "any"), make("td", {}, amount(name, bad, 4) || "any"), make("td", {}, data.says[name].says)))));
  const noise = Object.entries(data.noise);
  $("how-says").replaceChildren(list(
    `Yes: at most ${percent(limits.yes_bad)} of the judged pairs are bad or failed, and of at most ${percent(limits.yes_look)} nothing can be said or they should be looked at. No: more than ${percent(limits.no_bad)} are bad or failed. Between: look first.`,
    "What a reviewer accepts or rejects counts as that, whatever was measured.",
    noise.length ? `The left side against itself, in 95 of 100 of ${pairsOf(data.noise_pairs)}: ${noise.map(([name, value]) => `${name} ${amount(name, value) || digits(value)}`).join(", ")}. Only what goes beyond that is told.` : data.noise_pairs ? `${pairsOf(data.noise_pairs)} of the left side ${data.noise_pairs === 1 ? "was" : "were"} compared with another answer to the same question: what differs no more than that is not told of these. They are too few to tell the usual variance.` : "The left side was not compared with itself, so its own variance is not known.",
    data.skipped.length ? `Left out, since they are no pictures: ${data.skipped.slice(0, 20).join(", ")}${data.skipped.length > 20 ? ` and ${data.skipped.length - 20} more` : ""}.` : "",
    `Made on ${data.made.replace("T", " ").replace("+00:00", " UTC")}.`), make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Limits" }, table));
};
const showSummary = () => {
  const counts = counted();
  showVerdict(counts);
  showGroups(counts);
  showWorst();
  showCauses();
};
const showCharts = () => { showWeights(); showLatency(); };
