// Files that are sent to be worked on: a list with how far each is, kept by the page, which may let go of them.

import { sentence } from "./connection.js";
import { drop, upload } from "./upload.js";
import { size, t } from "./words.js";

const make = (kind, name, ...children) => {
  const e = document.createElement(kind);
  if (name) e.className = name;
  e.append(...children);
  return e;
};

// files: [{song, upload, name}], changed in place; changed() is called after. Draws into element.
export function files(element, files, changed, trouble) {
  const sending = new Map();  // of those that are on the way: how far, and how to stop
  function row(name, said, stop, what) {
    const button = make("button", "small", t(what));
    button.setAttribute("aria-label", `${t(what)}: ${name}`);
    button.onclick = stop;
    const e = make("div", "row", make("span", "", name), said, button);
    e.setAttribute("role", "listitem");
    return e;
  }
  function draw() {
    element.replaceChildren(
      ...files.map(file => row(file.name, make("output", "", size(file.size)), () => let_go(file), "Remove")),
      ...[...sending].map(([file, { said, stop }]) => row(file.name, said, stop, "Stop")),
    );
  }
  async function let_go(file) {
    files.splice(files.indexOf(file), 1);
    changed();
    draw();
    if (file.upload) await drop(file.upload).catch(() => {});
  }
  async function add(file) {
    const stop = new AbortController(), said = make("output", "");
    sending.set(file, { said, stop: () => stop.abort() });
    draw();
    try {
      const made = await upload(file, done => { said.textContent = done === null ? t("the connection was lost") : `${size(done)} / ${size(file.size)}`; }, stop.signal);
      files.push({ ...made, name: file.name, size: file.size });
      changed();
    } catch (error) {
      if (error.name !== "AbortError") trouble(sentence(error));
    } finally {
      sending.delete(file);
      draw();
    }
  }
  draw();
  async function only() {  // the last one takes the place of the others
    for (const file of files.slice(0, -1)) await let_go(file);
  }
  return { draw, only, busy: () => sending.size > 0, add: list => Promise.all([...list].map(add)) };
}

export function dropped(taken) {  // files that are dropped anywhere on the page
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, e => { e.preventDefault(); document.body.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, e => { e.preventDefault(); document.body.classList.remove("over"); });
  document.addEventListener("drop", e => { if (e.dataTransfer?.files.length) taken(e.dataTransfer.files); });
}
