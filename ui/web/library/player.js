// What plays, what comes, and through what it is heard.

import { ask } from "../api.js";
import { t } from "../words.js";
import { button, make, quiet, safely, section, select, slider } from "./make.js";
import { clear, current, deck, go, keep, move, queue, radio, rate, remove, set, step } from "./queue.js";
import { by, cover, reason, row, watchWhile } from "./rows.js";

export async function player(page) {
  const textures = await ask("GET", "/textures").then(found => found.textures, () => []);
  const now = make("section", "now-playing"), list = make("ol", "pieces queue"), title = make("h2", "", t("Queue"));
  const tools = make("div", "row-of");
  const texture = select(t("Texture"), [["", t("as it is")], ...textures.map(x => [x.name, t(x.name)])], queue.texture, value => set("texture", value));
  const heard = section(t("Heard as"), make("div", "row-of", texture, make("label", "field grow", make("span", "", t("Mix")), slider(t("Mix"), queue.mix, value => set("mix", value)))),
    quiet(t("Everything that plays goes through the host's texture: a radio made of water.")));
  const level = slider(t("Volume"), queue.volume, () => {});
  level.oninput = () => set("volume", Number(level.value));
  heard.append(make("label", "field grow", make("span", "", t("Volume")), level));

  function drawNow() {
    const piece = current();
    if (!piece) {
      now.replaceChildren(quiet(t("Nothing plays. Choose something to begin with:")), make("div", "row-of",
        button("strong", t("Play what I like"), safely(() => radio([]))), button("", t("Discover"), safely(() => radio([], "discover")))));
      return;
    }
    const link = make("a", "title", piece.title);
    link.href = `#track/${piece.id}`;
    now.replaceChildren(cover(piece, "big"), make("div", "said", link, make("span", "by", [by(piece), piece.artist && piece.album].filter(Boolean).join(" · ")),
      piece.why ? make("span", "why", ...piece.why.map(why => make("i", "chip", reason(why)))) : null,
      make("div", "row-of",
        button("strong", deck.playing ? t("Pause") : t("Play"), () => deck.toggle()), button("", t("Next"), () => step(1)),
        button("", t("Radio from here"), safely(() => radio([piece]))),
        button("small danger", t("Dislike"), safely(async () => { await rate(piece, "dislike"); step(1); }))),
      make("small", "", t("Keys: space plays and pauses, n next, p previous, l likes, ← → five seconds, / searches."))));
  }

  function drawTools() {
    tools.replaceChildren(
      select(t("Repeat"), [["off", t("no repeat")], ["all", t("repeat all")], ["one", t("repeat one")]], queue.repeat, value => set("repeat", value)),
      button("small", t("Shuffle what comes"), shuffle), button("small", t("Save as playlist"), save), button("small danger", t("Clear"), clear));
    title.textContent = queue.radio ? t("Queue, a radio without an end") : t("Queue");
  }

  function shuffle() {
    const rest = queue.pieces.splice(queue.at + 1);
    for (let i = rest.length - 1; i > 0; i--) { const j = Math.floor(Math.random() * (i + 1)); [rest[i], rest[j]] = [rest[j], rest[i]]; }
    queue.pieces.push(...rest);
    deck.renew();
    keep();
    drawQueue();
  }

  const save = safely(async () => {
    const { headers } = await import("../api.js");
    const response = await fetch(`/music/playlist.m3u8?pieces=${queue.pieces.map(piece => piece.id).join(",")}`, { headers: headers() });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = "queue.m3u8";
    link.click();
  });

  function drawQueue(focus) {
    list.replaceChildren(...queue.pieces.map((piece, at) => {
      const up = button("small", "↑", () => shift(at, -1), t("Move {0} up", piece.title));
      const down = button("small", "↓", () => shift(at, 1), t("Move {0} down", piece.title));
      const e = row(piece, queue.pieces, at, [up, down, button("small", "✕", () => remove(at), t("Remove {0}", piece.title))]);
      e.querySelector(".start").onclick = () => (at === queue.at ? deck.toggle() : go(at));
      e.classList.toggle("now", at === queue.at);
      e.draggable = true;
      e.ondragstart = event => { event.dataTransfer.setData("text/plain", at); event.dataTransfer.effectAllowed = "move"; };
      e.ondragover = event => { event.preventDefault(); e.classList.add("over-it"); };
      e.ondragleave = () => e.classList.remove("over-it");
      e.ondrop = event => { event.preventDefault(); move(Number(event.dataTransfer.getData("text/plain")), at); };
      return e;
    }));
    if (!queue.pieces.length) list.replaceChildren(make("li", "quiet", t("The queue is empty.")));
    if (focus) list.children[focus.at]?.querySelectorAll(".acts button")[focus.which]?.focus();
  }

  function shift(at, by) {
    move(at, at + by);
    drawQueue({ at: Math.min(Math.max(at + by, 0), queue.pieces.length - 1), which: by < 0 ? 1 : 2 });
  }

  drawNow();
  drawTools();
  drawQueue();
  page.append(now, heard, make("section", "", title, tools, list));
  watchWhile(now, what => {
    drawNow();
    if (what !== "rating") { drawTools(); drawQueue(); }
  });
}
