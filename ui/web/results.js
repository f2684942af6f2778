// What a mix and a score look like when they are done.

import { ask } from "./api.js";
import { clock, said, t } from "./words.js";

function make(kind, name, ...children) {
  const e = document.createElement(kind);
  if (name) e.className = name;
  e.append(...children);
  return e;
}

function playing(media, button, time) {  // one sound at a time
  const silence = e => { if (e.detail !== media) media.pause(); };
  const tell = () => {
    button.textContent = t(media.paused ? "Play" : "Pause");
    button.setAttribute("aria-pressed", !media.paused);
    time.textContent = `${clock(media.currentTime)} / ${clock(media.duration || 0)}`;
  };
  window.addEventListener("silence", silence);
  media.addEventListener("play", () => window.dispatchEvent(new CustomEvent("silence", { detail: media })));
  for (const event of ["play", "pause", "ended", "timeupdate", "loadedmetadata"]) media.addEventListener(event, tell);
  button.onclick = () => media.paused ? media.play() : media.pause();
  tell();
  return () => { window.removeEventListener("silence", silence); media.pause(); media.removeAttribute("src"); media.load(); };
}

function drawn(canvas, { low, high }, at) {  // a waveform, what was heard of it brighter
  const width = canvas.width = canvas.clientWidth * devicePixelRatio || 600, height = canvas.height = 72 * devicePixelRatio;
  const pen = canvas.getContext("2d"), top = Math.max(...high, ...low.map(v => -v), 1e-4);
  for (let x = 0; x < width; x++) {
    const k = Math.floor(x * high.length / width), up = high[k] / top, down = low[k] / top;
    pen.fillStyle = x < at * width ? "#35c2e0" : "#2a6f80";
    pen.fillRect(x, height / 2 * (1 - up), 1, Math.max(height / 2 * (up - down), 1));
  }
}

export function mix(job) {
  const media = new Audio(), play = make("button", ""), time = make("output", "quiet"), canvas = make("canvas", "wave");
  media.preload = "metadata";
  media.src = job.files.result;
  const close = playing(media, play, time);
  const moves = make("details", "", make("summary", "", t("What the desk did, and why")));
  let shape = null;
  const draw = () => shape && drawn(canvas, shape, media.duration ? media.currentTime / media.duration : 0);
  media.addEventListener("timeupdate", draw);
  canvas.onpointerdown = e => { const box = canvas.getBoundingClientRect(); if (media.duration) media.currentTime = media.duration * (e.clientX - box.left) / box.width; };
  ask("GET", job.files.about).then(about => {
    shape = about.song;
    requestAnimationFrame(draw);
    for (const notice of about.notices) moves.append(make("small", "", said(notice)));
  }, () => {});
  moves.ontoggle = async () => {
    if (!moves.open || moves.querySelector("table")) return;
    const table = make("table", "moves");
    moves.append(table);
    for (const move of await ask("GET", job.files.moves)) {
      table.append(make("tr", "", make("td", "", move.address), make("td", "", String(move.value)), make("td", "", move.reason)));
    }
  };
  return { elements: [canvas, moves], keys: [play, time], close };
}

export function score(job) {
  const film = make("video", "film");
  film.controls = true;
  film.preload = "metadata";
  film.src = job.files.result;
  const silence = e => { if (e.detail !== film) film.pause(); };
  window.addEventListener("silence", silence);
  film.onplay = () => window.dispatchEvent(new CustomEvent("silence", { detail: film }));
  const close = () => { window.removeEventListener("silence", silence); film.removeAttribute("src"); film.load(); };
  return { elements: [film], close };
}
