// One pair, large; and what hands can do.
const MODES = [["slider", "Slider", "s"], ["blink", "Blink", "b"], ["heat", "Heat map", "h"], ["left", "Left", "["], ["right", "Right", "]"], ["original", "Original", "o"]];
const BACKS = [["checker", "Checker", "1"], ["white", "White", "2"], ["black", "Black", "3"], ["own", "Colour", "4"]];
const BLINK = 650, CLOSEST = 12;
const look = { mode: "slider", back: "checker", spot: false, zoom: 1, x: 0, y: 0 };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const frame = $("frame"), cut = $("cut");
const press = (label, key, attributes, act) => make("button", { type: "button", title: `key ${key}`, "aria-keyshortcuts": key, ...attributes, on: { click: act } }, label);
for (const [mode, text, key] of MODES) $("modes").append(press(text, key, { "data-mode": mode }, () => act[key]()));
$("modes").append(press("Worst spot", "z", { id: "spot" }, () => act.z()));
for (const [back, text, key] of BACKS) $("backs").append(press(text, key, { "data-back": back }, () => show({ back })));
$("backs").append(make("input", { type: "color", id: "own", value: "#2f6f4f", "aria-label": "Own background colour", on: { input: () => show({ back: "own" }) } }));
for (const [label, key, name] of [["−", "-", "Zoom out"], ["100 %", "0", "Whole picture"], ["+", "+", "Zoom in"]])
  $("zooms").append(press(label, key, key === "0" ? { id: "zoom", title: `${name} (key 0)` } : { "aria-label": name }, () => act[key]()));

let blinking = 0;
const face = (side) => {
  frame.dataset.face = side;
  $("left-name").classList.toggle("on", side !== "right");
  $("right-name").classList.toggle("on", side !== "left");
};
const blink = (mode) => {
  clearInterval(blinking);
  if (mode !== "blink") { face({ left: "left", right: "right", original: "none" }[mode] || "both"); return; }
  if (frame.dataset.face !== "right") face("left");
  if (!still.matches) blinking = setInterval(() => face(frame.dataset.face === "left" ? "right" : "left"), BLINK);
};
const fill = (image, source, alt) => {
  image.hidden = !source;
  if (image.getAttribute("src") !== source) {
    image.removeAttribute("src"); // rather nothing than the picture before
    if (source) image.src = source;
  }
  image.alt = source ? alt : "";
};
const show = (change) => {
  Object.assign(look, change);
  const row = shown[current];
  if (!row) return;
  const can = (view) => Boolean(row.views[view]), spot = look.spot && can("left_spot");
  const heat = spot ? "heat_spot" : "heat";
  const any = can("left") || can("right"), lone = can("left") && can("right") ? "" : can("left") ? "left" : "right";
  let mode = look.mode;
  if ((mode === "original" && !can("original")) || (mode === "heat" && !can(heat))) mode = "slider";
  if (lone && mode !== "original") mode = lone;
  const view = (side) => picture(row, spot ? `${side}_spot` : side), where = spot ? ", worst spot" : "";
  const [under, over] = mode === "original" ? ["original", ""] : mode === "heat" ? ["right", heat] : ["right", "left"];
  fill($("under"), under === "original" ? picture(row, "original") : view("right"), `${row.name}, ${under === "original" ? "original" : `right side${where}`}`);
  fill($("over"), !over ? "" : over === heat ? picture(row, heat) : view("left"),
    `${row.name}, ${over === heat ? "where they differ: red is only on the left, blue only on the right, amber another colour" : "left side"}${where}`);
  frame.dataset.mode = any ? mode : "none";
  frame.classList.toggle("spot", spot);
  $("blank").hidden = any;
  $("blank").textContent = row.problem ? `There is nothing to show: ${row.problem}.` : row.note ? `There is nothing to show: ${row.note}.` : "No pictures were made for this report.";
  $("stage").className = look.back;
  $("stage").style.setProperty("--own", $("own").value);
  $("key").hidden = mode !== "heat";
  for (const side of ["left", "right"]) $(`${side}-name`).hidden = mode === "heat" || mode === "original" || !can(side);
  for (const button of $("modes").children) {
    const name = button.dataset.mode;
    button.setAttribute("aria-pressed", String(any && (name ? name === mode : spot)));
    button.disabled = { heat: !can(heat), original: !can("original"), left: !can("left"), right: !can("right"), "": !can("left_spot") }[name || ""] ?? Boolean(lone);
  }
  for (const button of $("backs").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.back === look.back));
  blink(frame.dataset.mode);
  zoom();
  slide();
};
const slide = () => {
  frame.style.setProperty("--cut", `${cut.value}%`);
  cut.setAttribute("aria-valuetext", `${Math.round(cut.value)} per cent left`);
};
const cutAt = (x) => {
  const box = frame.getBoundingClientRect();
  cut.value = (100 * (x - box.left)) / box.width;
  slide();
};
// Zoom about a place of the frame, told from its middle.
const zoom = (factor = 1, x = 0, y = 0) => {
  const before = look.zoom;
  look.zoom = Math.min(CLOSEST, Math.max(1, before * factor));
  const grown = look.zoom / before, reach = (look.zoom - 1) / 2;
  look.x = Math.max(-reach * frame.clientWidth, Math.min(reach * frame.clientWidth, x - (x - look.x) * grown));
  look.y = Math.max(-reach * frame.clientHeight, Math.min(reach * frame.clientHeight, y - (y - look.y) * grown));
  for (const [name, value] of [["--zoom", look.zoom], ["--x", `${look.x}px`], ["--y", `${look.y}px`]]) frame.style.setProperty(name, value);
  frame.classList.toggle("near", look.zoom > 1);
  frame.classList.toggle("close", look.zoom >= 3);
  $("zoom").textContent = `${Math.round(100 * look.zoom)} %`;
};
const fromMiddle = (x, y) => {
  const box = frame.getBoundingClientRect();
  return [x - box.left - box.width / 2, y - box.top - box.height / 2];
};

// Opening and leafing
let opener = null, looked = -1;
const open = (place) => {
  const row = shown[place];
  if (!row) return;
  const dialog = $("pair"), fresh = !dialog.open;
  if (fresh) opener = document.activeElement && document.activeElement !== document.body ? document.activeElement : null;
  at(looked = place);
  Object.assign(look, { spot: false, zoom: 1, x: 0, y: 0 });
  $("pair-name").textContent = row.name;
  $("pair-name").title = row.name;
  $("pair-place").textContent = `${whole.format(place + 1)} of ${whole.format(shown.length)}`;
  $("previous").disabled = place === 0;
  $("next").disabled = place === shown.length - 1;
  facts(row);
  marked();
  if (fresh) dialog.showModal();
  $("pair-told").textContent = fresh ? "" : `${place + 1} of ${shown.length}: ${row.name}, ${labelOf(row)}`; // a dialog's name is read once only
  linked(row);
  if (fresh || !$("pair-said").classList.contains("failed")) { $("pair-said").textContent = ""; $("undo").hidden = true; }
  show({});
  if (fresh) (frame.dataset.mode === "slider" ? cut : $("accept")).focus({ preventScroll: true });
  dialog.querySelector(".desk").scrollTop = dialog.querySelector(".about").scrollTop = 0;
  ahead(shown[place + 1]);
};
const linked = (row) => { // an address that leads to the pair
  try { history.replaceState(null, "", row ? `#${row.id}` : " "); } catch { /* not in every frame */ }
};
const follow = () => {
  const row = byId.get(location.hash.slice(1));
  if (row) openRow(row);
};
const ahead = (row) => { // the next one's pictures are there before it is
  if (row) for (const view of ["left", "right"]) if (row.views[view]) new Image().src = picture(row, view);
};
const openRow = (row) => {
  if (!shown.includes(row)) { Object.assign(wanted, { group: "", cause: "", search: "" }); $("search").value = ""; filter("group", ""); }
  open(shown.indexOf(row));
};
const nextOpen = (from, fits = undecided) => {
  for (let step = 1; step <= shown.length; step += 1) {
    const place = (from + step) % shown.length;
    if (fits(shown[place])) return place;
  }
  return -1;
};
const begin = () => {
  if (nextOpen(-1) < 0) { Object.assign(wanted, { group: "", cause: "", search: "" }); $("search").value = ""; filter("group", ""); }
  const place = nextOpen(-1);
  if (place >= 0) open(place);
};
// In the pair's view a decision leads on to the next pair that asks for one; once none is left, nothing moves.
const choose = (decision) => {
  const row = shown[current], leafing = $("pair").open;
  if (!row) return;
  if (row.decision === decision) { decide(row, ""); tell(`${row.name} is undecided again.`); return; }
  decide(row, decision);
  const said = `${decision === "accept" ? "Accepted" : "Rejected"} ${row.name}.`;
  if (!leafing) { tell(`${said} u takes it back.`); return; }
  const place = asks(row) ? nextOpen(current) : nextOpen(current, (other) => !other.decision);
  if (place >= 0) open(place);
  tell(place >= 0 ? said : `${said} Nothing here is left to be decided: ${judge(counted())[1]}${served ? "" : " “Save decisions” writes yours to a file."}`, { undo: true });
};
const undo = () => {
  const last = past.pop();
  if (!last) { tell("There is nothing to take back."); return; }
  const [row, before] = last;
  decide(row, before, { undone: true });
  if ($("pair").open) openRow(row);
  else if (shown.includes(row)) select(shown.indexOf(row));
  tell(`Taken back: ${row.name} is ${before ? `${before}ed` : "undecided"}.`, { undo: $("pair").open && past.length > 0 });
};
const marked = () => {
  const row = shown[current];
  if (!row) return;
  $("pair-group").textContent = labelOf(row);
  $("pair-group").className = `badge is-${groupOf(row)}`;
  for (const kind of KINDS) $(kind).setAttribute("aria-pressed", String(row.decision === kind));
};
changed.push((row) => { if ($("pair").open && row === shown[current]) marked(); });

// What is known of it
const finding = (one) => make("li", {},
  make("p", {}, make("span", { class: `badge is-${one.accepted ? "accepted" : one.level}` }, one.accepted ? "accepted" : one.level), " ", make("b", {}, one.cause), ` ${amount(one.cause, one.value)}`, " ", make("span", { class: "quiet nowrap" }, `${digits(one.weight, 2)} × limit`)),
  make("p", { class: "quiet" }, data.says[one.cause].says, one.accepted ? ` Accepted by the rule “${one.accepted}”.` : "", typeof one.noise === "number" ? ` The left side differs from itself by ${amount(one.cause, one.noise) || digits(one.noise)}.` : ""));
const listOf = (title, pairs) => make("section", {}, make("h3", {}, title), make("dl", {},
  ...pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) => [make("dt", {}, name), make("dd", { dir: "auto" }, value)])));
const fileOf = (name) => name.replace(/^([0-9a-f]{12})[0-9a-f]{52}(?=\.|$)/, "$1…"); // what was asked for is stored under its hash
const sideFacts = (side, title) => listOf(title, side ? [["file", fileOf(side.file)], ["format", side.format.toUpperCase()], ["size", side.width ? `${side.width} × ${side.height}` : ""],
  ["bytes", side.size ? bytes(side.size) : ""], ["metadata", side.metadata.join(", ")], ["note", side.notes.join("; ")], ["problem", side.error],
  ["time", side.seconds === null ? "" : seconds(side.seconds)], ["credits", side.credits === null ? "" : digits(side.credits)]] : [["answer", "none"]]);
const measureFacts = (told) => [
  listOf("Alpha", [["MAE", digits(told.mae)], ["MSE", digits(told.mse)], ["SAD, px", digits(told.sad)], ["gradient error", digits(told.gradient)],
    ["connectivity error", digits(told.connectivity)], ["IoU at 10, 50, 90 %", [told.iou_10, told.iou_50, told.iou_90].map((value) => value.toFixed(3)).join(", ")]]),
  listOf("Outline and parts", [["boundary F", told.boundary_f.toFixed(3)], ["outlines may be apart, px", digits(told.tolerance)], ["holes, left and right", `${told.left_holes}, ${told.right_holes}`],
    ["islands, left and right", `${told.left_islands}, ${told.right_islands}`], ["thin parts lost, gained", `${told.lost_parts}, ${told.gained_parts}`],
    ["missing, extra, hole", [told.missing, told.extra, told.hole].map(percent).join(", ")]]),
  listOf("Colour", [["inside, ΔE", digits(told.colour)], ["fringe, ΔE", digits(told.fringe)], ["premultiplied", digits(told.premultiplied)], ["SSIM on white, black", `${told.ssim_white.toFixed(3)}, ${told.ssim_black.toFixed(3)}`]]),
  listOf("Geometry", [["aligned by", told.aligned_by], ["shift, px", `${digits(told.shift_x)}, ${digits(told.shift_y)}`], ["scale", digits(told.scale, 4)], ["canvas differs", percent(told.crop)]]),
];
const facts = (row) => {
  const told = entitled(data.measures, row.measures), parameters = Object.entries(row.parameters);
  $("pair-says").replaceChildren(row.problem ? make("p", {}, make("b", {}, "Not compared. "), `${row.problem}.`)
    : row.findings.length ? make("ul", { class: "findings" }, ...row.findings.map(finding)) : make("p", {}, "No difference goes beyond its limit."));
  if (row.note) $("pair-says").append(make("p", { class: "quiet" }, `Note: ${row.note}.`));
  $("facts").replaceChildren(...["left", "right"].map((name) => sideFacts(row[name], data[name].title)), ...(parameters.length ? [listOf("Asked with", parameters)] : []), ...(told ? measureFacts(told) : []));
};

// Hands
const inPair = (change) => () => { if ($("pair").open) show(change); };
const step = (by) => () => ($("pair").open ? open(current + by) : select(current + by));
const act = {
  j: step(1), k: step(-1), n: () => { const place = nextOpen(current); if (place >= 0) ($("pair").open ? open : select)(place); },
  a: () => choose("accept"), r: () => choose("reject"), u: undo,
  s: inPair({ mode: "slider" }), h: inPair({ mode: "heat" }), o: inPair({ mode: "original" }), "[": inPair({ mode: "left" }), "]": inPair({ mode: "right" }),
  b: () => { if ($("pair").open) { if (look.mode === "blink" && still.matches) face(frame.dataset.face === "left" ? "right" : "left"); else show({ mode: "blink" }); } },
  z: () => inPair({ spot: !look.spot, zoom: 1, x: 0, y: 0 })(), "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => zoom(1 / CLOSEST),
  1: inPair({ back: "checker" }), 2: inPair({ back: "white" }), 3: inPair({ back: "black" }), 4: inPair({ back: "own" }),
  "/": () => { if (!$("pair").open) $("search").focus(); }, "?": () => $("keys").showModal(),
};
document.addEventListener("keydown", (event) => {
  const { key, target } = event, opened = $("pair").open;
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open || !target.matches) return;
  if (target.matches("#search")) {
    if ((key === "Enter" || key === "ArrowDown") && shown.length) { select(0); event.preventDefault(); }
    return;
  }
  if (target.matches("select, input:not(#cut)")) return;
  if (key === "Enter" && !opened && !target.closest("button, select, a, summary")) { if (shown.length) open(Math.max(0, current)); event.preventDefault(); return; }
  if (key.startsWith("Arrow")) {
    const side = key === "ArrowLeft" || key === "ArrowRight";
    if (target === cut || (!side && opened)) return; // the slider's own; scrolling
    if (side && opened && frame.dataset.mode === "slider") { cut.value = Number(cut.value) + (key === "ArrowLeft" ? -2 : 2); slide(); event.preventDefault(); }
    if (!side && target.closest("#list")) { (key === "ArrowDown" ? act.j : act.k)(); event.preventDefault(); }
    return;
  }
  if (Object.hasOwn(act, key)) { act[key](); event.preventDefault(); }
});
const fingers = new Map();
let hold = "", pinch = 0;
const apart = () => { const [one, other] = [...fingers.values()]; return Math.hypot(one[0] - other[0], one[1] - other[1]); };
frame.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  frame.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  const box = frame.getBoundingClientRect(), line = box.left + (box.width * cut.value) / 100;
  hold = fingers.size === 2 ? "pinch" : frame.dataset.mode === "slider" && (look.zoom === 1 || Math.abs(event.clientX - line) < 24) ? "cut" : "pan";
  if (hold === "pinch") pinch = apart();
  if (hold === "cut") { cutAt(event.clientX); cut.focus({ preventScroll: true }); event.preventDefault(); }
});
frame.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  if (hold === "cut") cutAt(event.clientX);
  if (hold === "pan") { look.x += event.clientX - before[0]; look.y += event.clientY - before[1]; zoom(); }
  if (hold === "pinch" && fingers.size === 2) {
    const [one, other] = [...fingers.values()], now = apart();
    zoom(now / Math.max(1, pinch), ...fromMiddle((one[0] + other[0]) / 2, (one[1] + other[1]) / 2));
    pinch = now;
  }
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) frame.addEventListener(name, (event) => { fingers.delete(event.pointerId); if (!fingers.size) hold = ""; });
frame.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !matchMedia("(min-width: 901px)").matches) return; // there the wheel scrolls
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * .0015), ...fromMiddle(event.clientX, event.clientY));
}, { passive: false });
