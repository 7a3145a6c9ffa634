// Shows what a text will look like without leaving the page. The server makes and cleans the HTML.
const form = document.querySelector("form[data-preview]");
const button = form?.querySelector("[data-preview-button]");

button?.addEventListener("click", async (event) => {
  if (!form.elements.body.value.trim()) return; // the server says it better
  event.preventDefault();
  const box = form.querySelector("[data-preview-box]");
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(answer.statusText);
    const { html } = await answer.json();
    const parsed = new DOMParser().parseFromString(html, "text/html");
    box.querySelector(".words").replaceChildren(...parsed.body.childNodes);
    box.hidden = false;
    box.focus();
    box.scrollIntoView({ block: "nearest" });
  } catch {
    const asked = document.createElement("input");
    asked.type = "hidden";
    asked.name = "preview";
    asked.value = "1";
    form.append(asked);
    form.submit();
  } finally {
    button.removeAttribute("aria-disabled");
  }
});
