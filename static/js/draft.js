// What is typed survives a closed tab's reload, a wrong click and a slow line: in this tab, until it was sent.
const SENT = "storied:sent";
const key = (post) => `storied:draft:${post}`;
const arrival = performance.getEntriesByType("navigation")[0]?.type;

const store = {
  read(name) {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      if (value === null) sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, JSON.stringify(value));
    } catch {
      // A full or forbidden store: the text is still in its box.
    }
  },
};

// A sent draft is forgotten as soon as another page than the form itself has answered.
const sent = store.read(SENT);
if (sent && !document.querySelector("[data-again]") && arrival !== "back_forward" && arrival !== "reload") {
  store.write(key(sent), null);
}
store.write(SENT, null);
const taken = document.querySelector("[data-taken]");
if (taken) store.write(key(taken.dataset.taken), null);

const form = document.querySelector("form[data-draft]");
if (form) {
  const name = key(form.dataset.draft);
  const { body, parent } = form.elements;
  const status = form.querySelector("[data-status]");
  // Where the article is: the form once more, with what is wrong, stands at an address that only takes forms.
  const page = location.pathname.startsWith("/discussion/") ? store.read(name)?.page : location.pathname;
  let waiting = 0;

  const save = () => {
    clearTimeout(waiting);
    store.write(name, body.value.trim() ? { body: body.value, parent: parent.value, page } : null);
  };

  const draft = store.read(name);
  if (draft?.body && !body.value) {
    body.value = draft.body;
    if (draft.parent && !parent.value) form.dispatchEvent(new CustomEvent("storied:restore", { detail: draft.parent }));
    const discard = document.createElement("button");
    discard.type = "button";
    discard.textContent = "Discard it";
    discard.addEventListener("click", () => {
      body.value = "";
      save();
      status.replaceChildren();
      body.focus();
    });
    status.replaceChildren("Your draft is back. ", discard);
  }

  body.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 500);
  });
  form.addEventListener("storied:parent", save);
  addEventListener("pagehide", save);
  form.addEventListener("submit", (event) => {
    save();
    if (!event.defaultPrevented) store.write(SENT, form.dataset.draft);
  });
}
