// Answers in place: the one form moves below the comment that it answers, and back.
const respond = document.getElementById("respond");
const form = respond?.querySelector(".comment-form");

if (form) {
  const title = document.getElementById("respond-title");
  const parent = form.elements.parent;
  const replying = form.querySelector("[data-replying]");
  const quote = form.querySelector("[data-quote]");
  const points = form.querySelector(".points");
  const home = document.createComment("the form's own place");
  let opener = null;
  respond.before(home);

  const answered = (link) => new URLSearchParams(link.search).get("replytocom");
  const linkTo = (id) => document.querySelector(`.doors a[href="?replytocom=${Number(id) || 0}#respond"]`);

  // The box has the focus, and who is answered is read above it, where both fit into the window.
  const write = () => {
    form.elements.body.focus();
    const top = respond.getBoundingClientRect().top;
    const firstLines = form.elements.body.getBoundingClientRect().top + 100;
    if (top < 0 && firstLines - top < innerHeight) respond.scrollIntoView();
  };

  const open = (link, focus = true) => {
    const article = link.closest("article");
    const name = article.querySelector("h3 bdi").textContent;
    const words = article.querySelector(".words").textContent.trim().replace(/\s+/g, " ");
    opener = link;
    parent.value = answered(link);
    title.textContent = `Reply to ${name}`;
    quote.textContent = words.length > 140 ? `${words.slice(0, 140).replace(/\s\S*$/, "")} …` : words;
    replying.hidden = false;
    article.append(respond);
    // On a phone the box should be in sight together with the one who is answered.
    if (points && matchMedia("(max-width: 48rem)").matches) points.open = false;
    if (focus) write();
    form.dispatchEvent(new CustomEvent("storied:parent"));
  };

  const close = (focus = true) => {
    parent.value = "";
    title.textContent = title.dataset.idle;
    replying.hidden = true;
    home.after(respond);
    form.dispatchEvent(new CustomEvent("storied:parent"));
    if (!focus) return;
    if (opener) opener.focus();
    else form.elements.body.focus();
    opener = null;
  };

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest('.doors a[href^="?replytocom="]');
    if (link) {
      event.preventDefault();
      open(link);
    } else if (event.target.closest("[data-cancel]")) {
      event.preventDefault();
      close();
    }
  });

  respond.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && parent.value && !event.isComposing) close();
  });

  // A draft that was a reply comes back to its place.
  form.addEventListener("storied:restore", (event) => {
    const link = event.detail && linkTo(event.detail);
    if (link) open(link, false);
    else if (parent.value) close(false);
  });

  // The address asked for a reply, on a page that has the comment: then it is answered there.
  const asked = linkTo(parent.value);
  if (asked) open(asked, location.hash === "#respond");
}
