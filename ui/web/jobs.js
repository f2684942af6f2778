// The list of renders: how far each is, and when it is done, before and after, and saving it.

import { Refusal, ask, ending, follow, uuid } from "./api.js";
import { player } from "./compare.js";
import { patiently, sentence } from "./connection.js";
import { mix, score } from "./results.js";
import { clock, duration, said, size, t } from "./words.js";

const list = document.getElementById("jobs"), none = document.getElementById("none");
const kept = () => JSON.parse(localStorage.getItem("jobs") || "[]");
const keep = ids => localStorage.setItem("jobs", JSON.stringify(ids.slice(0, 50)));
const shown = new Map();  // id: {element, job, show, close}
let stream = null, again = () => {};

function make(kind, name, ...children) {
  const e = document.createElement(kind);
  if (name) e.className = name;
  e.append(...children);
  return e;
}
function button(name, text, act) {
  const e = make("button", name, text);
  e.onclick = act;
  return e;
}
const waits = job => job.state === "queued" || job.state === "running";

export function title(job, names) {
  const r = job.request;
  if (job.do === "mix") return `${t("{0} stems", r.stems.length)}${r.like.length ? ` · ${t("like a song")}` : ""}`;
  if (job.do === "score") return [r.emotion ? t(r.emotion) : t("as the film"), r.tempo ? t("{0} beats a minute", r.tempo) : ""].filter(Boolean).join(" · ");
  const textures = Object.entries(r.textures || {}).filter(([, w]) => w > 0).sort((a, b) => b[1] - a[1]);
  const said = textures.map(([name, w]) => (names[name] || t(name)) + (textures.length > 1 ? ` ${Math.round(100 * w)} %` : ""));
  const cut = r.start || r.duration ? ` · ${clock(r.start || 0)}${r.duration ? `–${clock((r.start || 0) + r.duration)}` : ""}` : "";
  return `${said.join(" + ")} · ${t(r.quality)}${cut}`;
}

let names = {}, kinds = [];
export async function open(ofSounds, again_, kinds_) {  // those of these kinds
  names = ofSounds;
  again = again_;
  kinds = kinds_;
  for (const id of kept()) {
    try {
      const job = await patiently(() => ask("GET", `/jobs/${id}`));
      if (kinds.includes(job.do)) card(job, false);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) keep(kept().filter(other => other !== id));
    }
  }
  watch();
}

export async function begin(request) {
  const id = uuid(), body = { do: kinds[0], ...request };
  keep([id, ...kept()]);  // before it is sent: whatever happens to the answer, it is found again
  try {
    card(await patiently(() => ask("PUT", `/jobs/${id}`, body)), true);  // the same again: it is done once
  } catch (error) {
    keep(kept().filter(other => other !== id));
    throw error;
  }
  watch();
}

export async function forget(song) {  // all that was made of it
  for (const [id, { job }] of [...shown]) if (job.request.song === song) await remove(id);
}

export function redraw(ofSounds) {
  names = ofSounds;
  for (const [, { job, draw }] of shown) draw(job);
}

function watch() {
  stream?.stop();
  const open = [...shown.values()].map(s => s.job).filter(waits).map(job => job.id);
  stream = open.length ? follow(open, job => shown.get(job.id)?.show(job), leave) : null;
  none.hidden = shown.size > 0;
}

async function remove(id) {
  try {
    let job = await ask("DELETE", `/jobs/${id}`);
    if (job) await ask("DELETE", `/jobs/${id}`);  // it ran: now it has ended, and may go
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 404)) throw error;
  }
  leave(id);
  watch();
}

function leave(id) {  // it is gone
  const known = shown.get(id);
  keep(kept().filter(other => other !== id));
  known?.close();
  known?.element.remove();
  shown.delete(id);
  none.hidden = shown.size > 0;
}

function card(first, top) {
  const element = make("article", "job");
  element.dataset.id = first.id;
  let sound = null, bar = null, out = null;
  const known = { element, job: first, show, draw, close: () => sound?.close() };
  function draw(job) {
    known.job = job;
    known.close();
    sound = null;
    out = make("output");
    bar = make("div", "progress", make("i"));
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", title(job, names));
    const name = make("strong", "", job.name || "");
    name.title = job.name || "";
    const about = make("span", "quiet", title(job, names));
    element.replaceChildren(make("div", "row", name, out), about);
    if (waits(job)) element.append(bar, button("small", t("Cancel"), left));
    else if (job.state === "done") element.append(...{ render: done, mix: mixed, score: scored }[job.do](job));
    else if (job.state === "failed") element.append(make("p", "trouble", said(job.error)), ended(job));
    else element.append(ended(job));
    tell(job);
  }
  const left = () => remove(first.id).catch(error => { out.textContent = sentence(error); });
  const ended = job => make("div", "row-of", button("small", t("Again"), () => again(job.request)), button("small danger", t("Delete"), left));
  function tell(job) {
    element.className = `job ${job.state}`;
    if (waits(job)) {
      const doing = job.state === "queued" ? "waiting" : job.doing ? "compiling for this machine, once:" : "rendering";
      const time = job.remaining == null ? "" : ` · ${t("{0} left", duration(job.remaining))}`;
      out.textContent = `${t(doing)}${job.state === "running" ? ` ${Math.round(100 * job.progress)} %` : ""}${time}`;
      bar.style.setProperty("--at", job.progress);
      bar.setAttribute("aria-valuenow", Math.round(100 * job.progress));
    } else out.textContent = t(job.state);
  }
  function show(job) {
    const over = known.job.state !== job.state && !waits(job);
    if (over || !out) draw(job);
    else { known.job = job; tell(job); }
    if (over) job.state === "done" && element.dispatchEvent(new CustomEvent("done", { bubbles: true }));
  }
  function done(job) {
    const views = make("div", "views"), mark = make("b");
    const figures = ["before", "after"].map(which => {
      const picture = new Image();
      picture.alt = t(which);
      picture.src = job.files[which];
      const figure = make("figure", "", picture, make("figcaption", "", t(which)));
      views.append(figure);
      return figure;
    });
    views.append(mark);
    const play = button("", t("Play"), () => sound?.toggle());
    const which = ["before", "after"].map(name => button("", t(name === "before" ? "Before" : "After"), () => sound?.hear(name === "after")));
    const time = make("output", "quiet");
    const tell = () => {
      if (!sound) return;
      play.textContent = t(sound.playing ? "Pause" : "Play");
      play.setAttribute("aria-pressed", sound.playing);
      which.forEach((b, i) => b.setAttribute("aria-pressed", sound.after === Boolean(i)));
      figures.forEach((f, i) => f.classList.toggle("heard", sound.after === Boolean(i)));
      mark.style.setProperty("--at", sound.at);
      time.textContent = `${clock(sound.audio.currentTime)} / ${clock(sound.audio.duration || 0)}`;
    };
    ask("GET", job.files.about).then(about => {
      sound = player(job.files.compare, about.channels, tell);
      known.sound = sound;
      for (const notice of about.notices) element.append(make("small", "", said(notice)));
      tell();
    }, () => {});
    views.onpointerdown = e => { const box = views.getBoundingClientRect(); sound?.seek((e.clientX - box.left) / box.width); };
    element.onkeydown = e => {  // while something of the card has the focus
      if (e.key.toLowerCase() !== "b" || e.target.matches("input, select")) return;
      sound?.hear(!sound.after);
    };
    return [views, ...under(job, [play, ...which, time])];
  }
  function under(job, first) {  // what can be done with a result
    const format = make("select", "small");
    format.setAttribute("aria-label", t("Save as"));
    for (const [value, text] of [["flac", "FLAC 24"], ["wav", "WAV 24"], ["wav 16", "WAV 16"], ["mp3", "MP3"], ["ogg", "Ogg Vorbis"], ["opus", "Opus"]]) {
      const option = make("option", "", text);
      option.value = value;
      format.append(option);
    }
    const note = make("output", "quiet");
    const save = button("small strong", t(job.do === "score" ? "Save" : "Save as"), () => store(job, format.value, note));
    const way = job.do === "score" ? [save] : [save, format];
    return [make("div", "row-of", ...first, make("span", "push"), ...way, button("small", t("Again"), () => again(job.request)), button("small danger", t("Delete"), left)), note];
  }
  function mixed(job) {
    const made = mix(job);
    sound = made;
    return [...made.elements, ...under(job, made.keys)];
  }
  function scored(job) {
    const made = score(job);
    sound = made;
    return [...made.elements, ...under(job, [])];
  }
  draw(first);
  shown.set(first.id, known);
  if (top) list.prepend(element); else list.append(element);
}

async function store(job, wanted, note) {
  const [format, depth] = wanted.split(" ");
  let address = job.files.result;
  try {
    if (format !== "flac") {
      note.textContent = t("making {0}", format);
      const id = uuid(), body = { do: "convert", job: job.id, format, ...(depth ? { bit_depth: depth } : {}) };
      await patiently(() => ask("PUT", `/jobs/${id}`, body));
      const made = await ending(id);
      if (made.state !== "done") throw new Error(made.error || t(made.state));
      address = made.files.result;
      note.textContent = size(made.size);
    }
    const link = document.createElement("a");
    link.href = address;
    link.download = "";
    link.click();
  } catch (error) {
    note.textContent = sentence(error);
  }
}
