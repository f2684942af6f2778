// The page: a song, a texture, a sound, and what was made of them. What is chosen is found again when one comes back.

import { Refusal, ask, ending, rest } from "./api.js";
import { connect, patiently, sentence, speaks, trouble, watch, words as say } from "./connection.js";
import * as jobs from "./jobs.js";
import { pad } from "./pad.js";
import { record, recording, stop } from "./record.js";
import { segments } from "./segments.js";
import { tiles } from "./tiles.js";
import { drop, forget as let_go, upload } from "./upload.js";
import { wave } from "./wave.js";
import { clock, day, duration, said, size, t } from "./words.js";

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
      if (done === null) { $("sending-said").textContent = t("the connection was lost"); return; }
      bar.style.setProperty("--at", done / file.size);
      bar.setAttribute("aria-valuenow", Math.round(100 * done / file.size));
      $("sending-said").textContent = `${size(done)} / ${size(file.size)}`;
    }, sending.signal);
    state.song = { ...made, name: file.name };
    keep();
    $("sending-said").textContent = t("Looking at the song");
    await look(URL.createObjectURL(file), sending.signal);
  } catch (error) {
    if (error.name !== "AbortError") trouble(sentence(error));
    state.song = null;
    keep();
    $("drop").hidden = false;
  } finally {
    $("sending").hidden = true;
    sending = null;
  }
}

async function seen({ song, upload }, signal) {  // what the service knows of a song, once it has looked at it
  const known = await patiently(() => ask("GET", `/songs/${song}`)), job = await ending(known.look.id, signal);
  if (job.state !== "done") {
    if (upload) await drop(upload).catch(() => {});
    throw new Error(job.error || job.state);
  }
  return { known, about: await patiently(() => ask("GET", job.files.about)) };
}

async function look(local, signal) {  // show the song that is chosen
  const { known, about } = await seen(state.song, signal);
  state.song.seconds = about.seconds;
  cut = { from: 0, to: about.seconds };
  if (state.cut?.song === state.song.song) cut = { from: state.cut.from, to: state.cut.to };
  $("name").textContent = $("name").title = state.song.name;
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
  for (const notice of about.notices) trouble(said(notice));
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
  const { song } = state.song;
  await jobs.forget(song);
  await let_go(song);
  unload();
}

// The textures

function textures() {
  const own = Object.entries(state.sounds).map(([song, name]) => ({ name: song, title: name, leave: () => leaveSound(song) }));
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
  const add = () => document.querySelector(".tile.add");
  const tell = done => { add().textContent = done === null ? t("the connection was lost") : `${size(done)} / ${size(file.size)}`; };
  try {
    const made = await upload(file, tell, new AbortController().signal);
    add().textContent = t("Looking at the song");
    await seen(made);
    state.sounds[made.song] = file.name.replace(/\.\w{1,5}$/, "");
    for (const key of Object.keys(state.shares)) state.shares[key] = 0;
    state.shares[made.song] = 1;
    keep();
  } catch (error) {
    trouble(sentence(error));
  }
  drawTiles();
}

async function leaveSound(song) {  // a texture of one's own goes, here and there
  delete state.sounds[song];
  delete state.shares[song];
  keep();
  drawTiles();
  if (state.song?.song !== song) await let_go(song).catch(error => trouble(sentence(error)));
}

async function missing() {  // something that a render reads is not there any more: what?
  const there = song => ask("GET", `/songs/${song}`).then(() => true, error => !(error instanceof Refusal && error.status === 404));
  for (const song of Object.keys(state.sounds)) if (!await there(song)) await leaveSound(song);
  if (await there(state.song.song)) return trouble(t("The sound is no longer on the service: send it again."));
  unload();
  trouble(t("The song is no longer on the service: send it again."));
}

// The sound

function costs() {  // what each quality takes
  const seconds = state.song ? cut.to - cut.from : 10;
  const choices = Object.entries(facts.qualities).map(([name, cost]) => {
    return [name, t(name), cost.measured ? t("about {0}", duration(Math.max(cost.seconds * seconds, .1))) : "…"];
  });
  segments($("quality"), choices, state.quality, name => { state.quality = name; keep(); costs(); });
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
  const focus = document.activeElement;
  $("render").disabled = $("try").disabled = true;
  try {
    await jobs.begin(request);
  } catch (error) {
    if (error.code === "no-song") await missing();
    else trouble(sentence(error));
  } finally {
    $("render").disabled = $("try").disabled = false;
    if (document.activeElement === document.body) focus?.focus({ preventScroll: true });  // what is disabled loses it
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
    const known = await patiently(() => ask("GET", `/songs/${request.song}`));
    state.song.name ||= known.name;
    await look();
    $("song").scrollIntoView({ behavior: "smooth" });
  } catch (error) {
    unload();
    trouble(error instanceof Refusal && error.status === 404 ? t("The song is no longer on the service: send it again.") : sentence(error));
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
  $("forget").onclick = () => forget().catch(error => trouble(sentence(error)));
  $("try").onclick = () => render(true);
  $("render").onclick = () => render(false);
  speaks(words);
  $("record").onclick = async () => {
    if (recording()) return stop();
    const button = $("record");
    let clocked = 0;
    try {
      button.classList.add("recording");
      const began = Date.now(), tell = () => { button.textContent = recording() ? `${t("Stop")} · ${clock((Date.now() - began) / 1000)}` : t("Stop"); };
      tell();
      clocked = setInterval(tell, 100);
      await send(await record());
    } catch (error) {
      trouble(t("The microphone cannot be used: {0}", error.message));
    } finally {
      clearInterval(clocked);
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
    } catch (error) {
      unload();
      if (!(error instanceof Refusal && error.status === 404)) trouble(sentence(error));
    }
  }
  watch();
  document.body.dataset.ready = "yes";
  while (!facts.ready || Object.values(facts.qualities).some(q => !q.measured)) {  // the workers are still at it
    await rest(1500);
    const before = facts.textures.length;
    facts = await ask("GET", "/textures").catch(() => facts);
    $("preparing").hidden = facts.ready;
    if (facts.textures.length !== before) drawTiles();  // who is on a tile stays there
    costs();
  }
}

begin();
