// Everybody whom this browser has muted, below whatever article, and the way to read each of them again.
import { all, end } from "./mutes.js";

const section = document.querySelector("[data-muted-in-browser]");
const list = section.querySelector("ul");
const nobody = document.querySelector("[data-nobody-here]");

const make = (tag, options, ...children) => {
  const made = Object.assign(document.createElement(tag), options);
  made.append(...children);
  return made;
};

function line(mute) {
  const article = section.dataset.article.replace("0", encodeURIComponent(mute.post));
  const where = mute.comment === undefined ? "whatever stands under this name below " : "one comment below ";
  const said = make("p", {}, make("strong", {}, make("bdi", {}, mute.name)), `: ${where}`);
  said.append(make("a", { href: article }, "this article"), ".");
  const again = make("button", { type: "button", className: "button small" }, "Read again");
  again.setAttribute("aria-label", `Read ${mute.name} again`);
  again.addEventListener("click", () => {
    const place = [...list.children].findIndex((item) => item.contains(again));
    end(mute);
    show();
    document.querySelector("[data-said]").textContent = `You read ${mute.name} again.`;
    const next = list.children[Math.min(place, list.children.length - 1)];
    (next?.querySelector("button") ?? document.querySelector("[data-top]")).focus();
  });
  return make("li", {}, said, again);
}

function show() {
  const mutes = all().reverse();
  list.replaceChildren(...mutes.map(line));
  section.hidden = !mutes.length;
  if (nobody) nobody.hidden = mutes.length > 0;
}

show();
// Another tab, or this one when somebody comes back to it.
addEventListener("storage", show);
addEventListener("pageshow", (event) => {
  if (event.persisted) show();
});
