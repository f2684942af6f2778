// What is heard right now: at the microphone, from this player, or by the live host of the service's computer. Tags, a genre or that it is unsure, and what is like it.

import { ask, headers, refused, uuid } from "../api.js";
import { t } from "../words.js";
import { button, make, quiet, safely, section } from "./make.js";
import { deck } from "./queue.js";
import { rows } from "./rows.js";

const EVERY = 2000;  // milliseconds between two questions to the host
const KEPT = 150;  // of what was heard: five minutes
const ABSENT = {  // by what the service calls it
  "no-host": "No host plays on the service's computer: python -m rtengine --patch listener",
  "no-listener": "The host there plays without the listener: python -m rtengine --patch listener",
};

export function live(page, given, here) {
  const state = make("p", "quiet", t("Nothing is listened to yet.")), bars = make("div", "bars"), like = make("div"), past = make("ul", "past");
  const facts = make("p", "facts"), heard = [];
  let asking = null, source = null, node = null, stream = null, context = null, name = uuid(), busy = false, missed = 0;

  function stop() {
    clearInterval(asking);
    asking = null;
    node?.port.close();
    if (source && node) try { source.disconnect(node); } catch { /* it is not joined any more */ }
    node?.disconnect();
    stream?.getTracks().forEach(track => track.stop());
    if (context && context !== deck.context) context.close();
    source = node = stream = context = null;
    for (const b of [mic, own, host]) b.setAttribute("aria-pressed", false);
  }

  async function listen(from, button_) {
    const was = button_.getAttribute("aria-pressed") === "true";
    stop();
    if (was) { silent(t("Nothing is listened to now.")); return; }
    name = uuid();
    if (!window.isSecureContext) throw new Error(t("A browser lends its sound only to a page of this computer, or by https."));
    try {
      [context, source] = await from();
      await context.audioWorklet.addModule("tap.js");
    } catch (error) {
      stop();
      throw new Error(error.name === "NotAllowedError" ? t("The microphone cannot be used: {0}", error.message) : error.message);
    }
    node = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
    source.connect(node);
    node.port.onmessage = event => send(event.data, context.sampleRate);
    button_.setAttribute("aria-pressed", true);
    state.textContent = t("Listening: the first word comes after three seconds.");
  }

  async function send(x, rate) {
    if (busy) { missed++; return; }  // the service is behind: what comes meanwhile is not heard
    busy = true;
    try {
      const data = Int16Array.from(x, v => Math.max(-32768, Math.min(32767, Math.round(32767 * v))));
      const response = await fetch(`/music/heard/${name}?rate=${rate}`, { method: "POST", headers: headers({ "Content-Type": "application/octet-stream" }), body: data });
      if (!response.ok) throw await refused(response);
      const found = await response.json();
      if (here() && node && found.windows) show(found);
    } catch (error) {
      if (here()) state.textContent = error.message;
    } finally {
      busy = false;
    }
  }

  async function follow() {  // what the host hears, as long as it is there
    const was = asking;
    stop();
    missed = 0;
    if (was) { silent(t("Nothing is listened to now.")); return; }
    async function look() {
      const mine = asking;
      try {
        const found = await ask("GET", "/music/heard/host");
        if (!here() || asking !== mine) return;
        if (found.windows) show(found); else silent(t("The host has heard nothing yet."));
      } catch (error) {
        if (here() && asking === mine) silent(error.code in ABSENT ? t(ABSENT[error.code]) : error.message);
      }
    }
    host.setAttribute("aria-pressed", true);
    asking = setInterval(look, EVERY);
    await look();
  }

  function silent(why) {  // what was heard before is not heard now
    state.textContent = why;
    for (const e of [facts, bars, like]) e.replaceChildren();
  }

  function show(found) {
    state.textContent = missed ? t("Heard, with {0} pieces left out: the service is busy.", missed) : t("Heard.");
    facts.replaceChildren(make("strong", "", found.genre || t("unsure")), ` · ${found.tempo ? t("{0} beats a minute", Math.round(found.tempo)) : t("no steady beat")} · ${found.key || t("key unsure")}`);
    bars.replaceChildren(...Object.entries(found.tags).map(([tag, value]) => {
      const bar = make("div", "progress", make("i"));
      bar.style.setProperty("--at", value);
      return make("div", "bar-row", make("span", "", tag), bar, make("output", "", value.toFixed(2)));
    }));
    const top = Object.keys(found.tags)[0];
    heard.push({ time: new Date(), text: `${found.genre || t("unsure")} · ${top}` });
    if (heard.length > KEPT) heard.shift();
    past.replaceChildren(...heard.filter((h, n) => !n || h.text !== heard[n - 1].text).slice(-30).reverse().map(h => make("li", "", `${h.time.toLocaleTimeString()}  ${h.text}`)));
    if (found.like) like.replaceChildren(found.like.length ? rows(found.like) : quiet(t("The library is empty.")));
  }

  const mic = button("", t("Listen at the microphone"), safely(() => listen(async () => {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    const own_ = new AudioContext();
    return [own_, own_.createMediaStreamSource(stream)];
  }, mic)));
  const own = button("", t("Listen to this player"), safely(() => listen(async () => {
    deck.open();
    return [deck.context, deck.level];
  }, own)));
  const host = button("", t("What the host hears"), safely(follow));
  for (const b of [mic, own, host]) b.setAttribute("aria-pressed", false);
  state.setAttribute("role", "status");
  page.append(section(t("Live"), make("div", "row-of", mic, own, host), state, facts, bars), section(t("Sounds like"), like), section(t("What was heard"), past));
  return stop;
}
