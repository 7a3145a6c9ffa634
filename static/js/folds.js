// For readers without an account: mutes the writer of a comment for them, and folds what stands under a muted name, as
// a member's page comes folded. Names are muted below one article, since a page says no more of a guest than the name.
import { all, begin, below, end } from "./mutes.js";

const guest = document.querySelector("[data-news][data-guest]");
const list = document.querySelector("[data-muted-here]");

if (guest && list) {
  const post = guest.dataset.news;
  const { nobody } = list.dataset;
  const comments = [...document.querySelectorAll("#comments li.comment:not(.own)")];
  const articleOf = (item) => item.querySelector(":scope > article");
  const foldOf = (item) => item.querySelector(":scope > article > .folded");
  const nameOf = (item) => articleOf(item).querySelector("h3 bdi").textContent;
  const numberOf = (item) => item.id.slice("comment-".length);
  // Whoever took their name off shares one with others: then just this comment is meant.
  const writerOf = (item) => {
    const name = nameOf(item);
    return name === nobody ? { post, name, comment: numberOf(item) } : { post, name };
  };
  const isBy = (item) => (mute) =>
    mute.comment === undefined ? mute.name === nameOf(item) : mute.comment === numberOf(item);

  const make = (tag, options, ...children) => {
    const made = Object.assign(document.createElement(tag), options);
    made.append(...children);
    return made;
  };

  const nameFor = (mute) => make("bdi", {}, mute.name);

  const button = (words, aloud, act) => {
    const made = make("button", { type: "button", className: "as-link" }, words);
    made.setAttribute("aria-label", aloud);
    made.addEventListener("click", act);
    return made;
  };

  const readAgain = (mute, place) =>
    button("Read again", `Read ${mute.name} again`, () => {
      end(mute);
      show();
      place().tabIndex = -1;
      place().focus();
    });

  const fold = (item) => {
    const article = articleOf(item);
    const line = make("summary", {}, "A comment by somebody you have muted");
    // The form may stand there, with an answer begun.
    const words = [...article.childNodes].filter((each) => each.id !== "respond");
    article.prepend(make("details", { className: "folded" }, line, ...words));
  };

  const unfold = (item) => {
    const folded = foldOf(item);
    articleOf(item).querySelector(":scope > [role=status]")?.remove();
    folded.querySelector("summary").remove();
    folded.replaceWith(...folded.childNodes);
  };

  const mute = (item) => {
    const whom = writerOf(item);
    if (!begin(whom)) {
      const sorry = "This browser keeps nothing, so nobody can be muted in it.";
      articleOf(item).append(make("p", { className: "hint", role: "status" }, sorry));
      return;
    }
    show();
    const what = whom.comment
      ? ["Muted: this one comment is folded"]
      : ["Muted: what stands under the name ", nameFor(whom), " below this article is folded, whoever uses it"];
    what.push(", in this browser alone. ");
    const said = make("p", { className: "hint", role: "status" }, ...what, readAgain(whom, () => articleOf(item)));
    foldOf(item).after(said);
    foldOf(item).querySelector("summary").focus();
  };

  const door = (item) => {
    const isMuted = foldOf(item) !== null;
    const place = articleOf(item).querySelector(".doors");
    place.querySelector(".mute")?.remove();
    const made = isMuted
      ? readAgain(below(post).find(isBy(item)), () => articleOf(item))
      : button("Mute", `Mute ${nameOf(item)}`, () => mute(item));
    made.className = "mute";
    place.append(" ", made);
  };

  const show = () => {
    const mutes = below(post);
    for (const item of comments) {
      const isMuted = mutes.some(isBy(item));
      if (isMuted === (foldOf(item) !== null) && articleOf(item).querySelector(".mute")) continue;
      if (isMuted && !foldOf(item)) fold(item);
      if (!isMuted && foldOf(item)) unfold(item);
      door(item);
    }
    const first = () => list.querySelector("button") ?? document.getElementById("responses");
    const lines = mutes.map((muted) =>
      make("li", {}, nameFor(muted), muted.comment ? " (one comment) " : " ", readAgain(muted, first)),
    );
    list.querySelector("ul").replaceChildren(...lines);
    list.querySelector("[data-names]").hidden = !lines.length;
    list.hidden = !all().length;
  };

  show();
  // Another tab, or this one when somebody comes back to it.
  addEventListener("storage", show);
  addEventListener("pageshow", (event) => {
    if (event.persisted) show();
  });
}
