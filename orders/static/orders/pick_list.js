/* A pick list on a tablet: each scan counts a unit of the first order that wants it. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const { say, post, queue, askShort } = window.wbScanner;
  const page = document.querySelector("[data-pick-list]");
  const scan = page && page.querySelector("[data-scan]");
  if (!scan) return;
  const field = scan.querySelector("input");

  function show(list) {
    list.tasks.forEach((task) => {
      const row = page.querySelector(`[data-task="${task.id}"]`);
      if (!row) return;
      row.querySelector("[data-done]").textContent = task.picked;
      row.querySelector("[data-short-units]").textContent = task.short ? `${task.short} short` : "";
      row.dataset.left = task.left;
      row.classList.toggle("wb-done", task.left === 0);
      row.classList.toggle("wb-now", task.id === list.task);
      if (task.id === list.task) row.scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    if (list.state === "picking") document.querySelector("[data-state] .wb-pill").textContent = "Picking";
    page.querySelector("[data-bar]").value = list.picked;
    const short = list.short ? `, ${list.short} short` : "";
    page.querySelector("[data-counted]").textContent = `${list.picked} of ${list.units} picked${short}`;
    if (list.state === "done") finish(list);
  }

  function finish(list) {
    scan.hidden = true;
    page.querySelectorAll(".wb-line-verbs").forEach((verbs) => { verbs.hidden = true; });
    document.querySelectorAll(".wb-head-verbs form").forEach((form) => { form.hidden = true; });
    document.querySelector("[data-state]").innerHTML = '<span class="wb-pill wb-good">Done</span>';
    const onwards = document.querySelector("[data-to-bench]");
    onwards.classList.add("wb-primary");
    onwards.focus();
    say(`${list.number} is picked. Bring it to the bench.`, "done");
  }

  function count(body) {
    queue(async () => {
      const list = await post(page.dataset.pick, body);
      if (list.refused) {
        say(list.refused, "wrong");
        return;
      }
      say(list.says, "right");
      show(list);
    });
  }

  scan.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code) count({ code });
  });

  page.addEventListener("click", (event) => {
    const row = event.target.closest("[data-task]");
    if (!row) return;
    const task = Number(row.dataset.task);
    if (event.target.closest("[data-more]")) count({ code: row.dataset.sku, task });
    if (event.target.closest("[data-missing]")) {
      askShort(row.dataset.sku, row.dataset.left, (quantity, reason) => queue(async () => {
        const list = await post(page.dataset.short, { task, quantity, reason });
        if (list.refused) {
          say(list.refused, "wrong");
          return;
        }
        say(`${quantity} of ${row.dataset.sku} short.`, "wait", list.count);
        show(list);
      }));
    }
  });
});
