"""The page of one view: no server, no network, votes kept in the browser until they are saved as CSV."""

import json
from collections.abc import Sequence

TITLES = {"creators": "For those who make music", "audience": "For those who watch"}


def page(view: str, scales: Sequence[str], roles: Sequence[str], pairs: Sequence[Sequence[str]]) -> str:
    """HTML, complete in itself; pairs: of names of films in media/."""
    facts = json.dumps({"view": view, "scales": list(scales), "roles": list(roles), "pairs": [list(p) for p in pairs]})
    return PAGE.replace("TITLE", TITLES[view]).replace("FACTS", facts.replace("<", "\\u003c"))


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>TITLE</title>
<style>
body { background: #0b0d10; color: #e8edf2; font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem;
  padding: 1rem; }
h1 { font-size: 1.3rem; } button, select, input { font: inherit; padding: .4rem .8rem; border-radius: 6px;
  border: 1px solid #2b343e; background: #1f262e; color: inherit; }
button:focus-visible, input:focus-visible, select:focus-visible { outline: 2px solid #36c2e0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem; }
.side { background: #13171c; border-radius: 6px; padding: .8rem; }
video { width: 100%; max-height: 50vh; background: #000; }
label.scale { display: grid; grid-template-columns: 9rem 1fr 2.5rem; align-items: center; gap: .5rem; }
.quiet { color: #9aa7b4; } .row { display: flex; gap: .6rem; flex-wrap: wrap; align-items: center; margin: .8rem 0; }
.untouched output { color: #ffb554; }
</style></head><body>
<h1>TITLE</h1>
<form id="begin" class="row"><label>Your name or a nickname <input id="rater" required maxlength="40"></label>
<label>You are <select id="role"></select></label><button>Begin</button></form>
<main id="pair" hidden></main>
<p class="quiet">Listen with headphones. Watch both films to the end before you rate. Votes stay in this browser until
you save them.</p>
<script>
"use strict";
const facts = FACTS;
const $ = (id) => document.getElementById(id);
const make = (tag, text, more) =>
  Object.assign(document.createElement(tag), text == null ? {} : {textContent: text}, more);
for (const role of facts.roles) $("role").append(make("option", role, {value: role}));
function hash(text) { let h = 2166136261; for (const c of text) { h ^= c.codePointAt(0); h = Math.imul(h, 16777619); }
  return h >>> 0; }
function draw(seed) { let s = seed; return () => { s = Math.imul(s ^ (s >>> 15), 2246822519) + 0x9e3779b9 | 0;
  return ((s ^ (s >>> 13)) >>> 0) / 4294967296; }; }
let order = [], at = 0, rater = "", role = "", place = "";
$("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  rater = $("rater").value.trim(); role = $("role").value;
  place = "score judge " + facts.view + " " + rater;
  const random = draw(hash(rater + facts.view));
  order = facts.pairs.map((pair, i) => [random(), random() < 0.5 ? pair : [pair[1], pair[0]], i])
    .sort((a, b) => a[0] - b[0]).map((o) => o[1]);
  at = saved().filter((vote) => vote.scale === "preferred").length;
  $("begin").hidden = true; $("pair").hidden = false; show();
});
function saved() { try { return JSON.parse(localStorage.getItem(place)) || []; } catch { return []; } }
function side(name, code) {
  const box = make("section", null, {className: "side"});
  box.append(make("h2", name), make("video", null, {src: "media/" + code, controls: true, preload: "metadata"}));
  for (const scale of facts.scales) {
    const label = make("label", null, {className: "scale untouched"});
    const range = make("input", null, {type: "range", min: 0.5, max: 5, step: 0.5, value: 2.5, name: scale});
    const value = make("output", "–");
    range.dataset.code = code;
    const touch = () => { value.textContent = range.value; label.classList.remove("untouched");
      range.dataset.done = 1; };
    range.addEventListener("input", touch); range.addEventListener("click", touch);
    label.append(make("span", scale), range, value); box.append(label);
  }
  return box;
}
function show() {
  const main = $("pair"); main.replaceChildren();
  if (at >= order.length) { main.append(make("p", "Thank you: that was all."), save()); return; }
  const [a, b] = order[at];
  const both = make("div", null, {className: "pair"}); both.append(side("A", a), side("B", b));
  const row = make("div", null, {className: "row"}); const told = make("span", "", {className: "quiet"});
  row.append(make("span", "Which music fits its film better?"));
  for (const [name, code] of [["A", a], ["neither", ""], ["B", b]])
    row.append(make("button", name, {onclick: () => vote(both, a, b, code, told)}));
  row.append(told, save()); main.append(make("p", (at + 1) + " of " + order.length, {className: "quiet"}), both, row);
}
function vote(both, a, b, preferred, told) {
  const ranges = [...both.querySelectorAll("input")];
  if (ranges.some((r) => !r.dataset.done)) { told.textContent = "rate both on every scale first"; return; }
  const time = new Date().toISOString(), votes = saved();
  for (const r of ranges) votes.push({time, rater, role, view: facts.view, code: r.dataset.code, other:
    r.dataset.code === a ? b : a, side: r.dataset.code === a ? "A" : "B", scale: r.name, score: r.value});
  votes.push({time, rater, role, view: facts.view, code: a, other: b, side: "", scale: "preferred", score: preferred});
  localStorage.setItem(place, JSON.stringify(votes)); at += 1; show(); scrollTo(0, 0);
}
function save() {
  return make("button", "Save votes (CSV)", {onclick: () => {
    const columns = ["time", "rater", "role", "view", "code", "other", "side", "scale", "score"];
    const quote = (v) => '"' + String(v).replaceAll('"', '""') + '"';
    const text = [columns.join(","), ...saved().map((v) => columns.map((c) => quote(v[c])).join(","))].join("\\r\\n");
    const link = make("a", null, {href: URL.createObjectURL(new Blob([text], {type: "text/csv"})),
      download: "votes-" + facts.view + "-" + rater.replace(/[^\\w-]/g, "_") + ".csv"});
    link.click(); URL.revokeObjectURL(link.href);
  }});
}
</script></body></html>
"""
