/* What the back office needs beside htmx: the window of a verb, menus that close, the filters of a timeline. */
(() => {
  "use strict";

  // A verb opens in a window over the page; without scripts its link leads to a page of its own.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "wb-window-body") return;
    const dialog = document.getElementById("wb-window");
    if (dialog && !dialog.open) dialog.showModal();
    document.querySelectorAll("details.wb-menu[open]").forEach((menu) => menu.removeAttribute("open"));
    const first = event.detail.target.querySelector(".wb-invalid input, .wb-ask-fields .wb-input, .wb-primary");
    if (first) first.focus();
  });

  // Refused by the server (rights, a lost session): the page itself says it best.
  document.addEventListener("htmx:responseError", (event) => {
    const address = event.detail.elt.getAttribute("href");
    if (address) window.location = address;
    else window.location.reload();
  });

  document.addEventListener("click", (event) => {
    const dialog = document.getElementById("wb-window");
    const closes = event.target.closest(".wb-close");
    if (dialog && dialog.open && (closes || event.target === dialog)) {
      event.preventDefault();
      dialog.close();
    }
    document.querySelectorAll("details.wb-menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
    const chip = event.target.closest(".wb-chip[data-kind]");
    if (chip) toggleKind(chip);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.wb-menu[open]").forEach((menu) => menu.removeAttribute("open"));
  });

  // Another warehouse or return is another question: ask it anew.
  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-reload]");
    if (!field) return;
    const address = new URL(field.form.action, window.location);
    address.searchParams.set(field.name, field.value);
    window.htmx.ajax("GET", address.pathname + address.search, "#wb-window-body");
  });

  // A second press must not do it twice, and work under way must be seen.
  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if (!pressed || !event.target.matches(".wb-bulk")) return;
    pressed.classList.add("wb-busy");
    window.setTimeout(() => { pressed.disabled = true; });
  });

  // htmx sends this one: Enter in a field must not have the browser send it, too.
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".wb-try-form")) event.preventDefault();
  });

  function toggleKind(chip) {
    const pressed = chip.getAttribute("aria-pressed") !== "true";
    chip.setAttribute("aria-pressed", String(pressed));
    const timeline = chip.closest(".wb-timeline");
    const on = new Set([...timeline.querySelectorAll('.wb-chip[aria-pressed="true"]')].map((found) => found.dataset.kind));
    timeline.querySelectorAll(".wb-entry").forEach((entry) => { entry.hidden = !on.has(entry.dataset.kind); });
    timeline.querySelectorAll("li[data-kinds]").forEach((row) => {
      row.hidden = !row.dataset.kinds.split(" ").some((kind) => on.has(kind));
    });
  }
})();
