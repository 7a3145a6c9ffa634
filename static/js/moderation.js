// Keys for the queue, and one box that chooses all. Everything works without.
const OFF = "storied:keys-off";
const cards = [...document.querySelectorAll("[data-card]")];
const hint = document.querySelector("[data-keys]");
let here = -1;

// Whoever has keys should see which ones do something.
if (hint && matchMedia("(hover: hover)").matches) hint.hidden = false;

const all = document.querySelector("[data-all]");
if (all) {
  all.hidden = false;
  const boxes = [...document.querySelectorAll("[data-choose]")];
  const one = all.querySelector("input");
  one.addEventListener("change", () => {
    for (const box of boxes) box.checked = one.checked;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose]")) one.checked = boxes.every((box) => box.checked);
  });
}

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
};

const go = (to) => {
  if (!cards.length) return;
  cards[here]?.removeAttribute("data-here");
  here = Math.max(0, Math.min(cards.length - 1, to));
  cards[here].setAttribute("data-here", "");
  cards[here].focus({ preventScroll: true });
  cards[here].scrollIntoView({ block: "nearest" });
};

const press = (selector) => cards[here]?.querySelector(selector)?.click();

const DOES = {
  j: () => go(here + 1),
  k: () => go(here - 1),
  a: () => press("button.approve, button.keep"),
  s: () => press('button[value^="mark_spam"]'),
  x: () => press("[data-choose]"),
  d: () => {
    const details = cards[here]?.querySelector(".with-grounds");
    if (!details) return;
    details.open = true;
    details.querySelector("select").focus();
  },
  z: () => document.querySelector("[data-undo]")?.click(),
  "?": () => {
    if (hint) hint.hidden = !hint.hidden;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // Enter in a box would press the form's first button.
  if (event.key === "Enter" && event.target.matches("input[type=checkbox]")) event.preventDefault();
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key !== "?" && isOff()) return;
  const does = DOES[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

const off = document.querySelector("[data-keys-off]");
if (off) {
  const label = () => {
    off.textContent = isOff() ? "Switch keys on" : "Switch keys off";
  };
  label();
  off.addEventListener("click", () => {
    try {
      if (isOff()) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "yes");
    } catch {
      // Not kept.
    }
    label();
  });
}
