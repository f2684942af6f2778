// One piece: how it goes, what is like it, and why.

import { ask } from "../api.js";
import { t } from "../words.js";
import { button, make, minutes, quiet, safely, section, select, slider } from "./make.js";
import { add, current, deck, go, play, radio, rate } from "./queue.js";
import { about, by, cover, like, rows, watchWhile } from "./rows.js";

const COLOURS = ["#35c2e0", "#ffb454", "#4cd08a", "#ff5c57", "#b18cff", "#f78fb3", "#9ad0f5", "#e6db74", "#7fd1ae", "#d19a66"];
const WAVE = 90, LANE = 20, GAP = 6, LOUD = 34;

export async function track(page, id, here) {
  const piece = await ask("GET", `/music/pieces/${Number(id)}`);
  const head = make("section", "now-playing", cover(piece, "big"), make("div", "said", make("h2", "name", piece.title),
    make("span", "by", [by(piece), piece.artist && piece.album, piece.year || ""].filter(Boolean).join(" · ")),
    make("span", "by", about(piece)),
    make("span", "by", [minutes(piece.seconds), piece.loudness === null ? "" : `${piece.loudness} LUFS`, piece.plays ? t("played {0} times", piece.plays) : ""].filter(Boolean).join(" · ")),
    piece.damage ? make("small", "warn", piece.damage) : null,
    make("div", "row-of", button("strong", t("Play"), () => play([piece])), button("", t("Play next"), () => add([piece], true)),
      button("", t("Radio from here"), safely(() => radio([piece]))), like(piece),
      button("small danger", t("Dislike"), safely(() => rate(piece, piece.rating < 0 ? "none" : "dislike")))),
    make("small", "path", piece.file)));

  const how = make("div", "", quiet(t("Listening to it …")));
  const course = section(t("How it goes"), how, make("div", "row-of", button("small", t("Listen to it again"), safely(async () => {
    how.replaceChildren(quiet(t("Listening to it …")));
    await ask("POST", `/music/pieces/${piece.id}/again`, {});
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }))));

  const near = make("div"), wanted = { farther: 0, mood: "" };
  const look = safely(async () => {
    const found = await ask("GET", `/music/choice?${new URLSearchParams({ way: "similar", pieces: piece.id, count: 20, ...wanted })}`);
    if (!here()) return;
    near.replaceChildren(found.length ? rows(found) : quiet(t("Nothing else is there.")));
    near.pieces = found;
  });
  const path = button("small", t("A way from what plays to this"), safely(async () => {
    const from = current();
    if (!from || from.id === piece.id) throw new Error(t("Play another piece first: the way begins there."));
    play(await ask("GET", `/music/choice?${new URLSearchParams({ way: "path", pieces: `${from.id},${piece.id}`, count: 12 })}`));
  }));
  const alike = section(t("Similar"), make("div", "row-of",
    button("small", t("Play all"), () => near.pieces?.length && play(near.pieces)), path,
    select(t("Mood"), [["", t("any mood")], ["calm", t("calm")], ["loud", t("loud")]], "", value => { wanted.mood = value; look(); }),
    make("label", "field grow", make("span", "", t("closer")), slider(t("How far away"), 0, value => { wanted.farther = value; look(); }), make("span", "", t("farther")))), near);
  page.append(head, course, alike);
  look();
  ask("GET", `/music/pieces/${piece.id}/course`).then(found => here() && how.replaceChildren(drawn(found, piece)),
    error => here() && how.replaceChildren(quiet(error.message)));
}

// Waveform, genres, tags and loudness over one axis of time.
function drawn(found, piece) {
  const tags = Object.entries(found.tags), canvas = make("canvas", "course");
  const height = WAVE + GAP + LANE + GAP + tags.length * LANE + GAP + LOUD;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "slider");
  canvas.setAttribute("aria-label", t("Waveform, genre and tags over time: arrow keys move, space plays"));
  canvas.setAttribute("aria-valuemin", 0);
  canvas.setAttribute("aria-valuemax", Math.round(found.seconds));
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d"), names = [...new Set(found.genres.map(g => g.name).filter(name => name !== "unsure"))];
  const mine = () => deck.piece?.id === piece.id;
  function draw() {
    const scale = devicePixelRatio || 1, width = canvas.clientWidth;
    if (!width) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    pen.scale(scale, scale);
    const x = seconds => seconds / found.seconds * width, text = 11;
    pen.font = `${text}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    const step = width / found.low.length, at = mine() ? x(deck.position) : 0;
    const most = Math.max(.05, ...found.high, ...found.low.map(v => -v));
    found.low.forEach((low, n) => {
      pen.fillStyle = n * step < at ? "#35c2e0" : "#2a6f80";
      const top = WAVE / 2 * (1 - found.high[n] / most), bottom = WAVE / 2 * (1 - low / most);
      pen.fillRect(n * step, top, Math.max(step - .3, .7), Math.max(bottom - top, 1));
    });
    let y = WAVE + GAP;
    found.genres.forEach((g, n) => {
      const from = x(g.from), to = n + 1 < found.genres.length ? x(found.genres[n + 1].from) : width, sure = g.name !== "unsure";
      pen.fillStyle = sure ? COLOURS[names.indexOf(g.name) % COLOURS.length] : "#242b33";
      pen.fillRect(from, y, to - from - 1, LANE);
      pen.fillStyle = sure ? "#0b0d10" : "#9aa7b4";
      const word = sure ? g.name : t("unsure");
      if (pen.measureText(word).width < to - from - 6) pen.fillText(word, from + 4, y + LANE / 2);
    });
    y += LANE + GAP;
    tags.forEach(([name, values], row) => {
      const wide = x(found.hop);
      values.forEach((value, n) => {
        pen.fillStyle = COLOURS[row % COLOURS.length];
        pen.globalAlpha = Math.min(value * 1.4, 1);
        pen.fillRect(x(n * found.hop), y, wide + .5, LANE - 2);
      });
      pen.globalAlpha = 1;
      pen.fillStyle = "#0b0d10c0";
      pen.fillRect(0, y + 2, pen.measureText(name).width + 8, LANE - 6);
      pen.fillStyle = "#e8edf2";
      pen.fillText(name, 4, y + LANE / 2 - 1);
      y += LANE;
    });
    y += GAP;
    pen.beginPath();
    found.loudness.forEach((level, n) => {
      const h = LOUD * Math.min(Math.max(((level ?? -60) + 45) / 40, 0), 1);
      pen[n ? "lineTo" : "moveTo"](x(n + 1), y + LOUD - h);
    });
    pen.strokeStyle = "#ffb454";
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.fillStyle = "#9aa7b4";
    pen.fillText(t("loudness"), 4, y + LOUD - 7);
    if (mine()) { pen.fillStyle = "#fff"; pen.fillRect(at, 0, 1.5, height); }
    canvas.setAttribute("aria-valuenow", Math.round(mine() ? deck.position : 0));
    canvas.setAttribute("aria-valuetext", minutes(mine() ? deck.position : 0));
  }
  const seek = seconds => {
    const to = Math.min(Math.max(seconds, 0), found.seconds - .1);
    if (mine()) deck.seek(to);
    else { play([piece]); go(0, to); }
  };
  canvas.onpointerdown = event => { const box = canvas.getBoundingClientRect(); seek((event.clientX - box.left) / box.width * found.seconds); };
  canvas.onkeydown = event => {
    const by = { ArrowLeft: -5, ArrowRight: 5, PageUp: 30, PageDown: -30 }[event.key];
    if (by) seek((mine() ? deck.position : 0) + by);
    else if (event.key === " ") mine() ? deck.toggle() : play([piece]);
    else return;
    event.preventDefault();
  };
  new ResizeObserver(draw).observe(canvas);
  const timer = setInterval(() => { if (canvas.isConnected) { if (mine() && deck.playing) draw(); } else clearInterval(timer); }, 250);
  watchWhile(canvas, draw);
  const sure = names.length ? names.join(", ") : t("unsure: nothing here is surely one of the ten genres that it knows");
  return make("div", "", canvas, make("small", "", t("Genre: {0}. Tags, brighter where there is more: {1}.", sure, tags.map(([name]) => name).join(", "))));
}
