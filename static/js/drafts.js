// One's own page lists what was begun in this tab and is neither sent nor in the account: it lies in the browser, and
// nobody else knows of it.
const section = document.querySelector("[data-drafts]");
const place = section?.querySelector("[data-in-this-tab]");

function drafts() {
  try {
    return Object.keys(sessionStorage)
      .filter((name) => name.startsWith("storied:draft:"))
      .map((name) => JSON.parse(sessionStorage.getItem(name)))
      .filter((draft) => draft?.body && draft.page?.startsWith("/") && draft.unsaved !== false);
  } catch {
    return [];
  }
}

for (const { body, page } of place ? drafts() : []) {
  const link = document.createElement("a");
  link.href = new URL(page, location.origin).pathname;
  link.textContent = body.length > 100 ? `${body.slice(0, 100)}…` : body;
  const item = document.createElement("li");
  item.append(link);
  place.querySelector("ul").append(item);
  place.hidden = false;
  section.hidden = false;
}
