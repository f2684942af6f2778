// All pieces on a plane. Points are written as pixels, for tens of thousands of shapes would be slow.

import { ask } from "../api.js";
import { t } from "../words.js";
import { button, make, quiet, safely, section } from "./make.js";
import { current, play, radio, watch } from "./queue.js";
import { rows } from "./rows.js";

const COLOURS = ["#35c2e0", "#ffb454", "#4cd08a", "#ff5c57", "#b18cff", "#f78fb3", "#9ad0f5", "#e6db74", "#7fd1ae", "#d19a66", "#8fa3ff", "#6b7682"];
const SIDE = 65_535, REACH = 14, NEAREST = 8;
const packed = COLOURS.map(c => { const n = parseInt(c.slice(1), 16); return (255 << 24 | (n & 255) << 16 | (n >> 8 & 255) << 8 | n >> 16) >>> 0; });

export async function map(page, given, here) {
  const found = await ask("GET", "/music/map");
  if (!here()) return;
  if (!found.ids.length) return page.append(section(t("Map"), quiet(t("The library is empty."))));
  const X = Float32Array.from(found.x, v => v / SIDE), Y = Float32Array.from(found.y, v => v / SIDE), G = Uint8Array.from(found.group);
  const canvas = make("canvas", "map"), said = make("output", "quiet"), near = make("div"), pen = canvas.getContext("2d", { alpha: false });
  const view = { x: .5, y: .5, scale: 1 };  // the middle, and how much larger
  let image = null, pixels = null, hidden = new Set(), due = 0, hover = -1, times = [];
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", t("Map of {0} pieces: arrow keys move, plus and minus zoom, Enter plays the one in the middle. Those in the middle are listed below.", X.length));

  const across = () => canvas.width * .94 * view.scale, down = () => canvas.height * .94 * view.scale;
  const put = n => [canvas.width / 2 + (X[n] - view.x) * across(), canvas.height / 2 + (Y[n] - view.y) * down()];

  function draw() {
    due = 0;
    const began = performance.now(), width = canvas.width, height = canvas.height, sx = across(), sy = down();
    if (!width || !height) return;
    if (!image || image.width !== width || image.height !== height) { image = pen.createImageData(width, height); pixels = new Uint32Array(image.data.buffer); }
    pixels.fill(0xff12100e);
    const dot = Math.max(2, Math.min(9, Math.round(Math.sqrt(view.scale) * (X.length > 20_000 ? 1.6 : X.length > 2000 ? 2.5 : X.length > 300 ? 5 : 8)))) * (devicePixelRatio > 1 ? 2 : 1), half = dot >> 1;
    const left = width / 2 - view.x * sx - half, top = height / 2 - view.y * sy - half;
    for (let n = 0; n < X.length; n++) {
      if (hidden.has(G[n])) continue;
      const x = left + X[n] * sx | 0, y = top + Y[n] * sy | 0;
      if (x < 0 || y < 0 || x + dot >= width || y + dot >= height) continue;
      const colour = packed[G[n]];
      for (let j = 0, at = y * width + x; j < dot; j++, at += width) for (let i = 0; i < dot; i++) pixels[at + i] = colour;
    }
    pen.putImageData(image, 0, 0);
    ring(found.ids.indexOf(current()?.id), "#fff", 3);
    ring(hover, "#ffb454", 2);
    times.push(performance.now() - began);
    if (times.length > 60) times.shift();
    canvas.dataset.draw = Math.max(...times).toFixed(1);  // milliseconds, the slowest of the last
  }
  function ring(n, colour, wide) {
    if (n < 0) return;
    const [x, y] = put(n);
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.beginPath();
    pen.arc(x, y, 11, 0, 7);
    pen.stroke();
  }
  const later = () => { due ||= requestAnimationFrame(draw); };

  function nearest(px, py, reach) {  // of the pieces that are shown; -1 if none is so near
    let best = -1, least = reach * reach;
    const sx = across(), sy = down(), left = canvas.width / 2 - view.x * sx, top = canvas.height / 2 - view.y * sy;
    for (let n = 0; n < X.length; n++) {
      const dx = left + X[n] * sx - px, dy = top + Y[n] * sy - py, d = dx * dx + dy * dy;
      if (d < least && !hidden.has(G[n])) { least = d; best = n; }
    }
    return best;
  }
  const known = new Map();
  async function piece(n) {
    const id = found.ids[n];
    if (!known.has(id)) known.set(id, await ask("GET", `/music/pieces/${id}`));
    return known.get(id);
  }
  const point = event => { const box = canvas.getBoundingClientRect(), k = canvas.width / box.width; return [(event.clientX - box.left) * k, (event.clientY - box.top) * k]; };
  const start = safely(async n => { if (n >= 0) await radio([await piece(n)]); });

  function zoom(factor, px = canvas.width / 2, py = canvas.height / 2) {
    const x = view.x + (px - canvas.width / 2) / across(), y = view.y + (py - canvas.height / 2) / down();
    view.scale = Math.min(Math.max(view.scale * factor, .8), 60);
    view.x = x - (px - canvas.width / 2) / across();
    view.y = y - (py - canvas.height / 2) / down();
    moved();
  }
  let settles = 0;
  function moved() {
    view.x = Math.min(Math.max(view.x, 0), 1);
    view.y = Math.min(Math.max(view.y, 0), 1);
    later();
    clearTimeout(settles);
    settles = setTimeout(listed, 400);
  }
  const listed = safely(async () => {  // those in the middle, for eyes and ears that find no points
    const sx = across(), sy = down(), middle = [];
    for (let n = 0; n < X.length; n++) if (!hidden.has(G[n])) middle.push([((X[n] - view.x) * sx) ** 2 + ((Y[n] - view.y) * sy) ** 2, n]);
    middle.sort((a, b) => a[0] - b[0]);
    const pieces = await Promise.all(middle.slice(0, NEAREST).map(([, n]) => piece(n)));
    if (here()) near.replaceChildren(rows(pieces));
  });

  const fingers = new Map();
  let walked = 0;
  canvas.onpointerdown = event => { canvas.setPointerCapture(event.pointerId); fingers.set(event.pointerId, point(event)); walked = 0; };
  canvas.onpointermove = event => {
    const now = point(event), before = fingers.get(event.pointerId);
    if (before) {
      const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      if (others.length) {
        const [o] = others, far = at => Math.hypot(at[0] - o[0], at[1] - o[1]);
        zoom(far(now) / Math.max(far(before), 1), (now[0] + o[0]) / 2, (now[1] + o[1]) / 2);
        walked = 99;
      } else {
        walked += Math.hypot(now[0] - before[0], now[1] - before[1]);
        view.x -= (now[0] - before[0]) / across();
        view.y -= (now[1] - before[1]) / down();
        moved();
      }
      return fingers.set(event.pointerId, now);
    }
    const n = nearest(...now, REACH * (devicePixelRatio || 1));
    if (n !== hover) {
      hover = n;
      later();
      if (n >= 0) piece(n).then(p => { if (hover === n) said.textContent = [p.title, p.artist, Object.keys(p.tags).slice(0, 3).join(", ")].filter(Boolean).join(" · "); }, () => {});
      else said.textContent = "";
    }
  };
  canvas.onpointerup = event => {
    fingers.delete(event.pointerId);
    if (walked < 8) start(nearest(...point(event), 2 * REACH * (devicePixelRatio || 1)));
  };
  canvas.onpointercancel = event => fingers.delete(event.pointerId);
  canvas.addEventListener("wheel", event => { event.preventDefault(); zoom(Math.exp(-event.deltaY / 400), ...point(event)); }, { passive: false });
  canvas.onkeydown = event => {
    const step = .08 / view.scale;
    const act = { ArrowLeft: () => { view.x -= step; }, ArrowRight: () => { view.x += step; }, ArrowUp: () => { view.y -= step; }, ArrowDown: () => { view.y += step; },
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), Enter: () => start(nearest(canvas.width / 2, canvas.height / 2, 1e9)) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    moved();
  };

  const legend = make("div", "chips", ...[...found.groups, t("other")].map((name, n) => {
    const swatch = make("i", "swatch"), e = button("chip", "", () => {
      hidden.has(n) ? hidden.delete(n) : hidden.add(n);
      e.setAttribute("aria-pressed", !hidden.has(n));
      moved();
    });
    swatch.style.background = COLOURS[Math.min(n, COLOURS.length - 1)];
    e.append(swatch, name);
    e.setAttribute("aria-pressed", true);
    return e;
  }));
  page.append(section(t("Map"), quiet(t("Pieces that sound alike lie near each other, as far as a plane can show. A tap begins a radio there.")), canvas, said, legend,
    make("div", "row-of", button("small", "+", () => zoom(1.6), t("Larger")), button("small", "−", () => zoom(1 / 1.6), t("Smaller")),
      button("small", t("All of it"), () => { Object.assign(view, { x: .5, y: .5, scale: 1 }); moved(); }))),
  section(t("In the middle"), near));
  const watcher = new ResizeObserver(() => {
    const k = devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * k);
    canvas.height = Math.round(canvas.clientHeight * k);
    later();
  });
  watcher.observe(canvas);
  listed();
  const end = watch(later);
  return () => { watcher.disconnect(); end(); cancelAnimationFrame(due); clearTimeout(settles); };
}
