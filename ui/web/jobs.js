// The list of renders: how far each is, and when it is done, before and after, and saving it.

import { Refusal, ask, follow, rest, uuid } from "./api.js";
import { player } from "./compare.js";
import { mix, score } from "./results.js";
import { clock, duration, size, t } from "./words.js";

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
      const job = await ask("GET", `/jobs/${id}`);
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
  for (let failed = 0; ; failed++) {
    try {
      card(await ask("PUT", `/jobs/${id}`, body), true);
      break;
    } catch (error) {
      if (error instanceof Refusal || failed > 8) {
        keep(kept().filter(other => other !== id));
        throw error instanceof Refusal ? error : new Error(t("the connection was lost"));
      }
      await rest(Math.min(500 * 2 ** failed, 10_000));  // the same again, for a minute: it is done once
    }
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
  stream = open.length ? follow(open, job => shown.get(job.id)?.show(job)) : null;
  none.hidden = shown.size > 0;
}

async function remove(id) {
  const known = shown.get(id);
  try {
    let job = await ask("DELETE", `/jobs/${id}`);
    if (job) await ask("DELETE", `/jobs/${id}`);  // it ran: now it has ended, and may go
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 404)) throw error;
  }
  keep(kept().filter(other => other !== id));
  known.close();
  known.element.remove();
  shown.delete(id);
  watch();
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
    element.className = `job ${job.state}`;
    out = make("output");
    bar = make("div", "progress", make("i"));
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", title(job, names));
    const name = make("strong", "", job.name || "");
    const about = make("span", "quiet", title(job, names));
    element.replaceChildren(make("div", "row", name, out), about);
    if (waits(job)) element.append(bar, button("small", t("Cancel"), () => remove(job.id)));
    else if (job.state === "done") element.append(...{ render: done, mix: mixed, score: scored }[job.do](job));
    else element.append(make("div", "row-of", button("small", t("Again"), () => again(job.request)), button("small danger", t("Delete"), () => remove(job.id))));
    tell(job);
  }
  function tell(job) {
    if (waits(job)) {
      const doing = job.state === "queued" ? "waiting" : job.doing ? "compiling for this machine, once:" : "rendering";
      const left = job.remaining == null ? "" : ` · ${t("{0} left", duration(job.remaining))}`;
      out.textContent = `${t(doing)}${job.state === "running" ? ` ${Math.round(100 * job.progress)} %` : ""}${left}`;
      bar.style.setProperty("--at", job.progress);
      bar.setAttribute("aria-valuenow", Math.round(100 * job.progress));
    } else out.textContent = job.state === "failed" ? job.error : t(job.state);
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
      for (const notice of about.notices) element.append(make("small", "", notice));
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
    const said = make("output", "quiet");
    const save = button("small strong", t(job.do === "score" ? "Save" : "Save as"), () => store(job, format.value, said));
    const way = job.do === "score" ? [save] : [save, format];
    return [make("div", "row-of", ...first, make("span", "push"), ...way, button("small", t("Again"), () => again(job.request)), button("small danger", t("Delete"), () => remove(job.id))), said];
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

async function store(job, wanted, said) {
  const [format, depth] = wanted.split(" ");
  let address = job.files.result;
  try {
    if (format !== "flac") {
      said.textContent = t("making {0}", format);
      const id = uuid();
      await ask("PUT", `/jobs/${id}`, { do: "convert", job: job.id, format, ...(depth ? { bit_depth: depth } : {}) });
      const made = await new Promise(resolve => follow([id], j => waits(j) || resolve(j)));
      if (made.state !== "done") throw new Error(made.error);
      address = made.files.result;
      said.textContent = size(made.size);
    }
    const link = document.createElement("a");
    link.href = address;
    link.download = "";
    link.click();
  } catch (error) {
    said.textContent = error.message;
  }
}
