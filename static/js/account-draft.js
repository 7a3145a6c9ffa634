// What a member types goes along with their account while they type, so that it is there on their other devices. Each
// save says which state it is built on; where another device was first, both texts are offered and none is lost.
const EACH = 3_000; // milliseconds
const LATER = 20_000; // after a line that failed
const MOST_BYTES = 60_000; // of what a browser still sends while a page goes away

export function inAccount(form, { say, changed, put }) {
  const { body, parent, draft: mark, page: opened } = form.elements;
  const page = Array.from(crypto.getRandomValues(new Uint32Array(4)), (number) => number.toString(36)).join("-");
  // Said with the form, too: what was saved on a bad line is known by it once it is sent.
  opened.value = page;
  const typed = () => `${parent.value}\n${body.value}`;
  let saved = typed();
  let ended = null;
  let waiting = 0;
  let sending = null;
  let stopped = false;
  let hasSaid = false;

  const later = (milliseconds = EACH) => {
    if (!waiting && !stopped) waiting = setTimeout(save, milliseconds);
  };

  async function save() {
    clearTimeout(waiting);
    waiting = 0;
    if (stopped || typed() === saved || typed() === ended) return;
    const now = typed();
    const what = new FormData();
    const said = { body: body.value, parent: parent.value, draft: mark.value, page };
    said.csrfmiddlewaretoken = form.elements.csrfmiddlewaretoken.value;
    for (const [name, value] of Object.entries(said)) what.append(name, value);
    const mine = new AbortController();
    sending = mine;
    let answer;
    try {
      answer = await fetch(form.dataset.save, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: what,
        keepalive: new Blob([body.value]).size < MOST_BYTES,
        signal: mine.signal,
      });
    } catch {
      if (!mine.signal.aborted) later(LATER);
      return;
    }
    // A later one has been sent meanwhile, as the page went out of sight: its answer counts.
    if (sending !== mine) return;
    if (answer.status === 204) {
      mark.value = answer.headers.get("Draft-Mark") ?? "";
      saved = now;
      changed();
      if (mark.value && !hasSaid) say("Kept in your account, for you alone, until you send it.", true);
      hasSaid = true;
    } else if (answer.status === 409) {
      meet(await answer.json());
    } else if (answer.status === 422) {
      say((await answer.json()).message);
    } else if (answer.status === 429 || answer.status >= 500) {
      later(LATER);
    } else if (!hasSaid) {
      // Logged out meanwhile, perhaps: the tab keeps it, and the form says more when it is sent.
      hasSaid = true;
      say("It cannot be kept in your account at the moment. This tab keeps it.");
    }
    if (typed() !== now) later();
  }

  // Another device was first.
  function meet(there) {
    if (!there.body) {
      // It has sent or discarded what was there; what stands here is neither.
      mark.value = "";
      if (body.value.trim()) save();
      return;
    }
    stopped = true;
    const beginning = there.body.length > 120 ? `${there.body.slice(0, 120)}…` : there.body;
    say([
      `There is a newer draft from another device. It begins: “${beginning}” `,
      button("Use it", () => {
        const mine = { body: body.value, parent: parent.value };
        put(there);
        settle(there.draft, typed());
        const back = button("Back to what I had typed here", () => {
          put(mine);
          say("");
          settle(mark.value, saved);
        });
        say(["This is the newer draft. ", back]);
      }),
      " ",
      button("Keep this one", () => {
        say("");
        settle(there.draft, "");
      }),
    ]);
  }

  function settle(known, asSaved) {
    mark.value = known;
    saved = asSaved;
    stopped = false;
    changed();
    save();
    body.focus();
  }

  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
  addEventListener("pagehide", save);

  return {
    later,
    save,
    meet,
    mark: () => mark.value,
    isSaved: () => typed() === saved,
    // The form is on its way: what stands in it is no draft any more, unless somebody goes on with it.
    end() {
      clearTimeout(waiting);
      waiting = 0;
      sending?.abort();
      sending = null;
      ended = typed();
    },
  };
}

export function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}
