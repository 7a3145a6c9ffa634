// Name, e-mail and site are kept on this device only where the box was ticked.
import { names, set } from "./store.js";

const KEY = "storied:me";
const form = document.querySelector(".comment-form");
const fields = ["name", "email", "url"].map((name) => form?.elements.namedItem(name)).filter(Boolean);
const remember = form?.elements.namedItem("remember");

if (remember) {
  let known = null;
  try {
    known = JSON.parse(localStorage.getItem(KEY));
  } catch {
    // Nothing is kept here.
  }
  if (known) {
    for (const field of fields) field.value ||= known[field.name] ?? "";
    remember.checked = true;
  }
  form.addEventListener("submit", () => {
    try {
      if (remember.checked) {
        const me = Object.fromEntries(fields.map((field) => [field.name, field.value]));
        localStorage.setItem(KEY, JSON.stringify(me));
      } else localStorage.removeItem(KEY);
    } catch {
      // A device that keeps nothing.
    }
  });
}

for (const forget of document.querySelectorAll("form[data-forget]")) {
  forget.addEventListener("submit", () => {
    for (const name of [KEY, ...names("storied:draft:")]) set(name, null);
  });
}
