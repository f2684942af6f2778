// The player at the foot of every page, the media keys, and the keyboard.

import { t } from "../words.js";
import { button, make, minutes, safely } from "./make.js";
import { current, deck, queue, rate, step, watch } from "./queue.js";
import { by, cover, like } from "./rows.js";

const bar = document.getElementById("bar");

export function draw() {
  const piece = current();
  bar.setAttribute("aria-label", t("Player"));
  bar.hidden = !piece;
  if (!piece) return;
  const link = make("a", "title", piece.title);
  link.href = "#player";
  const seek = make("input", "seek");
  Object.assign(seek, { type: "range", min: 0, max: Math.max(piece.seconds, 1), step: .1 });
  seek.setAttribute("aria-label", t("Position"));
  const time = make("output", "time");
  let held = false;
  seek.oninput = () => { held = true; time.textContent = `${minutes(seek.value)} / ${minutes(piece.seconds)}`; };
  seek.onchange = () => { held = false; deck.seek(Number(seek.value)); };
  const toggle = button("strong toggle", "", () => deck.toggle());
  const show = () => {
    const text = t(deck.playing ? "Pause" : "Play");
    toggle.textContent = deck.playing ? "❚❚" : "▶";
    toggle.setAttribute("aria-label", text);
    toggle.title = text;
    if (held) return;
    const at = Math.min(deck.position, piece.seconds);
    seek.value = at;
    seek.setAttribute("aria-valuetext", `${minutes(at)} / ${minutes(piece.seconds)}`);
    time.textContent = `${deck.waiting ? "… " : ""}${minutes(at)} / ${minutes(piece.seconds)}`;
  };
  bar.replaceChildren(
    cover(piece), make("div", "said", link, make("span", "by", by(piece))),
    make("div", "keys3", button("", "❚◀", () => step(-1), t("Previous")), toggle, button("", "▶❚", () => step(1), t("Next"))),
    make("div", "along", seek, time), like(piece),
  );
  bar.show = show;
  show();
}

function session() {
  const media = navigator.mediaSession;
  if (!media) return;
  const acts = {
    play: () => deck.playing || deck.toggle(), pause: () => deck.playing && deck.toggle(), previoustrack: () => step(-1),
    nexttrack: () => step(1), stop: () => deck.stop(), seekto: e => deck.seek(e.seekTime),
    seekbackward: () => deck.seek(Math.max(deck.position - 10, 0)), seekforward: () => deck.seek(deck.position + 10),
  };
  for (const [name, act] of Object.entries(acts)) try { media.setActionHandler(name, act); } catch { /* it has no such key */ }
}

function told() {
  const piece = current(), media = navigator.mediaSession;
  document.title = piece ? `${piece.title} · rtengine` : "rtengine";
  if (!media) return;
  media.playbackState = deck.playing ? "playing" : "paused";
  if (piece) media.metadata = new MediaMetadata({ title: piece.title, artist: piece.artist, album: piece.album, artwork: [{ src: new URL(piece.cover, location.href).href }] });
  if (piece && deck.position <= piece.seconds) media.setPositionState?.({ duration: Math.max(piece.seconds, .01), position: Math.max(deck.position, 0), playbackRate: 1 });
}

const KEYS = {
  " ": () => deck.toggle(), k: () => deck.toggle(), n: () => step(1), p: () => step(-1),
  l: safely(async () => { const piece = current(); if (piece) await rate(piece, piece.rating > 0 ? "none" : "like"); }),
  ArrowLeft: () => deck.piece && deck.seek(Math.max(deck.position - 5, 0)),
  ArrowRight: () => deck.piece && deck.seek(Math.min(deck.position + 5, deck.piece.seconds)),
  "/": () => { location.hash = "#search"; },
};

export function open() {
  draw();
  session();
  watch(what => { if (what !== "rating") draw(); told(); });
  setInterval(() => { if (!bar.hidden) bar.show?.(); }, 250);
  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, dialog, canvas") || !KEYS[e.key]) return;
    if (e.key === " " && e.target.closest("button, a, summary")) return;
    e.preventDefault();
    KEYS[e.key]();
  });
}
