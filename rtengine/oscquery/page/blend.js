// The pad: a polygon with a share at each corner; the nearer the knob, the more of it.
// Mean value coordinates: M. Floater, "Mean value coordinates", Computer Aided Geometric Design 20, 2003, eq. 1.
function corners(count) {  // of the unit circle, the first on top
  return Array.from({ length: count }, (_, i) => {
    const angle = 2 * Math.PI * i / count - Math.PI / 2;
    return [Math.cos(angle), Math.sin(angle)];
  });
}
function weights(point, polygon) {
  const to = polygon.map(c => [c[0] - point[0], c[1] - point[1]]), far = to.map(v => Math.hypot(...v));
  const on = far.findIndex(d => d < 1e-6);
  if (on >= 0) return polygon.map((_, i) => Number(i === on));
  const half = to.map((v, i) => {  // tangents of half the angles between corners, seen from the point
    const w = to[(i + 1) % to.length], cross = v[0] * w[1] - v[1] * w[0], dot = v[0] * w[0] + v[1] * w[1];
    return Math.tan(Math.atan2(cross, dot) / 2);
  });
  const raw = far.map((d, i) => (half[(i + half.length - 1) % half.length] + half[i]) / d);
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map(w => within(w / sum));
}
function inside(point, polygon) {  // the point, drawn towards the middle until it is within all edges
  let most = 1;
  polygon.forEach((a, i) => {
    const b = polygon[(i + 1) % polygon.length], normal = [b[1] - a[1], a[0] - b[0]];
    const edge = normal[0] * a[0] + normal[1] * a[1], here = normal[0] * point[0] + normal[1] * point[1];
    if (here > edge * .999) most = Math.min(most, edge * .999 / here);
  });
  return [point[0] * most, point[1] * most];
}
function pad(nodes) {
  const polygon = corners(nodes.length), knob = make("div", "knob"), field = make("div", "pad", knob);
  const points = polygon.map(c => c.join()).join(" ");
  field.insertAdjacentHTML("afterbegin", `<svg viewBox="-1.45 -1.45 2.9 2.9">
    <polygon points="${points}" fill="#12414d44" stroke="#2b6f80" stroke-width=".012"/></svg>`);
  nodes.forEach((node, i) => {
    const name = make("span", "", called(node));
    name.style.setProperty("--hue", hue(i));
    place(name, [polygon[i][0] * 1.22, polygon[i][1] * 1.2]);
    field.append(name);
  });
  let point = [0, 0], sent = 0, held = false;
  function place(element, [x, y]) {  // the drawing keeps its proportions within the field
    element.style.left = `calc(50% + min(50cqw, 50cqh) * ${x / 1.45})`;
    element.style.top = `calc(50% + min(50cqw, 50cqh) * ${y / 1.45})`;
  }
  const radius = () => Math.min(field.clientWidth, field.clientHeight) / 2.9;
  function blend() {
    weights(point, polygon).forEach((w, i) => move(nodes[i], scale(nodes[i]).value(w)));
    sent = 0;
  }
  function go(to) {
    point = inside(to, polygon);
    place(knob, point);
    sent = sent || requestAnimationFrame(blend);
  }
  field.style.containerType = "size";
  drag(knob, field, () => nodes.map(n => n.FULL_PATH), () => { held = true; return point; },
    (start, x, y) => go([start[0] + x / radius(), start[1] + y / radius()]), true);
  for (const end of ["pointerup", "pointercancel"]) knob.addEventListener(end, () => { held = false; });
  field.onclick = e => {
    const box = field.getBoundingClientRect();
    go([(e.clientX - box.left - box.width / 2) / radius(), (e.clientY - box.top - box.height / 2) / radius()]);
  };
  pad.follow = () => {  // another surface, a scene or a tile has moved a share
    if (held || sent) return;
    const shares = nodes.map(n => scale(n).at(values[n.FULL_PATH][0])), sum = shares.reduce((a, b) => a + b, 0);
    point = [0, 1].map(k => sum ? shares.reduce((all, w, i) => all + w * polygon[i][k], 0) / sum : 0);
    place(knob, point);
  };
  return field;
}
