// One of a few choices, as buttons side by side. They stay while their words change, so that the focus stays on them.

// choices: [value, title, small print]; pick is told the value of the one that is pressed.
export function segments(element, choices, chosen, pick) {
  if (element.children.length !== choices.length) element.replaceChildren(...choices.map(() => document.createElement("button")));
  choices.forEach(([value, title, about], i) => {
    const button = element.children[i], small = document.createElement("small");
    small.textContent = about || "";
    button.replaceChildren(title, ...(about ? [small] : []));
    button.setAttribute("aria-pressed", value === chosen);
    button.dataset.value = value;
    button.onclick = () => pick(value);
  });
}
