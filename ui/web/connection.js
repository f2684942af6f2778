// The connection of a page to the service: the lamp and its words in the header, trying again, the token if it wants one.

import { Refusal, ask, lost, rest, setToken } from "./api.js";
import { nav } from "./nav.js";
import "./sliders.js";
import { change, chinese, said, say, t } from "./words.js";

const $ = id => document.getElementById(id);

export function link(name) {
  document.body.className = name;
  $("link").dataset.t = { on: "connected", connecting: "connecting", off: "not connected" }[name];
  $("link").textContent = t($("link").dataset.t);
  $("retry").hidden = name !== "off";
}

function askToken(wrong) {
  const label = $("ask").querySelector("label");
  label.dataset.t = wrong ? "That is not its token. Try again:" : "This service asks for its token:";
  label.textContent = t(label.dataset.t);
  $("token").value = "";
  $("ask").showModal();
  return new Promise(resolve => {
    $("ask").onclose = () => { setToken($("token").value.trim()); resolve(); };
  });
}

export async function connect() {  // what the service says of itself, once it does
  for (let wait = 1000, asked = false; ; wait = Math.min(2 * wait, 15_000)) {
    link("connecting");
    try {
      const facts = await ask("GET", "/textures");
      link("on");
      nav(facts);
      return facts;
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) { await askToken(asked); asked = true; }
      else {
        link("off");
        await Promise.race([rest(wait), new Promise(resolve => { $("retry").onclick = resolve; })]);
      }
    }
  }
}

export async function watch() {  // is it still there?
  for (;;) {
    await rest(document.hidden ? 20_000 : 4000);
    try {
      const response = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      if (response.ok || response.status === 503) { link("on"); continue; }
    } catch { /* it is not */ }
    await connect();
  }
}

// Do this, and again whenever nobody was reached, as soon as somebody is.
export async function patiently(act) {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!lost(error)) throw error;
      await rest(500);
      await connect();
    }
  }
}

export const sentence = error => lost(error) ? t("the connection was lost") : said(error.message);  // of what went wrong

export function trouble(text) {  // it is said where one looks, wherever that is on a long page; a tap puts it away
  $("trouble").textContent = text || "";
  $("trouble").hidden = !text;
  $("trouble").onclick = () => trouble();
}

export function words() {
  say();
  $("language").textContent = chinese() ? "English" : "中文";
  $("language").lang = chinese() ? "en" : "zh-CN";
}

export function speaks(redraw) {  // the button that changes the language
  $("language").onclick = () => { change(); words(); redraw(); };
}
