// A way to leave at once: the page goes blank, and its place in the history is taken by the one that it leads to.
const WITHIN = 5_000; // milliseconds from one press of Shift to the next
const PRESSES = 3;
const exit = document.querySelector("[data-quick-exit]");

if (exit) {
  const link = exit.querySelector("a");
  const said = exit.querySelector("[data-exit-said]");
  let presses = 0;
  let waiting = 0;

  const leave = () => {
    said.textContent = "Leaving this site.";
    document.documentElement.classList.add("leaving");
    document.title = "";
    // Nobody there learns where one was, whatever this page says of itself.
    const referrer = document.createElement("meta");
    referrer.name = "referrer";
    referrer.content = "no-referrer";
    document.head.append(referrer);
    location.replace(link.href);
  };

  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  const begin = (words) => {
    clearTimeout(waiting);
    presses = 0;
    said.textContent = words;
  };

  // A press is Shift alone: with another key, or held, it writes a capital letter or moves the focus back.
  let isAlone = false;
  addEventListener("keydown", (event) => {
    isAlone = event.key === "Shift" && !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key !== "Shift" && presses) begin("");
  });
  addEventListener("pointerdown", () => {
    isAlone = false;
  });
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !isAlone) return;
    isAlone = false;
    presses += 1;
    if (presses >= PRESSES) {
      leave();
      return;
    }
    const left = PRESSES - presses;
    said.textContent = `Shift. Press it ${left} more time${left === 1 ? "" : "s"} to leave this site.`;
    clearTimeout(waiting);
    waiting = setTimeout(() => begin("Not leaving: too long between the presses of Shift."), WITHIN);
  });

  exit.querySelector("[data-exit-hint]").hidden = !matchMedia("(hover: hover)").matches;
  // Whoever comes back by the browser's own button finds the page as it was.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.documentElement.classList.remove("leaving");
    begin("");
  });
}
