// The pad: a polygon whose corners are textures; the nearer the handle is to one, the more of it is heard.
// Weights are mean value coordinates. Source: M. Floater, "Mean value coordinates", CAGD 20 (2003), eq. 2.1.

import { t } from "./words.js";

const WIDE = 320, HIGH = 240, EDGE = 46, BESIDE = 15, KNOB = 11, FINGER = 24, STILL = 6, TINY = 1e-9;
const make = (kind, attributes, ...children) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
};

export function polygon(count) {  // corners in the unit square, y upwards, as in the window
  if (count === 2) return [[0, .5], [1, .5]];
  const turn = count % 2 ? 0 : Math.PI / count;
  const angles = [...Array(count).keys()].map(i => 2 * Math.PI * i / count + Math.PI / 2 + turn);
  const filling = v => { const low = Math.min(...v), high = Math.max(...v); return v.map(x => (x - low) / (high - low)); };
  const xs = filling(angles.map(Math.cos)), ys = filling(angles.map(Math.sin));
  return xs.map((x, i) => [x, ys[i]]);
}

export function weights([x, y], corners) {
  const n = corners.length;
  const s = corners.map(([cx, cy]) => [cx - x, cy - y]), r = s.map(v => Math.hypot(...v));
  const at = r.findIndex(d => d < TINY);
  if (at >= 0) return corners.map((_, i) => Number(i === at));
  const found = Array(n).fill(0);
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n, area = s[i][0] * s[j][1] - s[j][0] * s[i][1], inner = s[i][0] * s[j][0] + s[i][1] * s[j][1];
    if (Math.abs(area) < TINY && inner < 0)  // between the two
      return corners.map((_, k) => k === i ? r[j] / (r[i] + r[j]) : k === j ? r[i] / (r[i] + r[j]) : 0);
    const tangent = (r[i] * r[j] - inner) / area;
    found[i] += tangent / r[i];
    found[j] += tangent / r[j];
  }
  const total = found.reduce((a, b) => a + b);
  return found.map(w => Math.max(w / total, 0));
}

export function inside([x, y], corners) {  // the point, or the nearest one of the polygon
  if (corners.length === 2) return [Math.min(Math.max(x, 0), 1), .5];
  let best = null, out = false;
  corners.forEach(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % corners.length], dx = bx - ax, dy = by - ay;
    if (dx * (y - ay) - dy * (x - ax) < 0) out = true;
    const along = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0), 1);
    const near = [ax + along * dx, ay + along * dy], d = Math.hypot(near[0] - x, near[1] - y);
    if (!best || d < best[0]) best = [d, near];
  });
  return out ? best[1] : [x, y];
}

// A pad of these names in an element; `tell` is given the weights by name when a player moves the handle.
export function pad(element, names, values, tell) {
  const corners = polygon(names.length);
  const place = ([x, y]) => [EDGE + x * (WIDE - 2 * EDGE), HIGH - EDGE * .6 - y * (HIGH - 1.2 * EDGE)];
  let at = corners.reduce(([x, y], c, i) => [x + c[0] * values[i], y + c[1] * values[i]], [0, 0]);
  const total = values.reduce((a, b) => a + b, 0);
  at = total > 0 ? inside(at.map(v => v / total), corners) : [.5, .5];
  const svg = make("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, tabindex: 0, role: "application", "aria-label": t("Blend of {0}", names.map(n => t(n)).join(", ")) });
  svg.append(make("polygon", { points: corners.map(c => place(c).join()).join(" ") }));
  const lines = corners.map(() => svg.appendChild(make("line", {})));
  corners.forEach((c, i) => {
    const [x, y] = place(c), anchor = c[0] < .3 ? "end" : c[0] > .7 ? "start" : "middle";
    const shift = anchor === "end" ? -7 : anchor === "start" ? 7 : 0;
    svg.append(make("text", { x: x + shift, y: y + (c[1] < .4 ? BESIDE + 9 : -BESIDE), "text-anchor": anchor === "middle" ? anchor : c[0] < .5 ? "start" : "end" }, t(names[i])));
  });
  const knob = svg.appendChild(make("g", { class: "knob" }, make("circle", { r: FINGER, class: "around" }), make("circle", { r: KNOB })));
  function show() {
    const [x, y] = place(at), w = weights(at, corners);
    knob.setAttribute("transform", `translate(${x} ${y})`);
    lines.forEach((line, i) => {
      const [cx, cy] = place(corners[i]);
      for (const [name, value] of Object.entries({ x1: x, y1: y, x2: cx, y2: cy, "stroke-width": 1 + 6 * w[i] })) line.setAttribute(name, value);
    });
    return w;
  }
  function move(point) {
    at = inside(point, corners);
    const w = show();
    tell(Object.fromEntries(names.map((name, i) => [name, w[i]])));
  }
  const pointed = e => {
    const box = svg.getBoundingClientRect();
    const x = (e.clientX - box.left) * WIDE / box.width, y = (e.clientY - box.top) * HIGH / box.height;
    return [(x - EDGE) / (WIDE - 2 * EDGE), (HIGH - EDGE * .6 - y) / (HIGH - 1.2 * EDGE)];
  };
  // A finger on the knob plays, a tap moves the knob there, and a swipe scrolls the page; a mouse drags from anywhere.
  let tapped = null;
  svg.onpointerdown = e => {
    tapped = null;
    if (e.pointerType === "touch" && !knob.contains(e.target)) tapped = [e.clientX, e.clientY];
    else {
      svg.setPointerCapture(e.pointerId);
      if (!knob.contains(e.target)) move(pointed(e));
    }
  };
  svg.onpointermove = e => { if (svg.hasPointerCapture(e.pointerId) && !tapped) move(pointed(e)); };
  svg.onpointerup = e => { if (tapped && Math.hypot(e.clientX - tapped[0], e.clientY - tapped[1]) < STILL) move(pointed(e)); };
  svg.onkeydown = e => {
    const step = e.shiftKey ? .002 : .02;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[e.key];
    if (!way && e.key !== "Home") return;
    e.preventDefault();
    move(way ? [at[0] + way[0], at[1] + way[1]] : [.5, .5]);
  };
  show();
  element.replaceChildren(svg);
}
