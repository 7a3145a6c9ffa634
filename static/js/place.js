// Where somebody is in a long discussion, and the way back there when they open it again.
const FAR = 10; // comments before it: less is no way worth showing

// The way back is shown in `door`; `go` leads to a comment of this page.
export const lookout = (section, comments, door, go) => {
  const articles = comments.map((item) => item.querySelector(":scope > article"));
  // Whether the discussion begins, and ends, on this page.
  const isFirst = section.querySelector("nav.pager [rel=prev]") === null;
  const isLast = section.querySelector("nav.pager [rel=next]") === null;

  // Articles stand below each other, so the one in the middle of the window is found by halving.
  const inTheMiddle = () => {
    let from = 0;
    let to = articles.length;
    while (from < to) {
      const half = (from + to) >> 1;
      if (articles[half].getBoundingClientRect().top <= innerHeight / 2) from = half + 1;
      else to = half;
    }
    return from - 1;
  };

  // The comment that somebody looks at; null at the end, where nothing is left; undefined near the beginning, which
  // says nothing, since everybody begins there.
  const look = () => {
    const at = inTheMiddle();
    if (at < 0 || (isFirst && at < FAR)) return undefined;
    if (isLast && articles.at(-1).getBoundingClientRect().bottom <= innerHeight) return null;
    return comments[at].id.slice("comment-".length);
  };

  const inWords = (item) => {
    const root = section.querySelector("ol.thread").contains(item) && item.closest("ol.thread > li");
    const number = parseInt(root?.querySelector(":scope > article h3 .number")?.textContent, 10);
    if (!number) return "";
    return item === root ? ` (comment ${number})` : ` (below comment ${number})`;
  };

  // A link to a comment where somebody was, or nothing where that leads nowhere.
  const wayBack = (number) => {
    const at = comments.findIndex((item) => item.id === `comment-${number}`);
    const isElsewhere = at < 0 && !(isFirst && isLast);
    if (!isElsewhere && (at < 0 || (isFirst && at < FAR))) return null;
    const link = document.createElement("a");
    link.href = isElsewhere ? `/comment/${number}/` : `#comment-${number}`;
    link.textContent = `Back to where you were${isElsewhere ? ", on another page" : inWords(comments[at])}`;
    return link;
  };

  // Not to whoever follows a link to one comment: they know where they want to be.
  const offerWayBack = (number) => {
    const link = number && ["", "#comments"].includes(location.hash) ? wayBack(number) : null;
    door.replaceChildren(...(link ? [link] : []));
    door.hidden = !link;
  };

  door.addEventListener("click", (event) => {
    const item = event.target.hash && document.getElementById(event.target.hash.slice(1));
    if (!item) return;
    event.preventDefault();
    go(item);
    offerWayBack(null);
  });

  return { look, offerWayBack };
};
