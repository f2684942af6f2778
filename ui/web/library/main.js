// The music library: its pages, one at a time, and the player below them.

import { Refusal, ask, rest, setToken } from "../api.js";
import { change, chinese, say as words, t } from "../words.js";
import { nav as places } from "../nav.js";
import "./words.js";
import "../sliders.js";
import * as bar from "./bar.js";
import { discover, genre, liked, recent, search } from "./lists.js";
import { library } from "./library.js";
import { live } from "./live.js";
import { make, say } from "./make.js";
import { map } from "./map.js";
import { player } from "./player.js";
import { track } from "./track.js";

const $ = id => document.getElementById(id);
const PAGES = {
  player: ["Player", player], search: ["Search", search], library: ["Library", library], genre: ["Genre", genre], map: ["Map", map],
  discover: ["Discover", discover], liked: ["Liked", liked], recent: ["Recent", recent], live: ["Live", live],
};
let close = null, turn = 0, facts = null;

function link(name) {
  document.body.className = name;
  $("link").textContent = t({ on: "connected", connecting: "connecting", off: "not connected" }[name]);
}

async function connect() {
  for (let wait = 1000; ; wait = Math.min(2 * wait, 15_000)) {
    link("connecting");
    try {
      facts = await ask("GET", "/textures");
      await ask("GET", "/music");
      return link("on");
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) {
        $("ask").showModal();
        await new Promise(resolve => { $("ask").onclose = () => { setToken($("token").value.trim()); resolve(); }; });
      } else if (error instanceof Refusal && error.status === 404) {
        link("off");
        return say(t("This service has no music library: python -m offline serve --library"));
      } else {
        link("off");
        await rest(wait);
      }
    }
  }
}

async function watch() {  // is it still there?
  for (;;) {
    await rest(document.hidden ? 20_000 : 4000);
    try {
      const response = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(6000) });
      if (response.ok || response.status === 503) { link("on"); continue; }
    } catch { /* it is not */ }
    await connect();
  }
}

function nav(name) {
  $("pages").setAttribute("aria-label", t("Pages"));
  $("pages").replaceChildren(...Object.entries(PAGES).map(([key, [title]]) => {
    const a = make("a", "", t(title));
    a.href = `#${key}`;
    if (key === name) a.setAttribute("aria-current", "page");
    return a;
  }));
  $("pages").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

async function show() {
  const [name, ...rest_] = decodeURIComponent(location.hash.slice(1) || "player").split("/");
  const given = rest_.join("/"), mine = ++turn, hash = location.hash;
  close?.();
  close = null;
  nav(name);
  say("");
  const draw = name === "track" ? track : (PAGES[name] || PAGES.player)[1];
  $("page").dataset.page = name;
  $("page").replaceChildren();
  delete $("page").dataset.shown;
  try {
    const end = await draw($("page"), given, () => mine === turn);
    if (mine === turn) close = end || null; else end?.();
  } catch (error) {
    if (mine === turn) say(error.message);
  }
  if (mine === turn) $("page").dataset.shown = hash;
}

function speak() {
  words();
  $("language").textContent = chinese() ? "English" : "中文";
  $("language").lang = chinese() ? "en" : "zh-CN";
  link(document.body.className || "connecting");
  if (facts) places(facts);
}

speak();
await connect();
speak();
bar.open();
await show();
window.addEventListener("hashchange", () => { show(); $("page").focus({ preventScroll: true }); scrollTo(0, 0); });
$("language").onclick = () => { change(); speak(); bar.draw(); show(); };
document.body.dataset.ready = "yes";
watch();
