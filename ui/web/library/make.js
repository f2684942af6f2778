// Elements, and what is said on them.

import { clock, t } from "../words.js";

export function make(kind, name, ...children) {
  const e = document.createElement(kind);
  if (name) e.className = name;
  e.append(...children.filter(child => child !== null && child !== undefined));
  return e;
}

export function button(name, text, act, label) {
  const e = make("button", name, text);
  e.onclick = act;
  if (label) { e.setAttribute("aria-label", label); e.title = label; }
  return e;
}

export function select(label, options, value, change) {  // options: [[value, text], ...]
  const e = make("select", "small");
  e.setAttribute("aria-label", label);
  for (const [v, text] of options) {
    const option = make("option", "", text);
    option.value = v;
    e.append(option);
  }
  e.value = value;
  e.onchange = () => change(e.value);
  return e;
}

export function slider(label, value, change) {  // 0 to 1
  const e = make("input");
  Object.assign(e, { type: "range", min: 0, max: 1, step: .01, value });
  e.setAttribute("aria-label", label);
  e.onchange = () => change(Number(e.value));
  return e;
}

export const section = (title, ...children) => make("section", "", make("h2", "", title), ...children);
export const quiet = text => make("p", "quiet", text);
export const minutes = seconds => clock(Math.round(seconds)).replace(/\.0$/, "");

export function hours(seconds) {
  return seconds < 3600 ? t("{0} min", Math.round(seconds / 60)) : t("{0} h", (seconds / 3600).toFixed(1));
}

const trouble = () => document.getElementById("trouble");
let fades = 0;
export function say(text) {  // what went wrong, for a while
  trouble().textContent = text || "";
  trouble().hidden = !text;
  trouble().onclick = () => say();
  clearTimeout(fades);
  if (text) fades = setTimeout(() => say(""), 12_000);
}

export const safely = act => async (...given) => {  // a refusal is a sentence
  try {
    await act(...given);
  } catch (error) {
    say(error.message);
  }
};
