// Pages that are lists: what fits some words, a genre, what one likes or heard, and what one has not heard yet.

import { ask } from "../api.js";
import { t } from "../words.js";
import { button, make, safely, section } from "./make.js";
import { play, radio } from "./queue.js";
import { endless, rows } from "./rows.js";

const COUNT = 60;
const get = said => first => ask("GET", `/music/pieces?${new URLSearchParams({ ...said, first, count: COUNT })}`);

export async function search(page, given) {
  const words = make("input"), found = make("div");
  words.setAttribute("aria-label", t("Search"));
  Object.assign(words, { type: "search", placeholder: t("Title, artist, album, genre or what it sounds like"), value: given, autocomplete: "off" });
  let waits = 0;
  const look = () => {
    history.replaceState(null, "", `#search/${encodeURIComponent(words.value)}`);
    found.replaceChildren(endless(get({ words: words.value.trim() }), t("Nothing fits.")));
  };
  words.oninput = () => { clearTimeout(waits); waits = setTimeout(look, 180); };
  page.append(section(t("Search"), words, found));
  look();
  words.focus();
}

async function named(page, name, title, none) {
  const list = endless(get({ list: name }), none);
  page.append(section(title, make("div", "row-of",
    button("strong", t("Play all"), () => list.pieces.length && play(list.pieces)),
    button("", t("Radio of these"), safely(() => radio(list.pieces.slice(0, 20))))), list));
}

export const liked = page => named(page, "liked", t("Liked"), t("Nothing yet: the heart beside a piece puts it here."));
export const recent = page => named(page, "recent", t("Recent"), t("Nothing was played yet."));

export async function genre(page, given) {
  const [{ genres }, tags] = await Promise.all([ask("GET", "/music"), ask("GET", "/music/tags")]);
  const chip = (text, count, to) => {
    const a = make("a", "chip", text, make("small", "", count));
    a.href = to;
    if (decodeURIComponent(location.hash) === to) a.setAttribute("aria-current", "true");
    return a;
  };
  const named_ = genres.map(g => chip(g.heard === g.count ? t("{0} (heard)", g.name) : g.name, g.count, `#genre/${g.name}`));
  page.append(section(t("Genre"), make("div", "chips", ...named_),
    genres.length ? "" : make("p", "quiet", t("No file names a genre, and none was heard for sure."))),
  section(t("What it sounds like"), make("div", "chips", ...tags.map(([name, count]) => chip(name, count, `#genre/tag:${name}`)))));
  if (!given) return;
  const tag = given.startsWith("tag:") ? given.slice(4) : "";
  const list = endless(get(tag ? { tag } : { genre: given }), t("Nothing fits."));
  page.append(section(tag || given, make("div", "row-of",
    button("strong", t("Play all"), () => list.pieces.length && play(list.pieces)),
    button("", t("Radio of these"), safely(() => radio(list.pieces.slice(0, 20))))), list));
}

export async function discover(page) {
  let seed = Math.floor(Date.now() / 86_400_000), pieces = [];
  const found = make("div");
  const look = safely(async () => {
    pieces = await ask("GET", `/music/choice?way=discover&seed=${seed}&count=30`);
    found.replaceChildren(pieces.length ? rows(pieces) : make("p", "quiet", t("The library is empty.")));
  });
  page.append(section(t("Discover"), make("p", "quiet", t("What you have not played yet, near what you like; other pieces every day.")),
    make("div", "row-of", button("strong", t("Play all"), () => pieces.length && play(pieces, 0, null)),
      button("", t("Others"), () => { seed = (seed + 7919) % 2 ** 32; look(); })), found));
  await look();
}
