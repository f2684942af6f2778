// Tiles of textures: a tap chooses one, a finger that goes sideways blends, arrows do both by key.

import { t } from "./words.js";

let sound = null;
window.addEventListener("silence", e => { if (e.detail !== sound) sound?.pause(); });

function make(kind, name, ...children) {
  const e = document.createElement(kind);
  if (name) e.className = name;
  e.append(...children);
  return e;
}

export function listen(button, address) {  // one sound at a time; a second tap stops it
  const playing = button.getAttribute("aria-pressed") === "true";
  sound?.pause();
  if (playing) return;
  sound = new Audio(address);
  window.dispatchEvent(new CustomEvent("silence", { detail: sound }));
  const mine = sound;
  mine.onplay = () => { button.setAttribute("aria-pressed", true); button.textContent = "■"; };
  mine.onpause = mine.onended = () => { button.setAttribute("aria-pressed", false); button.textContent = "▶"; };
  mine.play().catch(() => mine.onpause());
}

// textures: {name, title, picture, sound}. shares: weights by name, changed in place; changed() is called after.
export function tiles(element, textures, shares, changed, own) {
  const shows = {};
  const all = textures.map(texture => {
    const { name } = texture, out = make("output"), fill = make("i");
    const tile = make("div", "tile", fill, out, make("span", "", texture.title));
    if (texture.picture) {
      const picture = new Image();
      picture.alt = "";
      picture.src = texture.picture;
      tile.prepend(picture);
    }
    tile.tabIndex = 0;
    tile.dataset.name = name;
    for (const [key, value] of Object.entries({ role: "slider", "aria-label": t("Share of {0}", texture.title), "aria-valuemin": 0, "aria-valuemax": 100 })) tile.setAttribute(key, value);
    const set = value => { shares[name] = Math.min(Math.max(value, 0), 1); changed(); };
    const only = () => { for (const key of Object.keys(shares)) shares[key] = 0; set(1); };
    let from = null, moved = false;
    tile.onpointerdown = e => { from = { x: e.clientX, share: shares[name] || 0 }; moved = false; tile.setPointerCapture(e.pointerId); };
    tile.onpointermove = e => {
      if (!from) return;
      moved ||= Math.abs(e.clientX - from.x) > 6;
      if (moved) set(from.share + (e.clientX - from.x) / tile.clientWidth);
    };
    tile.onpointerup = tile.onpointercancel = e => { if (from && !moved && e.type === "pointerup") only(); from = null; };
    tile.onkeydown = e => {
      const way = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[e.key];
      if (way) set((shares[name] || 0) + way * (e.shiftKey ? .1 : .01));
      else if ((e.key === "Enter" || e.key === " ") && e.target === tile) only();
      else return;
      e.preventDefault();
    };
    if (texture.sound) {
      const button = make("button", "", "▶");
      button.setAttribute("aria-label", t("Listen to {0}", texture.title));
      button.setAttribute("aria-pressed", false);
      for (const kind of ["pointerdown", "pointerup", "keydown"]) button.addEventListener(kind, e => e.stopPropagation());
      button.onclick = e => { e.stopPropagation(); listen(button, texture.sound); };
      tile.append(button);
    }
    if (texture.leave) {
      const button = make("button", "", "✕");
      button.setAttribute("aria-label", t("Remove {0}", texture.title));
      for (const kind of ["pointerdown", "pointerup", "keydown"]) button.addEventListener(kind, e => e.stopPropagation());
      button.onclick = e => { e.stopPropagation(); texture.leave(); };
      tile.append(button);
    }
    shows[name] = () => {
      const share = shares[name] || 0;
      tile.style.setProperty("--at", share);
      tile.classList.toggle("some", share > 0);
      tile.classList.toggle("full", share > .995);
      tile.setAttribute("aria-valuenow", Math.round(100 * share));
      out.textContent = share > 0 ? `${Math.round(100 * share)} %` : "";
    };
    shows[name]();
    return tile;
  });
  const add = make("button", "tile add", `+ ${t("A sound of your own")}`);
  add.onclick = own;
  element.replaceChildren(...all, add);
  return { show: () => Object.values(shows).forEach(show => show()) };
}
