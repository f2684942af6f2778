// Pieces that a declaration is drawn with: levels, choices, tiles, meters. What scrolls never plays.
function make(kind, name, ...children) {
  const e = document.createElement(kind);
  if (name) e.className = name;
  e.append(...children);
  return e;
}
function key(words, does, name) {
  const b = make("button", name, words);
  b.onclick = does;
  return b;
}
const spaced = s => { s = s.replace(/[_/]/g, " ").trim(); return s && s[0].toUpperCase() + s.slice(1); };
const title = address => spaced(address.split("/").pop());
function called(node) {  // as the window does: by its file, if that is in letters which no address can have
  const file = ((node.SOURCE || [])[0] || "").replace(/\.[^.]*$/, "");
  return /[^\x00-\x7f]/.test(file) ? file : title(node.FULL_PATH);
}
const within = (x, low = 0, high = 1) => Math.min(Math.max(x, low), high);
function scale(node) {  // as rtengine.block.Parameter: at, 0 to 1, of a value; value of a place; notch: the least way of a key
  const { MIN: low, MAX: high } = node.RANGE[0], kind = (node.SCALE || [])[0];
  if (low === high) return { at: () => 0, value: () => low, notch: 1 };
  if (kind === "log")
    return { at: v => Math.log(within(v, low, high) / low) / Math.log(high / low),
      value: x => within(low * (high / low) ** within(x), low, high), notch: .01 };
  const even = v => { const r = Math.round(v); return r - v === .5 && r % 2 ? r - 1 : r; };  // as Python rounds
  const whole = kind === "step" ? even : v => v;
  return { at: v => (within(v, low, high) - low) / (high - low), value: x => within(whole(low + within(x) * (high - low)), low, high),
    notch: kind === "step" ? 1 / (high - low) : .01 };
}
function spoken(node, v) {
  const unit = (node.SYMBOL || [])[0], { MIN: low, MAX: high } = node.RANGE[0], step = (node.SCALE || [])[0] === "step";
  if (!unit && !step && low === 0 && high === 1) return Math.round(100 * v) + " %";
  return v.toFixed(step || high - low > 200 ? 0 : 1) + (unit ? " " + unit : "");
}
const move = (node, v) => { set(node.FULL_PATH, [v]); send(node.FULL_PATH, v); };
const tagged = (node, tag) => (node.TAGS || []).includes(tag);

// A finger that drags. On a level it goes sideways, else it scrolls: what goes up or down is none of ours. `free`: any way
function drag(grip, held, paths, begin, go, free = false) {
  let from = null, going = false;
  const touch = on => { held.classList.toggle("held", on); paths().forEach(path => send(path + "/touched", on)); };
  grip.onpointerdown = e => { from = { x: e.clientX, y: e.clientY, start: begin(e) }; going = false; };
  grip.onpointermove = e => {
    if (!from) return;
    const x = e.clientX - from.x, y = e.clientY - from.y;
    if (!going && !free && Math.abs(y) > 6 && Math.abs(y) >= Math.abs(x)) { from = null; return; }
    if (!going && (free ? Math.hypot(x, y) > 5 : Math.abs(x) > 6 && Math.abs(x) > Math.abs(y))) {
      going = true;
      grip.setPointerCapture(e.pointerId);
      touch(true);
    }
    if (going) go(from.start, x, y);
  };
  grip.onpointerup = grip.onpointercancel = () => {
    if (from && going) touch(false);
    from = null;
  };
  grip.addEventListener("click", e => e.stopPropagation());  // the end of a drag is no tap on what lies below
}
function keys(element, node) {  // arrows move a hundredth or a step, with Shift ten
  element.tabIndex = 0;
  element.dataset.address = node.FULL_PATH;
  element.setAttribute("role", "slider");
  element.setAttribute("aria-label", called(node));
  element.setAttribute("aria-valuemin", node.RANGE[0].MIN);
  element.setAttribute("aria-valuemax", node.RANGE[0].MAX);
  element.onkeydown = e => {
    const way = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[e.key];
    if (!way) return;
    e.preventDefault();
    const s = scale(node), x = s.at(values[node.FULL_PATH][0]) + way * s.notch * (e.shiftKey ? 10 : 1);
    move(node, s.value(x));
  };
}
function slider(node) {
  const s = scale(node), out = make("output"), handle = make("div", "handle"), track = make("div", "slider", handle);
  const way = () => track.clientWidth - handle.offsetWidth;
  drag(handle, track, () => [node.FULL_PATH], () => s.at(values[node.FULL_PATH][0]), (start, x) => move(node, s.value(start + x / way())));
  track.onclick = e => {  // a mouse has a wheel to scroll with: it may point
    if (e.pointerType !== "mouse") return;
    move(node, s.value((e.clientX - track.getBoundingClientRect().left - handle.offsetWidth / 2) / way()));
  };
  handle.ondblclick = () => move(node, node.DEFAULT[0]);
  keys(track, node);
  show[node.FULL_PATH] = ([v]) => {
    track.style.setProperty("--at", s.at(v));
    track.setAttribute("aria-valuenow", v);
    track.setAttribute("aria-valuetext", out.textContent = spoken(node, v));
  };
  const words = make("span", "", called(node));
  if (tagged(node, "wired")) words.append(" ", make("span", "wired", "turned by itself"));
  return make("div", "level", make("div", "row", words, out), track);
}
function choice(node) {
  const low = node.RANGE[0].MIN;
  const buttons = node.CHOICES.map((name, i) => key(name, () => move(node, low + i)));
  show[node.FULL_PATH] = ([v]) => buttons.forEach((b, i) => b.setAttribute("aria-pressed", low + i === v));
  const segments = make("div", "segments", ...buttons);
  segments.dataset.address = node.FULL_PATH;
  return make("div", "level", make("div", "row", make("span", "", title(node.FULL_PATH))), segments);
}
function pictured(tile, url, tries = 0) {  // it may still have to be drawn, by the host
  const picture = new Image();
  picture.onload = () => { tile.style.setProperty("--picture", `url("${url}")`); tile.classList.add("drawn"); };
  picture.onerror = () => { if (tries < 8 && tile.isConnected) setTimeout(() => pictured(tile, url, tries + 1), 1500 * (tries + 1)); };
  picture.src = url;
}
const hue = i => `hsl(${(195 + 137.508 * i) % 360} 75% 62%)`;  // the golden angle, as in the window: all differ
function tiles(nodes) {  // a tap chooses one
  return make("div", "tiles", ...nodes.map((node, i) => {
    const out = make("output"), tile = make("div", "tile", make("i"), make("span", "", called(node)), out);
    const name = node.FULL_PATH.split("/").pop(), block = node.FULL_PATH.slice(0, -name.length - 1), s = scale(node);
    pictured(tile, encodeURI(node.FULL_PATH) + "?PICTURE");
    tile.style.setProperty("--hue", hue(i));
    tile.onclick = () => {
      nodes.forEach(n => set(n.FULL_PATH, [n === node ? n.RANGE[0].MAX : n.RANGE[0].MIN]));
      send(block, name);
    };
    keys(tile, node);
    show[node.FULL_PATH] = ([v]) => {
      tile.style.setProperty("--at", s.at(v));
      tile.setAttribute("aria-valuenow", v);
      tile.setAttribute("aria-valuetext", out.textContent = s.at(v) > 0 ? Math.round(100 * s.at(v)) + " %" : "");
      tile.classList.toggle("full", s.at(v) > .995);
    };
    return tile;
  }));
}

// Readings: a bar for each number, the name where it stands for one
const decibels = node => /^dB(FS|TP)$|^LUFS$/.test((node.SYMBOL || [])[0] || "");
function meter(node, label = title(node.FULL_PATH)) {
  const out = make("output"), level = decibels(node);
  if (node.CHOICES) {
    show[node.FULL_PATH] = names => { out.textContent = names.join(" · "); };
    return make("div", "row reading", make("span", "", label), out);
  }
  const { MIN: low, MAX: high } = node.RANGE[0], at = v => level ? within((v + 60) / 66) : within((v - low) / (high - low));
  const bars = node.VALUE.map(() => make("div", level ? "bar level" : "bar", make("b")));
  show[node.FULL_PATH] = numbers => {
    bars.forEach((bar, i) => bar.style.setProperty("--peak", at(numbers[i])));
    const most = Math.max(...numbers);
    out.textContent = level && most <= -100 ? "silent" : spoken(node, most);
  };
  return make("div", "meter reading", make("span", "", label), make("div", "bars", ...bars), out);
}
function ends(node) {  // peak and rms of one end, in one bar
  const out = make("output"), bar = make("div", "bar level", make("i"), make("b")), at = v => within((v + 60) / 66);
  show[node.FULL_PATH] = ([peak, rms]) => {
    bar.style.setProperty("--peak", at(peak));
    bar.style.setProperty("--rms", at(rms));
    out.textContent = peak <= -100 ? "silent" : peak.toFixed(1) + " dB";
  };
  return make("div", "meter reading", make("span", "", title(node.FULL_PATH)), bar, out);
}
