// What is new since the last visit: marks, ways to jump, and what was read. For members the page comes with its marks;
// for everybody else this browser alone knows, in its own storage, and nothing is kept before somebody has read.
import { lookout } from "./place.js";
import { has, join, of, read, without, write } from "./seen.js";
import * as store from "./store.js";

const MINUTE = 60_000; // milliseconds
const ABSENCE = 30 * MINUTE; // ends a visit
const AGAIN = 10 * MINUTE; // a visit that goes on is noted again
const DWELL = 5_000; // in sight for so long, it was read
const MOST_DISCUSSIONS = 100;
const KEPT = 365 * 24 * 60 * MINUTE;
const PLACE = "storied:read:";
const NOT_WANTED = "storied:read-off";
const KEYS_OFF = "storied:keys-off";

const news = document.querySelector("[data-news]");
const section = document.getElementById("comments");

if (news && section) {
  const isGuest = news.dataset.guest !== undefined;
  const comments = [...section.querySelectorAll("li.comment")];
  const numberOf = (item) => Number(item.id.slice("comment-".length));
  const form = news.querySelector("form");
  const find = (name) => news.querySelector(`[data-${name}]`);
  const say = (words) => {
    find("said").textContent = words;
  };
  // The newest comments on the discussion's other pages, as far as they are new.
  let elsewhere = [];
  let fresh = comments.filter((item) => item.classList.contains("new"));
  let here = -1;
  const { look, offerWayBack } = lookout(section, comments, news.querySelector("[data-back]"), (item) => go(item));
  // Where somebody is as far as that is noted, and as far as it is known.
  let notedPlace;
  let place;

  // --- Jumping -----------------------------------------------------------------------------------------------

  const go = (item) => {
    const article = item.querySelector(":scope > article");
    here = fresh.indexOf(item);
    say("");
    article.tabIndex = -1;
    article.focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
  };

  const step = (by) => {
    const item = fresh[here < 0 ? 0 : here + by];
    if (item) go(item);
    else say(by > 0 ? "That was the last new one." : "That was the first new one.");
  };

  const leadsTo = (link) => fresh.find((item) => link.hash === `#${item.id}`);

  section.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a.next-new, [data-line] a");
    const item = link && leadsTo(link);
    if (item) {
      event.preventDefault();
      go(item);
    }
  });
  section.addEventListener("focusin", (event) => {
    const at = fresh.indexOf(event.target.closest("li.comment"));
    if (at >= 0) here = at;
  });
  for (const button of news.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }

  const keysAreOff = () => store.get(KEYS_OFF) === "yes";
  const TYPING = "input, textarea, select, dialog, [contenteditable]";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    if (!fresh.length || !"np".includes(event.key) || event.key.length > 1) return;
    if (event.target.closest?.(TYPING) || keysAreOff()) return;
    event.preventDefault();
    step(event.key === "n" ? 1 : -1);
  });

  const showKeys = () => {
    find("keys-on").hidden = keysAreOff();
    find("keys-off").textContent = keysAreOff() ? "Switch the keys n and p on" : "Switch keys off";
  };
  find("keys-off").addEventListener("click", () => {
    store.set(KEYS_OFF, keysAreOff() ? null : "yes");
    showKeys();
  });

  const showWays = () => {
    find("doors").hidden = !fresh.length && !elsewhere.length && !find("line").querySelector("a");
    find("steps").hidden = !fresh.length;
    // Whoever has keys should see what they do.
    find("keys").hidden = !fresh.length || !matchMedia("(hover: hover)").matches;
    showKeys();
  };

  // --- Marks ---------------------------------------------------------------------------------------------------

  const mark = (item, following) => {
    const article = item.querySelector(":scope > article");
    const word = document.createElement("strong");
    word.className = "is-new";
    word.textContent = "New";
    item.classList.add("new");
    article.querySelector("h3").prepend(word, " ");
    if (!following) return;
    const link = document.createElement("a");
    link.className = "next-new";
    link.href = `#${following.id}`;
    link.textContent = "Next new";
    article.querySelector(".doors").append(" ", link);
  };

  const clear = () => {
    for (const item of fresh) {
      item.classList.remove("new");
      item.querySelector(":scope > article h3 > .is-new").remove();
      item.querySelector(":scope > article .doors > .next-new")?.remove();
    }
    fresh = [];
    elsewhere = [];
    here = -1;
    find("line").textContent = "All marked as read.";
    say("");
    showWays();
    find("line").tabIndex = -1;
    find("line").focus();
  };

  const since = (moment) => {
    const day = new Date(moment);
    const now = new Date();
    const inWords = (options) => new Intl.DateTimeFormat("en-US", options).format(day);
    if (day.toDateString() === now.toDateString()) {
      return `today at ${inWords({ hour: "numeric", minute: "2-digit" }).toLowerCase()}`;
    }
    const year = day.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
    return inWords({ weekday: "long", month: "long", day: "numeric", ...year });
  };

  const isOfMany = section.querySelector("nav.pager") !== null;
  const linkTo = (address, words) => {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = words;
    return link;
  };

  const announce = (moment) => {
    const words = [];
    if (fresh.length) words.push(linkTo(`#${fresh[0].id}`, `${fresh.length} new`), isOfMany ? " on this page" : "");
    if (elsewhere.length) {
      const many = `${elsewhere.length}${fresh.length ? "" : " new"} on other pages`;
      words.push(fresh.length ? ", " : "", linkTo(`/comment/${elsewhere[0]}/`, many));
    }
    if (!words.length) words.push("Nothing new");
    find("line").replaceChildren(...words, ` since ${since(moment)}`);
    news.hidden = false;
    fresh.forEach((item, place) => mark(item, fresh[place + 1]));
  };

  // --- What this browser knows --------------------------------------------------------------------------------

  const key = PLACE + news.dataset.news;
  const remembering = section.querySelector("[data-remembering]");

  // {first, since, last: milliseconds; before, during: sets; at: a comment's number, if any}, or null.
  const known = () => {
    try {
      const kept = JSON.parse(store.get(key));
      const { first, since, last } = kept;
      if (![first, since, last].every(Number.isFinite)) return null;
      const at = /^\d{1,18}$/.test(kept.at) ? kept.at : null;
      return { first, since, last, before: read(kept.before), during: read(kept.during), at };
    } catch {
      return null;
    }
  };

  const keep = (visit) => store.set(key, JSON.stringify({ ...visit, before: write(visit.before), during: write(visit.during) }));

  // The visit as it is now: half an hour of absence ended the one before.
  const current = () => {
    const visit = known();
    if (!visit || Date.now() - visit.last <= ABSENCE) return visit;
    return { ...visit, since: visit.last, before: join(visit.before, visit.during), during: [] };
  };

  const discussionsHere = () => store.names(PLACE);

  const prune = () => {
    const ages = discussionsHere().map((name) => {
      try {
        return [JSON.parse(store.get(name)).last || 0, name];
      } catch {
        return [0, name];
      }
    });
    ages.sort((a, b) => b[0] - a[0]);
    const now = Date.now();
    ages.forEach(([last, name], place) => {
      if (place >= MOST_DISCUSSIONS || now - last > KEPT) store.set(name, null);
    });
  };

  const onOtherPages = () => {
    try {
      return read(section.dataset.elsewhere ?? "");
    } catch {
      return [];
    }
  };

  const isWanted = () => store.get(NOT_WANTED) !== "yes";

  const showRemembering = () => {
    remembering.hidden = isWanted() && !known();
    remembering.querySelector("[data-remembers]").hidden = !isWanted();
    remembering.querySelector("[data-forgot]").hidden = isWanted();
  };

  const noteHere = (allRead) => {
    if (!isWanted()) return;
    const now = Date.now();
    const shown = of(comments.map(numberOf));
    const visit = current() ?? { first: now, since: now, before: join(shown, onOtherPages()), during: [] };
    if (place !== undefined) visit.at = place;
    notedPlace = place;
    if (allRead) keep({ ...visit, last: now, before: join(visit.before, visit.during, shown, of(elsewhere)), during: [] });
    else keep({ ...visit, last: now, during: join(visit.during, without(shown, visit.before)) });
    prune();
    showRemembering();
  };

  const noteInAccount = (allRead) => {
    const body = new FormData(form);
    if (allRead) body.append("all_read", "1");
    if (place !== undefined) body.append("place", place ?? "end");
    notedPlace = place;
    return fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
  };

  if (isGuest) {
    const visit = isWanted() && current();
    if (visit) {
      // In a discussion of one page whatever was not seen is new, also what was held for long. Of more pages some may
      // never have been opened: there only what was written since the first visit counts.
      const writtenAt = (item) => Date.parse(item.querySelector(".when time").dateTime);
      fresh = comments.filter(
        (item) =>
          !item.classList.contains("own") &&
          !item.querySelector(":scope > article > .folded") &&
          !has(visit.before, numberOf(item)) &&
          (!isOfMany || writtenAt(item) >= visit.first - MINUTE),
      );
      elsewhere = onOtherPages().flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, place) => first + place).filter((n) => !has(visit.before, n)),
      );
      announce(visit.since);
      offerWayBack(visit.at);
    }
    showRemembering();
    remembering.querySelector("[data-forget-read]").addEventListener("click", () => {
      for (const name of discussionsHere()) store.set(name, null);
      store.set(NOT_WANTED, "yes");
      if (fresh.length) clear();
      news.hidden = true;
      place = undefined;
      showRemembering();
      remembering.querySelector("[data-forgot]").focus();
    });
    remembering.querySelector("[data-remember-read]").addEventListener("click", () => {
      store.set(NOT_WANTED, null);
      noteHere(false);
      remembering.querySelector("[data-forget-read]").focus();
    });
  }
  if (!isGuest) offerWayBack(news.dataset.place);
  showWays();

  find("all-read").addEventListener("click", async (event) => {
    if (isGuest) noteHere(true);
    else {
      event.preventDefault();
      const answer = await noteInAccount(true).catch(() => null);
      if (!answer?.ok) {
        say("This could not be stored just now. Please try again.");
        return;
      }
    }
    clear();
  });

  // --- Reading ---------------------------------------------------------------------------------------------------

  let inSight = false;
  let isActive = true;
  let readFor = 0;
  let noted = 0;
  // What is known of already need not be noted at once, but again while the visit goes on.
  if (form && form.dataset.toBeNoted === undefined) noted = Date.now();

  new IntersectionObserver(
    (entries) => {
      inSight = entries.at(-1).isIntersecting;
    },
    { rootMargin: "0px 0px -25% 0px" },
  ).observe(section);
  for (const name of ["scroll", "pointerdown", "keydown"]) {
    addEventListener(
      name,
      () => {
        isActive = true;
      },
      { passive: true },
    );
  }

  setInterval(() => {
    if (document.hidden || !inSight) return;
    readFor += 1_000;
    if (readFor < DWELL) return;
    const seen = look();
    if (seen !== undefined) place = seen;
    if (isGuest && noted && place !== notedPlace) noteHere(false);
    if (noted && (!isActive || Date.now() - noted < AGAIN)) return;
    noted = Date.now();
    isActive = false;
    if (isGuest) noteHere(false);
    else if (form) noteInAccount(false).catch(() => {});
  }, 1_000);

  // A browser's own storage costs nothing; an account is told where its holder was when they leave.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && form && news.dataset.place !== undefined && noted && place !== notedPlace) {
      noteInAccount(false).catch(() => {});
    }
  });
}
