// What is played, what comes, and what was said of it. Found again when one comes back.

import { ask } from "../api.js";
import { Deck } from "./deck.js";
import { say } from "./make.js";

const MOST = 400;  // pieces that are kept
const LOW = 4;  // pieces left, at which a radio goes on
const HEARD = .5;  // of a piece that must have been heard, or leaving it is skipping it

const kept = JSON.parse(localStorage.getItem("queue") || "{}");
export const queue = {
  pieces: kept.pieces || [], at: kept.at ?? -1, position: kept.position || 0, radio: kept.radio || null,
  repeat: kept.repeat || "off", texture: kept.texture || "", mix: kept.mix ?? 1, volume: kept.volume ?? 1,
};
const listeners = new Set();
export const current = () => queue.pieces[queue.at] || null;
export const watch = listener => { listeners.add(listener); return () => listeners.delete(listener); };
const tell = what => { for (const listener of [...listeners]) listener(what); };

export function keep() {
  queue.position = deck.piece ? deck.position : queue.position;
  localStorage.setItem("queue", JSON.stringify(queue));
}

function place(piece) { return queue.pieces.indexOf(piece); }

function following(piece) {  // the deck asks as soon as it lays out what comes, which is before it is heard
  if (queue.repeat === "one") return piece;
  const at = place(piece) + 1;
  if (at > 0 && at < queue.pieces.length) return queue.pieces[at];
  return queue.repeat === "all" && queue.pieces.length ? queue.pieces[0] : null;
}

export const deck = new Deck(following, (what, piece, more) => {
  if (what === "piece" && piece) {
    if (more) judge(more, 1);  // it was heard to its end
    const at = place(piece);
    if (at >= 0) queue.at = at;
    replenish();
  }
  if (what === "end" && piece) judge(piece, 1);
  if (what === "trouble") say(`${piece.title}: ${more}`);
  if (what === "end") queue.position = 0;
  keep();
  tell(what === "trouble" ? "state" : what);
});
deck.texture = queue.texture;
deck.mix = queue.mix;
deck.volume = queue.volume;
if (current()) deck.load(current(), queue.position);

// What was said of a piece by leaving it: the next radio minds that.
function judge(piece, share) {
  ask("POST", `/music/pieces/${piece.id}`, { verdict: share >= HEARD ? "played" : "skip" }).then(news, () => {});
}

function leave() {
  if (deck.piece && deck.playing) judge(deck.piece, deck.position / Math.max(deck.piece.seconds, 1));
}

export function news(piece) {  // a piece as it is now
  for (const other of queue.pieces) if (other.id === piece.id) Object.assign(other, piece);
  keep();
  tell("rating");
}

export async function rate(piece, verdict) {
  const now = await ask("POST", `/music/pieces/${piece.id}`, { verdict });
  Object.assign(piece, now);
  news(now);
}

export function play(pieces, at = 0, radio = null) {
  leave();
  queue.pieces = pieces.slice(0, MOST).map(piece => ({ ...piece }));
  queue.radio = radio;
  go(at);
}

export function go(at, seconds = 0) {
  queue.at = at;
  if (current()) return deck.play(current(), seconds);
}

export function step(by) {
  if (by < 0 && deck.position > 3) return deck.seek(0);
  leave();
  let at = queue.at + by;
  if (at >= queue.pieces.length) at = queue.repeat === "all" ? 0 : -1;
  if (at < 0 && by < 0) at = 0;
  if (at < 0) return deck.stop();
  return go(at);
}

export function add(pieces, next = false) {
  const copies = pieces.map(piece => ({ ...piece }));
  queue.pieces.splice(next ? queue.at + 1 : queue.pieces.length, 0, ...copies);
  changed();
  if (!current()) go(0);
}

export function remove(at) {
  const playing = at === queue.at;
  queue.pieces.splice(at, 1);
  if (at < queue.at) queue.at--;
  if (playing) {
    if (deck.playing && current()) go(queue.at);
    else { queue.at = Math.min(queue.at, queue.pieces.length - 1); if (current()) deck.load(current()); else deck.stop(); }
  }
  changed();
}

export function move(from, to) {
  if (to < 0 || to >= queue.pieces.length) return;
  const playing = current(), [piece] = queue.pieces.splice(from, 1);
  queue.pieces.splice(to, 0, piece);
  queue.at = playing ? place(playing) : -1;
  changed();
}

export function clear() {
  queue.pieces = [];
  queue.at = -1;
  queue.radio = null;
  deck.stop();
  changed();
}

export function set(name, value) {  // repeat, texture, mix, volume
  queue[name] = value;
  if (name === "volume") deck.loudness = value;
  else if (name === "repeat") deck.renew();
  else { deck[name] = value; if (name === "texture" || queue.texture) deck.again(); }
  keep();
  tell("state");
}

function changed() {
  if (queue.radio && queue.pieces.length === 0) queue.radio = null;
  deck.renew();
  keep();
  tell("queue");
}

// A radio: pieces without an end.
export async function radio(pieces, way = "radio") {
  const told = { way, pieces: pieces.map(piece => piece.id), seed: Math.floor(Math.random() * 2 ** 32), first: 0 };
  const found = await more(told);
  play([...pieces, ...found], 0, told);
}

async function more(told) {
  const query = new URLSearchParams({ way: told.way, pieces: told.pieces.join(","), seed: told.seed, first: told.first, count: 20 });
  const found = await ask("GET", `/music/choice?${query}`);
  told.first += found.length;
  return found;
}

let asking = false;
async function replenish() {
  if (!queue.radio || asking || queue.pieces.length - queue.at > LOW) return;
  asking = true;
  try {
    const found = await more(queue.radio);
    if (queue.pieces.length + found.length > MOST) {  // what was played long ago goes
      const gone = Math.min(queue.at, found.length);
      queue.pieces.splice(0, gone);
      queue.at -= gone;
    }
    queue.pieces.push(...found);
    changed();
  } catch (error) {
    say(error.message);
  } finally {
    asking = false;
  }
}

window.addEventListener("pagehide", keep);
setInterval(() => { if (deck.playing) keep(); }, 2000);
