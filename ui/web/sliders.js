// What scrolls never turns: a finger that goes on to scroll the page has touched a slider by chance, which goes back.

let before = null;

document.addEventListener("pointerdown", e => { before = e.pointerType === "touch" && e.target.type === "range" ? [e.target, e.target.value] : null; }, true);
document.addEventListener("pointercancel", () => {
  if (!before) return;
  const [slider, value] = before;
  before = null;
  setTimeout(() => {  // after what the browser itself makes of the touch
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
}, true);
