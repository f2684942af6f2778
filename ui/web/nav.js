// Where one can go in this client. A page has <nav id="places"></nav> and calls nav(facts) with what /textures says, for
// what this service has not is not shown.

import { t } from "./words.js";

const PLACES = {  // what it is called, and its page
  textures: ["Textures", "/"],
  mix: ["Mix stems", "/mix.html"],
  film: ["Score a film", "/film.html"],
  library: ["Music library", "/library/index.html"],
};

export function nav({ places }) {
  const element = document.getElementById("places");
  const known = Object.entries(PLACES).filter(([name]) => places.includes(name));
  element.setAttribute("aria-label", t("Places"));
  element.hidden = known.length < 2;
  element.replaceChildren(...known.map(([, [title, href]]) => {
    const link = document.createElement("a");
    Object.assign(link, { href, textContent: t(title) });
    link.dataset.t = title;
    if (new URL(href, location).pathname === location.pathname) link.setAttribute("aria-current", "page");
    return link;
  }));
  element.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
