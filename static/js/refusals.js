// Choosing words for a refusal puts them into the box, to be changed there. Without this, they are filled in on sending.
for (const select of document.querySelectorAll("select[data-words-for]")) {
  const box = document.getElementById(select.dataset.wordsFor);
  let put = "";
  select.addEventListener("change", () => {
    // What a moderator has typed is never lost.
    if (!box || (box.value && box.value !== put)) return;
    put = select.selectedOptions[0]?.dataset.words ?? "";
    box.value = put;
  });
}
