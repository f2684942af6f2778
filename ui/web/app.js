// The page: a song, a texture, a sound, and what was made of them. What is chosen is found again when one comes back.

import { ask, follow, rest } from "./api.js";
import { connect, speaks, trouble, watch, words as say } from "./connection.js";
import * as jobs from "./jobs.js";
import { pad } from "./pad.js";
import { record, recording, stop } from "./record.js";
import { tiles } from "./tiles.js";
import { drop, upload } from "./upload.js";
import { wave } from "./wave.js";
import { clock, day, duration, size, t } from "./words.js";

const $ = id => document.getElementById(id);
const TRY = 6;  // seconds
const CORNERS = 6;  // of the pad, at most

const state = {
  song: null,  // {song, upload, name, seconds}
  sounds: {},  // names of one's own textures by their song
  shares: { water: 1 }, mix: 1, strength: .8, quality: "standard", loudness: false,
  ...JSON.parse(localStorage.getItem("state") || "{}"),
};
const keep = () => localStorage.setItem("state", JSON.stringify(state));
let facts = null, drawn = null, view = null, cut = { from: 0, to: 0 }, sending = null;

// The song

async function send(file) {
  trouble();
  sending = new AbortController();
  $("drop").hidden = $("loaded").hidden = true;
  $("sending").hidden = false;
  $("sending-name").textContent = file.name;
  const bar = $("sending").querySelector(".progress");
  try {
    const made = await upload(file, done => {
      bar.style.setProperty("--at", done / file.size);
      bar.setAttribute("aria-valuenow", Math.round(100 * done / file.size));
      $("sending-said").textContent = `${size(done)} / ${size(file.size)}`;
    }, sending.signal);
    state.song = { ...made, name: file.name };
    keep();
    $("sending-said").textContent = t("Looking at the song");
    await look(URL.createObjectURL(file));
  } catch (error) {
    if (error.name !== "AbortError") trouble(t("The file could not be sent: {0}", error.message === "lost" ? t("the connection was lost") : error.message));
    state.song = null;
    keep();
    $("drop").hidden = false;
  } finally {
    $("sending").hidden = true;
    sending = null;
  }
}

async function look(local) {  // show the song that is chosen
  let known = await ask("GET", `/songs/${state.song.song}`), job = known.look;
  if (job.state === "queued" || job.state === "running") job = await new Promise(resolve => follow([job.id], j => ["queued", "running"].includes(j.state) || resolve(j)));
  if (job.state !== "done") {
    await drop(state.song.upload).catch(() => {});
    throw new Error(job.error || job.state);
  }
  const about = await ask("GET", job.files.about);
  state.song.seconds = about.seconds;
  cut = { from: 0, to: about.seconds };
  if (state.cut?.song === state.song.song) cut = { from: state.cut.from, to: state.cut.to };
  $("name").textContent = state.song.name;
  $("length").textContent = clock(about.seconds);
  $("kept").textContent = t("kept until {0}", day(known.expires));
  $("drop").hidden = true;
  $("loaded").hidden = false;
  view?.close();
  $("wave").replaceChildren();
  view = wave($("wave"), local || known.sound, about.song, about.seconds, cut, showCut);
  view.media.onplay = view.media.onpause = () => {
    $("play").textContent = t(view.media.paused ? "Play" : "Pause");
    $("play").setAttribute("aria-pressed", !view.media.paused);
  };
  for (const notice of about.notices) trouble(notice);
  showCut();
}

function showCut() {
  $("from").value = clock(cut.from);
  $("to").value = clock(cut.to);
  if (state.song) state.cut = { song: state.song.song, ...cut };
  keep();
  costs();
}

function typed(text) {  // 83.2, 1:23.2 or 1:02:03 as seconds
  const parts = text.trim().split(":").map(Number);
  return parts.some(Number.isNaN) ? NaN : parts.reduce((sum, part) => 60 * sum + part, 0);
}

function cutTyped() {
  const from = typed($("from").value), to = typed($("to").value), end = state.song.seconds;
  if (from >= 0 && from < end && to > from) Object.assign(cut, { from, to: Math.min(to, end) });
  view.put();
  showCut();
}

function unload() {
  view?.close();
  view = null;
  state.song = null;
  keep();
  $("loaded").hidden = true;
  $("drop").hidden = false;
}

async function forget() {
  if (!confirm(t("Delete the song and all its renders from the service?"))) return;
  const { song, upload } = state.song;
  await jobs.forget(song);
  await drop(upload);
  unload();
}

// The textures

function textures() {
  const own = Object.entries(state.sounds).map(([song, name]) => ({ name: song, title: name }));
  return [...facts.textures.map(x => ({ ...x, title: t(x.name) })), ...own];
}

function drawTiles() {
  $("preparing").hidden = facts.ready;
  drawn = tiles($("tiles"), textures(), state.shares, () => { drawn.show(); keep(); drawPad(); }, () => $("own").click());
  drawPad();
}

let corners = [];
function drawPad(moved) {
  if (moved) return;
  const heard = Object.keys(state.shares).filter(name => state.shares[name] > 0);
  const first = ["water", "laser", "future", "rain", ...facts.textures.map(x => x.name)];
  corners = [...new Set([...heard, ...first])].slice(0, Math.min(Math.max(heard.length, 4), CORNERS));
  corners = corners.filter(name => textures().some(x => x.name === name));
  if (corners.length < 3) return;
  const titles = Object.fromEntries(textures().map(x => [x.name, x.title]));
  pad($("pad"), corners.map(name => titles[name]), corners.map(name => state.shares[name] || 0), weights => {
    for (const key of Object.keys(state.shares)) state.shares[key] = 0;
    corners.forEach(name => { state.shares[name] = Math.round(1000 * weights[titles[name]]) / 1000; });
    keep();
    drawn.show();
  });
}

async function ownSound(file) {
  trouble();
  try {
    const made = await upload(file, () => {}, new AbortController().signal);
    state.sounds[made.song] = file.name.replace(/\.\w{1,5}$/, "");
    for (const key of Object.keys(state.shares)) state.shares[key] = 0;
    state.shares[made.song] = 1;
    keep();
    drawTiles();
  } catch (error) {
    trouble(t("The file could not be sent: {0}", error.message));
  }
}

// The sound

function costs() {  // what each quality takes
  const seconds = state.song ? cut.to - cut.from : 10;
  $("quality").replaceChildren(...Object.entries(facts.qualities).map(([name, cost]) => {
    const b = document.createElement("button"), small = document.createElement("small");
    small.textContent = cost.measured ? t("about {0}", duration(Math.max(cost.seconds * seconds, .1))) : "…";
    b.append(t(name), small);
    b.setAttribute("aria-pressed", state.quality === name);
    b.dataset.quality = name;
    b.onclick = () => { state.quality = name; keep(); costs(); };
    return b;
  }));
}

function sliders() {
  for (const name of ["mix", "strength"]) {
    const show = () => { $(`${name}-said`).textContent = `${Math.round(100 * state[name])} %`; };
    $(name).value = state[name];
    $(name).oninput = () => { state[name] = Number($(name).value); show(); keep(); };
    show();
  }
  $("loudness").checked = state.loudness;
  $("loudness").onchange = () => { state.loudness = $("loudness").checked; keep(); };
}

async function render(short) {
  trouble();
  if (!state.song) return trouble(t("Choose a song first."));
  const chosen = Object.fromEntries(Object.entries(state.shares).filter(([, share]) => share > 0));
  if (!Object.keys(chosen).length) return trouble(t("Choose a texture first."));
  const from = short && view ? Math.min(Math.max(view.media.currentTime, cut.from), cut.to - .5) : cut.from;
  const whole = !short && cut.from === 0 && cut.to >= state.song.seconds - .01;
  const request = {
    song: state.song.song, textures: chosen, mix: state.mix, quality: short ? "lofi" : state.quality,
    start: whole ? 0 : Math.max(from, 0), duration: whole ? null : Math.min(short ? TRY : Infinity, cut.to - from),
    loudness: state.loudness ? -14 : null, values: { "/texture/strength": state.strength },
  };
  $("render").disabled = $("try").disabled = true;
  try {
    await jobs.begin(request);
  } catch (error) {
    if (error.code === "no-song") { unload(); trouble(t("The song is no longer on the service: send it again.")); }
    else trouble(error.message);
  } finally {
    $("render").disabled = $("try").disabled = false;
  }
}

async function again(request) {  // the same settings, to be changed
  Object.assign(state, { mix: request.mix, quality: request.quality, loudness: request.loudness !== null });
  state.strength = request.values["/texture/strength"] ?? state.strength;
  for (const key of Object.keys(state.shares)) state.shares[key] = 0;
  Object.assign(state.shares, request.textures);
  if (state.song?.song !== request.song) state.song = { song: request.song, upload: "", name: "" };
  state.cut = request.duration ? { song: request.song, from: request.start, to: request.start + request.duration } : undefined;
  keep();
  sliders();
  drawTiles();
  try {
    const known = await ask("GET", `/songs/${request.song}`);
    state.song.name ||= known.name;
    await look();
    $("song").scrollIntoView({ behavior: "smooth" });
  } catch {
    unload();
    trouble(t("The song is no longer on the service: send it again."));
  }
}

// All of it

function words() {
  say();
  if (!facts) return;
  $("limits").textContent = t("up to {0}, {1} minutes", size(facts.largest), Math.round(facts.longest / 60));
  drawTiles();
  costs();
  jobs.redraw(state.sounds);
}

function listen() {
  window.addEventListener("silence", e => { if (e.detail !== view?.media) view?.media.pause(); });
  $("choose").onclick = () => $("file").click();
  $("file").onchange = () => { if ($("file").files[0]) send($("file").files[0]); $("file").value = ""; };
  $("own").onchange = () => { if ($("own").files[0]) ownSound($("own").files[0]); $("own").value = ""; };
  $("stop").onclick = () => sending?.abort();
  $("play").onclick = () => view?.toggle();
  $("whole").onclick = () => { Object.assign(cut, { from: 0, to: state.song.seconds }); view.put(); showCut(); };
  $("from").onchange = $("to").onchange = cutTyped;
  $("other").onclick = unload;
  $("forget").onclick = () => forget().catch(error => trouble(error.message));
  $("try").onclick = () => render(true);
  $("render").onclick = () => render(false);
  speaks(words);
  $("record").onclick = async () => {
    if (recording()) return stop();
    const button = $("record");
    try {
      button.classList.add("recording");
      button.textContent = t("Stop");
      await send(await record());
    } catch (error) {
      trouble(t("The microphone is not allowed: {0}", error.message));
    } finally {
      button.classList.remove("recording");
      button.textContent = t("Record");
    }
  };
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, e => { e.preventDefault(); document.body.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, e => { e.preventDefault(); document.body.classList.remove("over"); });
  document.addEventListener("drop", e => { const file = e.dataTransfer?.files[0]; if (file && !sending) send(file); });
  document.addEventListener("done", async () => { facts = await ask("GET", "/textures").catch(() => facts); costs(); });
}

async function begin() {
  words();
  listen();
  facts = await connect();
  sliders();
  words();
  await jobs.open(state.sounds, again, ["render"]);
  if (state.song) {
    try {
      await look();
    } catch {
      unload();
    }
  }
  watch();
  document.body.dataset.ready = "yes";
  while (!facts.ready || Object.values(facts.qualities).some(q => !q.measured)) {  // the workers are still at it
    await rest(1500);
    facts = await ask("GET", "/textures").catch(() => facts);
    drawTiles();
    costs();
  }
}

begin();
