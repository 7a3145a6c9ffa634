// A table that is wider than its page scrolls; with this, by keys too in every browser.
const look = () => {
  for (const table of document.querySelectorAll(".prose table")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
    else table.removeAttribute("tabindex");
  }
};

look();
addEventListener("resize", look);
