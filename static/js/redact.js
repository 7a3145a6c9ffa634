// A passage that is selected in the text goes into the form, with which one of its kind it is. Copying does the same.
const source = document.querySelector("[data-source]");
const passage = document.querySelector("[name=passage]");
const occurrence = document.querySelector("[name=occurrence]");

// Selected at the desk, before this page was asked for.
const carried = () => {
  const name = `storied:passage:${location.pathname}`;
  try {
    const words = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return words;
  } catch {
    return null;
  }
};

const take = () => {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  if (!source.contains(range.commonAncestorContainer)) return;
  const words = range.toString();
  if (!words.trim()) return;
  const before = document.createRange();
  before.setStart(source, 0);
  before.setEnd(range.startContainer, range.startOffset);
  passage.value = words;
  occurrence.value = String(before.toString().split(words).length);
};

if (source && passage && occurrence) {
  passage.value ||= carried() ?? "";
  source.addEventListener("mouseup", take);
  source.addEventListener("keyup", take);
  source.addEventListener("touchend", () => setTimeout(take));
}
