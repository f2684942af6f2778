// Lists of pieces: what each is, why it is there, and what can be done with it.

import { t } from "../words.js";
import { button, make, minutes, safely } from "./make.js";
import { add, current, deck, play, radio, rate, watch } from "./queue.js";

const WORDS = ["very close", "close", "farther off", "same artist"];

export function reason(text) {  // what the service says in English
  if (WORDS.includes(text)) return t(text);
  const [, kind, rest] = text.match(/^(both|same tempo|same key) (.*)$/) || [];
  return kind ? `${t(kind)} ${rest.replace(" and ", t(" and "))}` : text;
}

export function cover(piece, name = "thumb") {
  const picture = make("img", name);
  Object.assign(picture, { alt: "", loading: "lazy", decoding: "async", src: piece.cover });
  picture.onerror = () => { picture.style.visibility = "hidden"; };
  return picture;
}

export function like(piece) {
  const e = button("small like", "", safely(() => rate(piece, piece.rating > 0 ? "none" : "like")));
  const show = () => {
    e.textContent = piece.rating > 0 ? "♥" : "♡";
    e.setAttribute("aria-pressed", piece.rating > 0);
    e.setAttribute("aria-label", t("Like {0}", piece.title));
  };
  show();
  watchWhile(e, what => { if (what === "rating") show(); });
  return e;
}

// Told of changes for as long as the element is on the page.
export function watchWhile(element, tell) {
  let seen = false;
  const end = watch(what => {
    seen ||= element.isConnected;
    if (seen && !element.isConnected) end(); else tell(what);
  });
}

export function about(piece) {
  return [piece.genre || piece.heard, ...Object.keys(piece.tags).slice(0, 2), piece.tempo ? `${Math.round(piece.tempo)}` : "", piece.key]
    .filter(Boolean).join(" · ");
}

export function by(piece) {  // of a piece that names nobody, its folder, for many are called "bass"
  const folder = (piece.file || "").split("/").at(-2);
  return piece.artist || piece.album || (folder ? t("unknown artist, in {0}", folder) : t("unknown artist"));
}

export function row(piece, list, at, more = []) {
  const title = make("a", "title", piece.title);
  title.href = `#track/${piece.id}`;
  const said = make("div", "said", title, make("span", "by", by(piece)));
  if (piece.why?.length) said.append(make("span", "why", ...piece.why.map(why => make("i", "chip", reason(why)))));
  else said.append(make("span", "by", about(piece)));
  const start = button("small start", "▶", () => (deck.piece && deck.piece === piece ? deck.toggle() : play(list, at)), t("Play {0}", piece.title));
  const e = make("li", "piece", start, cover(piece), said, make("span", "length", minutes(piece.seconds)), make("span", "acts",
    like(piece), ...(more.length ? more : [
      button("small", "⤵", () => add([piece], true), t("Play {0} next", piece.title)),
      button("small", "＋", () => add([piece]), t("Add {0} to the queue", piece.title)),
      button("small", "∿", safely(() => radio([piece])), t("Radio from {0}", piece.title)),
    ])));
  e.dataset.id = piece.id;
  const mark = () => e.classList.toggle("now", current()?.id === piece.id);
  mark();
  watchWhile(e, what => { if (what !== "rating") mark(); });
  return e;
}

export function rows(pieces) {
  const list = make("ol", "pieces");
  list.append(...pieces.map((piece, at) => row(piece, pieces, at)));
  return list;
}

// A list that goes on as one scrolls. get(first) gives the next of it, and none at its end.
export function endless(get, none) {
  const pieces = [], list = make("ol", "pieces"), foot = make("div", "foot"), e = make("div", "", list, foot);
  let busy = false, over = false;
  const next = safely(async () => {
    if (busy || over) return;
    busy = true;
    try {
      const found = await get(pieces.length);
      over = found.length === 0;
      const from = pieces.length;
      pieces.push(...found);
      list.append(...found.map((piece, n) => row(piece, pieces, from + n)));
      foot.replaceChildren(...(over ? pieces.length ? [] : [make("p", "quiet", none)] : [button("small", t("More"), next)]));
    } finally {
      busy = false;
    }
  });
  const seen = new IntersectionObserver(entries => { if (entries[0].isIntersecting) next(); }, { rootMargin: "600px" });
  seen.observe(foot);
  next();
  e.pieces = pieces;
  return e;
}
