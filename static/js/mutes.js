// Whom a reader without an account would rather not read: a name below one article, or one comment that names nobody.
// It is kept in this browser alone. A page says no more of a guest than the name, so a name is all there is to go by.
import * as store from "./store.js";

const KEY = "storied:muted";
const MOST = 500; // of more, the oldest go

const isOne = (mute) => typeof mute?.post === "string" && typeof mute.name === "string";
const isSame = (one, other) =>
  one.post === other.post && one.comment === other.comment && (one.comment !== undefined || one.name === other.name);

export const all = () => {
  try {
    return JSON.parse(store.get(KEY) ?? "[]").filter(isOne);
  } catch {
    return [];
  }
};

const keep = (mutes) => store.set(KEY, mutes.length ? JSON.stringify(mutes.slice(-MOST)) : null);

// {post, name, comment}: `comment` only where nothing but that one comment is meant.
export const below = (post) => all().filter((mute) => mute.post === post);
export const end = (mute) => keep(all().filter((other) => !isSame(mute, other)));
export const begin = (mute) => keep([...all().filter((other) => !isSame(mute, other)), mute]);
