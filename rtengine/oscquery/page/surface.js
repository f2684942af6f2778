// The surface, drawn from the answers of the host: no control is named here but the host's own commands.
const surface = document.getElementById("surface"), dock = document.getElementById("dock");
const methods = node => [...(node.TYPE ? [node] : []), ...Object.values(node.CONTENTS || {}).flatMap(methods)];
const has = (root, address) => address.slice(1).split("/").reduce((node, name) => node && (node.CONTENTS || {})[name], root);
function say(words) {
  const toast = document.getElementById("toast");
  toast.textContent = words;
  toast.classList.add("seen");
  clearTimeout(say.gone);
  say.gone = setTimeout(() => toast.classList.remove("seen"), 4000);
}
function listed(address, draws) {  // a row of buttons made of what a command answers
  const row = make("div", "list");
  show[address + ".reply"] = names => row.replaceChildren(...draws(names));
  return row;
}
function scenes() {
  return make("section", "", make("h2", "", "Scenes"), listed("/scene/list", names => [
    ...names.map(name => key(name, () => send("/scene/recall", name, 1))),
    key("+ store", () => {
      const name = prompt("Name of the scene (letters, digits, - and _)", "scene-" + (names.length + 1));
      if (name) { send("/scene/store", name); send("/scene/list"); }
    }, "quiet"),
  ]));
}
function song() {
  const out = make("output"), handle = make("div", "handle"), track = make("div", "slider", handle);
  const of = name => (values["/input/" + name] || [0])[0], way = () => track.clientWidth - handle.offsetWidth;
  const clock = s => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  let wish = null;
  const play = key("Play", () => send("/input/play", !of("play")));
  const draw = () => {
    const length = of("length"), at = wish === null ? length && of("position") / length : wish;
    track.style.setProperty("--at", at || 0);
    out.textContent = length ? `${clock(at * length)} / ${clock(length)}` : "the device plays";
    track.hidden = play.hidden = !length;
  };
  drag(handle, track, () => [], () => of("position") / (of("length") || 1), (start, x) => { wish = within(start + x / way(), 0, .999); draw(); });
  handle.addEventListener("pointerup", () => { if (wish !== null) send("/input/seek", wish * of("length")); wish = null; });
  handle.addEventListener("pointercancel", () => { wish = null; });
  show["/input/position"] = show["/input/length"] = draw;
  show["/input/play"] = ([on]) => { play.textContent = on ? "Pause" : "Play"; };
  const songs = listed("/input/list", names => [
    key("Device", () => send("/input/file", "")),
    ...names.map(name => key(name.replace(/\.[^.]+$/, ""), () => send("/input/file", name))), play,
  ]);
  return make("section", "", make("div", "row", make("h2", "", "Song"), out), songs, track);
}
function clips(kind, closer) {  // sounds of the player's own that become shares; closer: whether they can be listened to
  const more = closer ? listening(kind) : null;
  const added = listed(`/${kind}/list`, names => {
    if (more) more.added(names);
    return names.map(name => key(`${name} ×`, () => send(`/${kind}/remove`, name)));
  });
  const files = listed(`/${kind}/files`, names => names.map(name => key("+ " + name.replace(/\.[^.]+$/, ""), () => send(`/${kind}/add`, name), "quiet")));
  return make("section", "files", make("h2", "", spaced(kind) + "s"), added, ...(more ? more.parts : []), files);
}
function listening(kind) {  // what was added and not listened to closely yet; what is, how far, and a way to stop
  const at = `/${kind}/closer`, row = make("div", "list"), out = make("output"), words = make("span");
  const bar = make("div", "bar", make("b")), progress = make("div", "meter reading", words, make("div", "bars", bar), out);
  const stop = key("Stop", () => send(at + "/stop"), "quiet");
  let there = [], done = [], name = "";
  const draw = () => {
    progress.hidden = !name;
    row.replaceChildren(...(name ? [stop] : there.filter(n => !done.includes(n)).map(n => key("Listen closer to " + n, () => send(at, n), "quiet"))));
  };
  show[at + "/list.reply"] = names => { done = names; draw(); };
  show[at + "/progress"] = ([now, share, left]) => {
    if (name && !now) send(at + "/list");
    name = words.textContent = now;
    bar.style.setProperty("--peak", share);
    out.textContent = left < 0 ? "…" : Math.round(left) + " s left";
    draw();
  };
  draw();
  return { parts: [progress, row], added: names => { there = names; draw(); } };
}
function group(path, nodes, open) {  // a block: what is turned, and what it shows
  const shares = nodes.filter(n => tagged(n, "share")), section = make("section");
  const shown = nodes.filter(n => tagged(n, "reading")), rest = nodes.filter(n => tagged(n, "parameter") && !tagged(n, "share"));
  section.append(make("h2", "", spaced(path)));
  if (shares.length) section.append(tiles(shares));
  if (shares.length > 2) section.append(pad(shares));
  for (const m of rest) {
    section.append(m.CHOICES ? choice(m) : slider(m));
    if (m.DESCRIPTION && !m.CHOICES) section.append(make("small", "", m.DESCRIPTION));
  }
  for (const m of shown) section.append(meter(m));
  return section;
}
function blocks(all) {  // the methods of each block, in the graph's order
  const found = new Map();
  for (const m of all) {
    if (!tagged(m, "parameter") && !tagged(m, "block")) continue;
    const path = m.FULL_PATH.slice(0, m.FULL_PATH.lastIndexOf("/"));
    found.set(path, [...(found.get(path) || []), m]);
  }
  return [...found];
}
function perform(root, all) {  // what must stay in reach: the first lone level from 0 to 1, bypass and panic
  const lone = blocks(all).map(([, nodes]) => nodes).find(([m, ...others]) =>
    !others.length && tagged(m, "parameter") && !m.CHOICES && m.RANGE[0].MIN === 0 && m.RANGE[0].MAX === 1);
  const parts = lone ? [slider(lone[0])] : [make("span")];
  if (lone) parts[0].querySelector(".row span").textContent = spaced(lone[0].FULL_PATH.split("/").at(-2));
  if (has(root, "/bypass") && tagged(has(root, "/bypass"), "command")) {
    const b = key("Bypass", () => { const on = !(values["/bypass"] || [false])[0]; set("/bypass", [on]); send("/bypass", on); }, "bypass");
    show["/bypass"] = ([on]) => b.setAttribute("aria-pressed", on);
    const p = make("button", "panic", "Panic");
    p.onpointerdown = () => send("/panic");
    p.onkeydown = e => { if (e.key === "Enter" || e.key === " ") send("/panic"); };
    parts.push(b, p);
  }
  dock.replaceChildren(...parts);
  return lone ? lone[0] : null;
}
function fold(name, parts) {
  const inner = make("div", "", ...parts);
  inner.style.cssText = "display: grid; gap: 12px";
  return make("details", "", make("summary", "", name), inner);
}
function draw(root) {
  Object.keys(show).forEach(address => delete show[address]);
  pad.follow = null;
  const all = methods(root), docked = perform(root, all), first = [], more = [];
  for (const m of all) if (m.VALUE) values[m.FULL_PATH] = m.VALUE;
  const levels = ["/meter/in", "/meter/out"].map(address => has(root, address)).filter(m => m && m.TYPE === "ff");
  document.getElementById("levels").replaceChildren(...levels.map(ends));
  for (const [path, nodes] of blocks(all)) {
    const mine = nodes.filter(m => m !== docked);
    if (!mine.length) continue;
    const turned = mine.some(m => tagged(m, "parameter")), special = mine.some(m => tagged(m, "share"));
    (special || turned && first.length < 2 ? first : more).push(group(path, mine));
  }
  const live = has(root, "/input/length") ? [song()] : [];
  const kinds = Object.entries(root.CONTENTS).filter(([, c]) => c.CONTENTS && c.CONTENTS.add && c.CONTENTS.files);
  if (live.length) live.push(...kinds.map(([name, c]) => clips(name, Boolean(c.CONTENTS.closer))));
  surface.replaceChildren(...first, ...(live.length || has(root, "/bypass").VALUE ? [scenes()] : []), ...live,
    ...(more.length ? [fold("More", more)] : []), phone());
  show["/log"] = ([words]) => say(words);
  show["/error"] = ([, words]) => say(words);
  wanted = all.filter(m => m.VALUE).map(m => m.FULL_PATH);
  all.filter(m => m.VALUE).forEach(m => set(m.FULL_PATH, m.VALUE));
  for (const address of Object.keys(show))  // ask for the lists
    if (address.endsWith(".reply")) { show[address]([]); send(address.slice(0, -6)); }
}
function phone() {  // on a computer: how a phone gets here
  const code = new Image(), shown = fold("On another phone", [code]);
  code.className = "qr";
  shown.hidden = true;
  code.onload = () => { shown.hidden = false; };
  code.src = "/?QR";
  return shown;
}
function set(address, value) {
  values[address] = value;
  if (show[address]) show[address](value);
  if (pad.follow && !pad.soon) pad.soon = requestAnimationFrame(() => { pad.soon = 0; if (pad.follow) pad.follow(); });
  if (address.startsWith("/engine/")) {
    const of = name => (values["/engine/" + name] || [0])[0], rate = of("sample_rate") || 48000;
    document.getElementById("engine").textContent = [
      `${(1000 * of("latency") / rate).toFixed(0)} ms`, `load ${Math.round(100 * of("load"))} %`,
      ...(of("late") ? [`late ${(of("late") / rate).toFixed(1)} s`] : []), ...(of("xruns") ? [`xruns ${of("xruns")}`] : []),
    ].join(" · ");
  }
  if (address === "/input/file" || address === "/model") for (const list of Object.keys(show))
    if (list.endsWith(".reply")) send(list.slice(0, -6));
}
async function load() {
  const [tree, host] = await Promise.all(["/", "/?HOST_INFO"].map(async path => (await fetch(path)).json()));
  document.getElementById("name").textContent = document.title = host.NAME;
  draw(tree);
  for (const path of wanted) socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: path }));
}
connect();
