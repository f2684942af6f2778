// All there is, in any order; how far a scan is; what could not be read.

import { ask } from "../api.js";
import { duration, t } from "../words.js";
import { button, hours, make, quiet, safely, section, select } from "./make.js";
import { endless } from "./rows.js";

const ORDERS = [["artist", "by artist"], ["title", "by title"], ["album", "by album"], ["added", "newest first"], ["plays", "most played"],
  ["length", "shortest first"], ["tempo", "slowest first"], ["loudness", "loudest first"]];

export async function library(page, given, here) {
  const state = make("div"), list = make("div"), bad = make("div");
  let order = localStorage.getItem("order") || "artist", count = -1, failures = -1, waits = 0;
  const draw = () => list.replaceChildren(endless(
    first => ask("GET", `/music/pieces?${new URLSearchParams({ order, first, count: 100 })}`), t("The library is empty.")));
  const begin = said => safely(async () => { await ask("POST", "/music/scan", said()); await look(); });

  async function look() {
    clearTimeout(waits);
    const about = await ask("GET", "/music");
    if (!here()) return;
    drawState(about);
    if (about.pieces !== count && (count < 0 || !about.scanning)) { count = about.pieces; draw(); }
    if (about.errors !== failures) { failures = about.errors; await drawErrors(); }
    if (here()) waits = setTimeout(() => look().catch(() => {}), about.scanning ? 1000 : 5000);
  }

  function drawState(about) {
    const scan = about.scan, bar = make("div", "progress", make("i"));
    const share = scan.total ? scan.bytes / scan.total : about.scanning ? 0 : 1;
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", t("Scan"));
    bar.setAttribute("aria-valuenow", Math.floor(100 * share));
    bar.style.setProperty("--at", share);
    const left = scan.left === null || scan.left === undefined ? "" : ` · ${t("{0} left", duration(scan.left))}`;
    if (state.contains(document.activeElement) && document.activeElement.matches("input")) return;  // somebody writes there
    state.replaceChildren(make("p", "", t("{0} pieces, {1}; {2} liked.", about.pieces, hours(about.seconds), about.liked)),
      ...about.folders.map(folder => make("small", "path", folder)));
    if (about.scanning) state.append(bar, make("p", "quiet", `${t("{0} heard, {1} failed", scan.heard || 0, scan.failed || 0)}${left} ${scan.now || ""}`), button("small", t("Stop"), safely(() => ask("DELETE", "/music/scan").then(look))));
    else {
      if (scan.trouble) state.append(make("p", "trouble", scan.trouble));
      else if (scan.found !== undefined) state.append(quiet(t("The last scan: {0} files, {1} heard, {2} known, {3} moved, {4} failed, {5} gone.", scan.found, scan.heard, scan.known, scan.moved, scan.failed, scan.gone)));
      const acts = make("div", "row-of", button("strong", t("Look for new music"), begin(() => ({}))));
      if (about.errors) acts.append(button("", t("Try broken files again"), begin(() => ({ again: true }))));
      state.append(acts);
      if (about.ours) state.append(adding());
    }
  }

  function adding() {
    const folder = make("input", "grow"), form = make("form", "row-of", folder, make("button", "small", t("Add this folder")));
    Object.assign(folder, { placeholder: "/home/me/Music", autocomplete: "off" });
    folder.setAttribute("aria-label", t("Another folder of music, with its whole path"));
    form.onsubmit = event => { event.preventDefault(); const path = folder.value.trim(); folder.blur(); if (path) begin(() => ({ folders: [path] }))(); };
    return form;
  }

  async function drawErrors() {
    const errors = await ask("GET", "/music/errors");
    bad.replaceChildren();
    if (!errors.length) return;
    const rows = errors.slice(0, 500).map(({ file, why }) => make("li", "", make("span", "path", file), make("small", "", why)));
    bad.append(section(t("{0} files cannot be read", errors.length), make("ul", "errors", ...rows)));
  }

  page.append(section(t("Library"), state), bad, section(t("All pieces"), make("div", "row-of",
    select(t("Order"), ORDERS.map(([key, text]) => [key, t(text)]), order, value => { order = value; localStorage.setItem("order", value); draw(); })), list));
  await look();
  return () => clearTimeout(waits);
}
