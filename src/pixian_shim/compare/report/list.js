// The list: only what is in sight is in the page.
const wanted = { group: "", cause: "", search: "", sort: "worst" };
let shown = [], current = -1;
const names = new Intl.Collator("en", { numeric: true });
const took = (row) => {
  const [left, right] = ["left", "right"].map((side) => row[side] && row[side].seconds);
  return typeof right === "number" ? right - (typeof left === "number" ? left : 0) : -Infinity;
};
const least = (row, name) => -measured(row, name, Infinity);
const SORTS = {
  worst: ["worst first", (row) => [-ORDER.indexOf(groupOf(row)), weightOf(row)]],
  name: ["name", () => []],
  slower: ["slower first", (row) => [took(row)]],
  edge: ["outline", (row) => [least(row, "boundary_f")]],
  mae: ["alpha", (row) => [measured(row, "mae", -1)]],
  colour: ["colour", (row) => [Math.max(measured(row, "colour", -1), measured(row, "fringe", -1))]],
};
const fits = (row) => {
  const { group, cause, search } = wanted;
  if (group === "open" ? !undecided(row) : group === "decided" ? !row.decision : group && groupOf(row) !== group) return false;
  if (cause && !row.findings.some((one) => one.cause === cause && !one.accepted)) return false;
  return !search || `${row.name} ${asked(row)}`.toLowerCase().includes(search);
};
const arrange = () => {
  const kept = shown[current], [, keys] = SORTS[wanted.sort];
  const found = rows.filter(fits).map((row) => ({ row, keys: keys(row) }));
  found.sort((one, other) => {
    for (let number = 0; number < one.keys.length; number += 1) {
      if (one.keys[number] !== other.keys[number]) return other.keys[number] > one.keys[number] ? 1 : -1;
    }
    return names.compare(one.row.name, other.row.name);
  });
  shown = found.map((one) => one.row);
  current = kept ? shown.indexOf(kept) : -1;
  $("count").textContent = shown.length === rows.length ? pairsOf(rows.length) : `${whole.format(shown.length)} of ${pairsOf(rows.length)}`;
  $("nothing").hidden = shown.length > 0;
  $("nothing").textContent = rows.length ? "No pair fits these filters." : "There are no pairs.";
  $("list").hidden = !shown.length;
  $("list").setAttribute("aria-rowcount", shown.length + 1);
  for (const button of $("list").querySelectorAll("[data-sort]")) {
    if (button.dataset.sort === wanted.sort) button.parentElement.setAttribute("aria-sort", wanted.sort === "name" ? "ascending" : "descending");
    else button.parentElement.removeAttribute("aria-sort");
  }
  paint(true);
};
const filter = (what, value) => {
  wanted[what] = value;
  for (const [id, name] of [["by-group", "group"], ["by-cause", "cause"], ["sort", "sort"]]) $(id).value = wanted[name];
  arrange();
  showSummary();
};
let height = 76;
const FEW = 60;
const painted = new Map(); // place → element
const paint = (anew = false) => {
  const space = $("space"), middle = (scrollY > 0 || anew) && painted.get(current);
  if (anew) height = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 76;
  space.style.height = `${shown.length * height}px`;
  const above = -space.getBoundingClientRect().top;
  const few = shown.length <= FEW; // are all there: for printing, too
  const first = few ? 0 : Math.max(0, Math.floor(above / height) - 6), last = few ? shown.length : Math.min(shown.length, Math.ceil((above + innerHeight) / height) + 6);
  const had = middle && middle.contains(document.activeElement) && shown[current] && shown[current].id === middle.dataset.id;
  for (const [place, element] of painted) {
    // The row that has the focus stays, however far it is scrolled away.
    if (anew || ((place < first || place >= last) && !element.contains(document.activeElement))) { element.remove(); painted.delete(place); }
  }
  for (let place = first; place < last; place += 1) if (!painted.has(place)) setRow(place);
  if (anew && had) focusRow();
};
const setRow = (place) => {
  const element = line(shown[place], place);
  painted.set(place, element);
  let after = null; // in the order in which they are read
  for (const [other, known] of painted) if (other > place && (!after || other < Number(after.dataset.place))) after = known;
  $("space").insertBefore(element, after);
  return element;
};
const line = (row, place) => {
  const mark = (decision, text, sign) => make("button", { type: "button", "data-mark": decision, "aria-label": `${text} ${row.name}`, title: text,
    on: { click: (event) => { event.stopPropagation(); at(place); decide(row, row.decision === decision ? "" : decision); } } }, sign);
  const cell = (name, ...children) => make("span", { class: name, role: "cell" }, ...children);
  const [before, after] = ["left", "right"].map((side) => row[side] && row[side].seconds);
  const element = make("div", { class: "row", role: "row", "aria-rowindex": place + 2, "data-id": row.id, "data-place": place, on: { click: () => open(place), focusin: () => at(place) } },
    cell("left", thumb(row, "left")), cell("right", thumb(row, "right")),
    cell("who", make("button", { class: "name", type: "button", dir: "auto", title: row.name }, row.name), make("span", { class: "asked", dir: "auto" }, asked(row))),
    cell("state", make("span", { class: "badge" })),
    cell("why", why(row)),
    cell("times", typeof before === "number" || typeof after === "number" ? `${seconds(before)} → ${seconds(after)}` : ""),
    cell("marks", mark("accept", "Accept", "✓"), mark("reject", "Reject", "✗")));
  element.style.top = `${place * height}px`;
  return refresh(element, row, place);
};
const refresh = (element, row, place) => {
  const badge = element.querySelector(".badge");
  badge.className = `badge is-${groupOf(row)}`;
  badge.textContent = labelOf(row);
  for (const button of element.querySelectorAll("[data-mark]")) button.setAttribute("aria-pressed", String(row.decision === button.dataset.mark));
  element.setAttribute("aria-current", String(place === current));
  return element;
};
const at = (place) => {
  current = place;
  for (const [number, element] of painted) element.setAttribute("aria-current", String(number === current));
};
const bring = () => {
  const top = $("space").getBoundingClientRect().top + current * height, bar = $("list").querySelector(".heads").getBoundingClientRect().bottom + 4;
  if (top < bar) scrollBy(0, top - bar);
  else if (top + height > innerHeight - 8) scrollBy(0, top + height - innerHeight + 8);
  paint();
};
const focusRow = () => {
  const element = painted.get(current) || (shown[current] && setRow(current));
  if (element) element.querySelector(".name").focus({ preventScroll: true });
};
const select = (place) => {
  if (!shown.length) return;
  at(Math.max(0, Math.min(shown.length - 1, place)));
  bring();
  focusRow();
};
let settle = 0;
changed.push((row) => {
  const place = shown.indexOf(row), element = painted.get(place);
  if (element) refresh(element, row, place);
  cancelAnimationFrame(settle); // many may change at once
  settle = requestAnimationFrame(showSummary);
});

// What just happened
let fading = 0;
const tell = (text, { failed = false, undo = false } = {}) => {
  const place = $("pair").open ? $("pair-said") : $("said"), other = $("pair").open ? $("said") : $("pair-said");
  clearTimeout(fading);
  other.textContent = "";
  place.classList.toggle("failed", failed);
  place.setAttribute("role", failed ? "alert" : "status");
  place.textContent = text;
  $("undo").hidden = !undo;
  if (!failed) fading = setTimeout(() => { $("said").textContent = ""; }, 5000);
};
