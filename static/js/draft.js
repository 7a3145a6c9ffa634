// What is typed survives a closed tab's reload, a wrong click and a slow line: in this tab, until it was sent. A guest
// may keep it on the device instead; a member's goes along with their account.
import { button, inAccount } from "./account-draft.js";

const SENT = "storied:sent";
const key = (post) => `storied:draft:${post}`;
const arrival = performance.getEntriesByType("navigation")[0]?.type;

const within = (storage) => ({
  read(name) {
    try {
      return JSON.parse(storage().getItem(name));
    } catch {
      return null;
    }
  },
  // Whether it is kept: in a full or forbidden store it is not, and the text is still in its box.
  write(name, value) {
    try {
      if (value === null) storage().removeItem(name);
      else storage().setItem(name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
});
const tab = within(() => sessionStorage);
const device = within(() => localStorage);

// A sent draft is forgotten as soon as another page than the form itself has answered.
const sent = tab.read(SENT);
if (sent && !document.querySelector("[data-again]") && arrival !== "back_forward" && arrival !== "reload") {
  tab.write(key(sent), null);
  device.write(key(sent), null);
}
tab.write(SENT, null);
const taken = document.querySelector("[data-taken]");
if (taken) tab.write(key(taken.dataset.taken), null);

const form = document.querySelector("form[data-draft]");
if (form) {
  const name = key(form.dataset.draft);
  const { body, parent } = form.elements;
  const { account = "" } = form.dataset;
  const status = form.querySelector("[data-status]");
  // Where the article is: the form once more, with what is wrong, stands at an address that only takes forms.
  const page = location.pathname.startsWith("/discussion/") ? tab.read(name)?.page : location.pathname;
  let waiting = 0;
  let onDevice = null;

  const say = (what, onlyIfNothing = false) => {
    if (!onlyIfNothing || !status.textContent.trim()) status.replaceChildren(...[what].flat());
  };

  const put = (text) => {
    body.value = text.body;
    if (String(text.parent ?? "") !== parent.value) {
      form.dispatchEvent(new CustomEvent("storied:restore", { detail: text.parent ?? "" }));
    }
  };

  const keep = () => {
    clearTimeout(waiting);
    const text = body.value.trim() ? { body: body.value, parent: parent.value, page, account } : null;
    if (text && server) Object.assign(text, { mark: server.mark(), unsaved: !server.isSaved() });
    const isOnDevice = Boolean(onDevice?.checked) && device.write(name, text);
    if (onDevice && !isOnDevice) device.write(name, null);
    tab.write(name, isOnDevice ? null : text);
  };

  const server = account ? inAccount(form, { say, put, changed: keep }) : null;

  const discard = () => {
    put({ body: "", parent: parent.value });
    keep();
    server?.save();
    say("");
    body.focus();
  };
  const isBack = () => say(["Your draft is back. ", button("Discard it", discard)]);
  status.querySelector("[data-discard]")?.addEventListener("click", (event) => {
    event.preventDefault();
    discard();
  });

  // A guest may want it to outlive the tab, on a device of their own: asked for once there is something to keep.
  const offerDevice = (isChosen) => {
    if (account || onDevice || !(isChosen || device.write("storied:can", 1))) return;
    device.write("storied:can", null);
    const line = document.createElement("div");
    line.className = "field check keep-here";
    onDevice = document.createElement("input");
    Object.assign(onDevice, { type: "checkbox", id: "keep-here", checked: isChosen });
    onDevice.addEventListener("change", keep);
    const label = document.createElement("label");
    label.htmlFor = onDevice.id;
    label.textContent = "Keep what I type on this device";
    line.append(onDevice, label);
    status.after(line);
  };

  // What this browser has: of another account it is nobody's business here.
  const kept = account ? null : device.read(name);
  let draft = kept ?? tab.read(name);
  if (draft?.account && account && draft.account !== account) {
    tab.write(name, null);
    draft = null;
  }
  if (draft?.body && draft.body !== body.value) {
    const there = { body: body.value, parent: parent.value, draft: server?.mark() };
    const isFromAccount = server && body.value === body.defaultValue && !document.querySelector("[data-again]");
    if (draft.unsaved !== false && (!body.value || isFromAccount)) {
      put({ body: draft.body, parent: parent.value || draft.parent });
      // Built on the very one that the account has, the tab's is only newer than the last save.
      if (there.body && (draft.mark ?? "") !== there.draft) server.meet(there);
      else {
        isBack();
        server?.later();
      }
    }
  }

  if (body.value.trim()) offerDevice(Boolean(kept?.body));

  body.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 500);
    server?.later();
    if (body.value.trim()) offerDevice(false);
  });
  form.addEventListener("storied:parent", () => {
    keep();
    server?.later();
  });
  addEventListener("pagehide", keep);
  form.addEventListener("submit", (event) => {
    keep();
    server?.end();
    if (!event.defaultPrevented) tab.write(SENT, form.dataset.draft);
  });
}
