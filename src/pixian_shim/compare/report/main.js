// Wire the page together.
cut.addEventListener("input", slide);
for (const [id, key] of [["previous", "k"], ["next", "j"], ["accept", "a"], ["reject", "r"], ["undo", "u"], ["help", "?"]]) $(id).addEventListener("click", act[key]);
$("begin").addEventListener("click", begin);
$("close").addEventListener("click", () => $("pair").close());
$("keys-close").addEventListener("click", () => $("keys").close());
$("pair").addEventListener("close", () => {
  blink("");
  linked(null);
  $("pair-said").textContent = "";
  const within = opener && opener.isConnected && !opener.closest("#list");
  if (within && !opener.disabled) { opener.focus(); return; }
  at(looked); // closing gave the focus to the row that it was opened from
  bring();
  focusRow();
});
for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
for (const [id, what] of [["by-group", "group"], ["by-cause", "cause"], ["sort", "sort"]]) $(id).addEventListener("change", (event) => filter(what, event.target.value));
for (const button of $("list").querySelectorAll("[data-sort]")) button.addEventListener("click", () => filter("sort", button.dataset.sort));
$("search").addEventListener("input", (event) => { wanted.search = event.target.value.trim().toLowerCase(); arrange(); });
$("save").addEventListener("click", () => {
  const file = URL.createObjectURL(new Blob([JSON.stringify(decisions(), null, 1)], { type: "application/json" }));
  const link = make("a", { href: file, download: "decisions.json" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(file), 1000);
  tell(`${whole.format(Object.keys(decisions()).length)} decisions saved.`);
});
$("load").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const told = Object.entries(JSON.parse(await file.text())), known = told.filter(([id, decision]) => byId.has(id) && KINDS.includes(decision));
    for (const [id, decision] of known) decide(byId.get(id), decision);
    tell(`${whole.format(known.length)} decisions loaded${known.length < told.length ? `; ${whole.format(told.length - known.length)} are of other pairs` : ""}.`);
  } catch { tell(`${file.name} is no file of decisions.`, { failed: true }); }
  event.target.value = "";
});
let drawn = innerWidth;
addEventListener("hashchange", follow);
addEventListener("scroll", () => paint(), { passive: true });
addEventListener("resize", () => {
  paint(true);
  if (drawn !== innerWidth) { drawn = innerWidth; showCharts(); }
  if ($("pair").open) zoom();
});

for (const group of ORDER) $("by-group").append(make("option", { value: group }, group));
for (const name of Object.keys(data.says)) $("by-cause").append(make("option", { value: name }, name));
for (const [name, [text]] of Object.entries(SORTS)) $("sort").append(make("option", { value: name }, text));
for (const side of ["left", "right"]) $(`${side}-name`).querySelector("bdi").textContent = data[side].title;
const begun = (told, known = null) => {
  take(told, known);
  $("list").classList.toggle("untimed", !data.left.timed && !data.right.timed);
  arrange();
  showSummary();
  showCharts();
  showHow();
  follow();
};
const fetched = async (path) => {
  const answer = await fetch(path, { signal: AbortSignal.timeout(60000) });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
};
const renew = async () => { // what others decided meanwhile
  if (document.hidden) return;
  const before = words;
  try {
    const told = await fetched("decisions");
    if (before === words) merge(told); // else it may be older than what was decided here
  } catch { /* told when a decision of ours is not kept */ }
};
const fetchAll = async () => {
  document.body.classList.add("waiting");
  $("count").textContent = "The pairs are on their way …";
  try {
    const [told, known] = await Promise.all([fetched("rows.json"), fetched("decisions")]);
    document.body.classList.remove("waiting");
    begun(told, known);
    setInterval(renew, 10000);
    document.addEventListener("visibilitychange", renew);
  } catch (error) {
    $("count").textContent = "The pairs could not be had.";
    tell(`The pairs could not be had: ${error.message}. Reload the page to try again.`, { failed: true });
  }
};
if (served) fetchAll();
else begun(data.rows);
