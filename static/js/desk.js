// The desk by keyboard, with one box that chooses all, and a look at who else is looking. Everything works without.
const OFF = "storied:keys-off";
const PLACE = "storied:desk-place";
const PASSAGE = "storied:passage:";
const ASK_EVERY = 20_000; // milliseconds
const cards = [...document.querySelectorAll("[data-card]")];
const form = document.querySelector("[data-queue]");
let here = -1;
// A refusal that waits for its clause: where to choose it, and the button that refuses.
let refusing = null;

const remembered = {
  get: (store, key) => {
    try {
      return store.getItem(key);
    } catch {
      return null;
    }
  },
  set: (store, key, value) => {
    try {
      if (value === null) store.removeItem(key);
      else store.setItem(key, value);
    } catch {
      // Not kept.
    }
  },
};

// On a narrow screen the tabs are one line that scrolls: the present one is in sight.
const tab = document.querySelector(".tabs [aria-current]");
const tabs = tab?.closest("ul");
if (tab && tab.offsetLeft + tab.offsetWidth > tabs.offsetLeft + tabs.clientWidth) {
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft;
}

// --- Choosing ---------------------------------------------------------------------------------------------

const boxes = [...document.querySelectorAll("[data-choose]")];
const chosen = () => boxes.filter((box) => box.checked).length;
const all = document.querySelector("[data-all]");
const howMany = document.querySelector("[data-how-many]");

const count = () => {
  if (howMany) {
    howMany.hidden = !chosen();
    howMany.textContent = String(chosen());
  }
  if (all) all.querySelector("input").checked = boxes.length > 0 && boxes.every((box) => box.checked);
};

if (all) {
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of boxes) box.checked = event.target.checked;
    count();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose]")) count();
  });
  count();
}

// --- Where one is ------------------------------------------------------------------------------------------

const go = (to) => {
  if (!cards.length) return;
  cards[here]?.removeAttribute("data-here");
  refusing = null;
  here = Math.max(0, Math.min(cards.length - 1, to));
  cards[here].setAttribute("data-here", "");
  cards[here].focus({ preventScroll: true });
  cards[here].scrollIntoView({ block: "nearest" });
};

// A decision leads back to this page: then one goes on where one was.
const back = remembered.get(sessionStorage, PLACE)?.split(" ");
remembered.set(sessionStorage, PLACE, null);
if (back && back[0] === location.pathname && Number(back[1]) >= 0) go(Number(back[1]));
document.addEventListener("submit", () => {
  if (here >= 0) remembered.set(sessionStorage, PLACE, `${location.pathname} ${here}`);
});

const find = (selector) => cards[here]?.querySelector(selector);
const press = (selector) => find(selector)?.click();

// Who presses n where there is nobody to make a note about types on all the same: until they pause, no letter is a key.
const PAUSE = 1_500; // milliseconds
let restsUntil = 0;

const open = (selector) => {
  const there = find(selector);
  const details = there?.closest("details");
  if (!there) {
    restsUntil = Date.now() + PAUSE;
    return;
  }
  if (details) details.open = true;
  there.focus();
};

// --- Refusing: r, then the number of a clause, then Enter ---------------------------------------------------

// Where there are ten clauses and more, two digits one after the other are one number.
const TOGETHER = 1_500; // milliseconds

const refuse = () => {
  const select = find('select[name^="clause_"]');
  const details = select?.closest("details");
  if (!details) {
    open(".closing :is(input:not([type=hidden]), select, textarea)"); // in Care, what was done
    return;
  }
  details.open = true;
  details.querySelector("summary").focus();
  refusing = { details, select, button: details.querySelector("button.danger"), typed: "", at: 0 };
};

const refuseAll = () => {
  const select = form?.querySelector('select[name="clause_all"]');
  if (!select || !chosen()) return;
  const details = select.closest("details");
  const action = form.querySelector("[data-bulk]");
  action.value = "reject";
  details.open = true;
  details.querySelector("summary").focus();
  refusing = { details, select, button: form.querySelector("[data-apply]"), typed: "", at: 0 };
};

const forClause = (digit) => {
  const { select, button } = refusing;
  const called = (number) => [...select.options].find((option) => option.text.startsWith(`${number}. `));
  const longer = Date.now() - refusing.at < TOGETHER ? refusing.typed + digit : "";
  const typed = longer && called(longer) ? longer : digit;
  const named = called(typed);
  if (typed !== "0" && !named) return;
  refusing.typed = typed;
  refusing.at = Date.now();
  select.value = named ? named.value : "";
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: "nearest" });
};

const allAs = (action) => {
  const select = form?.querySelector("[data-bulk]");
  if (!select || !chosen() || ![...select.options].some((option) => option.value === action)) return;
  select.value = action;
  form.querySelector("[data-apply]").click();
};

const redact = () => {
  const link = find("[data-redact]");
  if (!link) return;
  const selection = getSelection();
  const words = find("[data-words]");
  const taken = selection.rangeCount && words?.contains(selection.getRangeAt(0).commonAncestorContainer);
  const passage = taken ? selection.toString().trim() : "";
  // In this tab alone: what is to be taken out stands in no address, no history and no server's log.
  if (passage) remembered.set(sessionStorage, PASSAGE + link.pathname, passage);
  location.href = link.href;
};

const undo = () => document.querySelector("[data-undo]")?.click();
const help = document.querySelector("[data-help]");

const DOES = {
  j: () => go(here + 1),
  k: () => go(here - 1),
  a: () => press(find("button.keep") ? "button.keep" : 'button[value^="approve"]:not(details *)'),
  r: refuse,
  s: () => press('button[value^="mark_spam"]'),
  h: () => press('button[value^="hold"]'),
  e: redact,
  m: () => (find("[data-suggested]") ? press("[data-suggested]") : open("[data-under]")),
  p: () => (find("[data-reply]") ? press("[data-reply]") : open(".answer textarea")),
  n: () => open("[data-about]"),
  c: () => press("[data-claim]"),
  o: () => press("[data-open]"),
  x: () => press("[data-choose]"),
  u: undo,
  z: undo,
  A: () => allAs(form?.querySelector('[data-bulk] option[value="keep"]') ? "keep" : "approve"),
  R: refuseAll,
  S: () => allAs("mark_spam"),
  H: () => allAs("hold"),
  "?": () => help?.showModal(),
};

// --- Keys ---------------------------------------------------------------------------------------------------

const isOff = () => remembered.get(localStorage, OFF) === "yes";
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  // Enter in a box would press the form's first button.
  if (event.key === "Enter" && event.target.matches("input[type=checkbox]")) event.preventDefault();
  if (event.target.closest(TYPING)) return;
  if (isOff()) return;
  if (Date.now() < restsUntil && event.key.length === 1) {
    restsUntil = Date.now() + PAUSE;
    return;
  }
  if (refusing && event.key === "Escape") {
    refusing.details.open = false;
    go(here);
    return;
  }
  if (refusing && /^[0-9]$/.test(event.key)) {
    event.preventDefault();
    forClause(event.key);
    return;
  }
  const does = DOES[event.key];
  if (!does || (event.repeat && !"jk".includes(event.key))) return;
  event.preventDefault();
  does();
});

const line = document.querySelector("[data-keys]");
const off = document.querySelector("[data-keys-off]");
if (line && off) {
  // Whoever has keys should see which ones do something.
  line.hidden = !matchMedia("(hover: hover)").matches;
  document.querySelector("[data-keys-help]").addEventListener("click", () => help.showModal());
  const label = () => {
    off.textContent = isOff() ? "Switch keys on" : "Switch keys off";
  };
  label();
  off.addEventListener("click", () => {
    remembered.set(localStorage, OFF, isOff() ? null : "yes");
    label();
  });
}

// --- Who else is looking --------------------------------------------------------------------------------------

const LOOKING = "/moderation/looking/";

// Whoever opens the way to a refusal is about to decide: the others see it.
document.addEventListener(
  "toggle",
  (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card || !event.target.matches("details.with-grounds") || !event.target.open) return;
    const body = new FormData();
    body.append("comment", card.dataset.number);
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    fetch(LOOKING, { method: "POST", body }).catch(() => {});
  },
  true,
);

const showLookers = (names) => {
  for (const card of cards) {
    const head = card.querySelector("header");
    if (!head) continue;
    let badge = head.querySelector(".looking");
    const name = names[card.dataset.number];
    if (name && !badge) {
      badge = document.createElement("span");
      badge.className = "badge looking";
      head.append(badge);
    }
    if (badge && name) badge.textContent = `${name} looks at it`;
    else if (badge && badge.dataset.own === undefined) badge.remove();
  }
};

if (form && cards.length) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(`${LOOKING}?of=${cards.map((card) => card.dataset.number).join(",")}`);
      if (answer.ok) showLookers(await answer.json());
    } catch {
      // The next time.
    }
  }, ASK_EVERY);
}
