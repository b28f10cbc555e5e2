/* The bench: an order is scanned, each unit is ticked by a scan, then the weight, and Enter packs. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const { say, sound, post, queue, focus, askShort } = window.wbScanner;
  const bench = document.querySelector("[data-bench]");
  if (!bench) return;
  const part = (name) => bench.querySelector(`[data-${name}]`);
  const field = part("scan").querySelector("input");
  const house = bench.dataset.warehouse;
  const besides = [];
  let order = null;
  let weighs = false;

  const counted = () => order.lines.reduce((sum, line) => sum + line.done, 0);
  const wanted = () => order.lines.reduce((sum, line) => sum + line.units, 0);
  const ORDER = /^[A-Z]+\d+(-\d+)?$/;
  const GRAMS = /^\d{1,6}$/;

  // What is counted outlives a reload of the page.
  const stored = () => `bench ${order.number} ${house}`;
  const remember = () => sessionStorage.setItem(stored(), JSON.stringify(order.lines.map((line) => [line.id, line.done])));
  const recall = () => new Map(JSON.parse(sessionStorage.getItem(stored()) || "[]"));

  function lineOf(line) {
    const row = part("line").content.firstElementChild.cloneNode(true);
    const put = (name, text) => { row.querySelector(`[data-${name}]`).textContent = text; };
    if (line.picture) {
      const image = Object.assign(document.createElement("img"), { src: line.picture, alt: "" });
      image.className = "wb-picture wb-picture-big";
      row.querySelector(".wb-picture").replaceWith(image);
    }
    row.dataset.lineId = line.id;
    [["name", line.name], ["sku", line.sku], ["options", line.options], ["bin", line.bin], ["done", line.done],
      ["of", line.units]].forEach(([name, text]) => put(name, text));
    row.classList.toggle("wb-done", line.done >= line.units);
    row.classList.toggle("wb-now", line.id === order.touched);
    return row;
  }

  function draw() {
    part("order").hidden = !order;
    const button = part("enter");
    if (!order) {
      part("prompt").textContent = "Scan or type an order";
      button.textContent = "Next order";
      return;
    }
    part("number").textContent = order.number;
    part("promise").textContent = order.promise ? (order.late ? `late: ${order.promise}` : `ship ${order.promise}`) : "";
    part("promise").className = `wb-pill wb-${order.late ? "bad" : "wait"}`;
    const nth = order.packages.length + 1;
    const also = [nth > 1 ? `package ${nth}` : "", order.elsewhere ? `${order.elsewhere} more from elsewhere` : ""];
    part("whom").textContent = [order.customer, order.place, ...also].filter(Boolean).join(" · ");
    part("counted").textContent = `${counted()} of ${wanted()}`;
    part("lines").replaceChildren(...order.lines.filter((line) => line.units).map(lineOf));
    part("all").disabled = counted() === wanted();
    part("part").disabled = !counted() || weighs;
    const grams = order.lines.reduce((sum, line) => sum + line.done * line.grams, 0);
    part("prompt").textContent = weighs ? `Weight in grams${grams ? `, about ${grams}` : ""}` : "Scan a unit";
    button.textContent = weighs ? "Pack" : "Count";
    field.inputMode = weighs ? "numeric" : "text";
  }

  function open(found) {
    if (found.refused) {
      say(found.refused, "wrong");
      return;
    }
    order = found;
    const known = recall();
    order.lines.forEach((line) => { line.done = Math.min(known.get(line.id) || 0, line.units); });
    weighs = counted() > 0 && counted() === wanted();
    part("packed").hidden = true;
    say(`${order.number}: ${wanted()} unit${wanted() === 1 ? "" : "s"}`, "right");
    draw();
  }

  function close() {
    order = null;
    weighs = false;
    draw();
  }

  function tick(line, units) {
    line.done = Math.max(0, Math.min(line.done + units, line.units));
    order.touched = line.id;
    weighs = counted() === wanted();
    remember();
    sound(weighs ? "done" : "right");
    say(weighs ? "All is counted. Weigh it." : `${line.sku} ${line.done} of ${line.units}`, weighs ? "done" : "right");
    draw();
  }

  function count(code) {
    const said = code.toUpperCase();
    const named = order.lines.filter((line) => line.codes.some((known) => known.toUpperCase() === said));
    const line = named.find((each) => each.done < each.units);
    if (line) tick(line, 1);
    else if (named.length) say(`All of ${named[0].sku} is counted already. Put this one back.`, "wrong");
    else if (ORDER.test(said) && !counted()) queue(async () => open(await post(bench.dataset.open, { code, warehouse: house })));
    else say(`${code} does not belong to ${order.number}.`, "wrong");
  }

  async function pack(grams) {
    const lines = order.lines.filter((line) => line.done).map((line) => ({ line: line.id, quantity: line.done }));
    const body = { order: order.number, warehouse: house, lines, weight_grams: grams };
    const done = await post(bench.dataset.pack, body);
    if (done.refused) {
      say(done.refused, "wrong");
      return;
    }
    sessionStorage.removeItem(stored());
    const { number } = order;
    close();
    papers(done.package);
    if (done.left) open(await post(bench.dataset.open, { code: number, warehouse: house }));
    say(done.left ? `${done.package} is packed. ${done.left} left for the next package.` : `${done.package} is packed.`, "done");
    part("packed").hidden = false;
  }

  function papers(number) {
    const address = (kind) => bench.dataset.papers.replace("NUMBER", encodeURIComponent(number)).replace("KIND", kind);
    part("packed-what").textContent = `${number} is packed`;
    bench.querySelectorAll("[data-paper]").forEach((link) => { link.href = address(link.dataset.paper); });
    if (!part("print").checked) return;
    document.getElementById("wb-papers")?.remove();
    const frame = Object.assign(document.createElement("iframe"), { id: "wb-papers", className: "wb-hidden" });
    frame.addEventListener("load", () => {
      try {
        frame.contentWindow.print();
      } catch {
        // A browser that shows no PDF in a frame: the two links are there.
      }
      focus();
    });
    frame.src = address("papers");
    document.body.append(frame);
  }

  function next() {
    queue(async () => open(await post(bench.dataset.next, { warehouse: house, besides })));
  }

  part("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    queue(async () => {
      if (!order) {
        if (code) open(await post(bench.dataset.open, { code, warehouse: house }));
        else next();
      } else if (weighs && (!code || GRAMS.test(code))) await pack(Number(code) || null);
      else if (code) count(code);
    });
  });

  part("aside").addEventListener("click", () => {
    besides.unshift(order.number);
    besides.splice(50);
    say(`${order.number} is put aside.`, "wait");
    close();
  });
  part("all").addEventListener("click", () => {
    order.lines.forEach((line) => { line.done = line.units; });
    tick(order.lines[0], 0);
  });
  part("part").addEventListener("click", () => {
    weighs = true;
    say("Weigh what is counted.", "wait");
    draw();
  });
  part("lines").addEventListener("click", (event) => {
    const row = event.target.closest("[data-line-id]");
    const line = row && order.lines.find((each) => String(each.id) === row.dataset.lineId);
    if (!line) return;
    if (event.target.closest("[data-more]") && line.done < line.units) tick(line, 1);
    if (event.target.closest("[data-less]") && line.done) tick(line, -1);
    if (event.target.closest("[data-missing]")) askShort(line.sku, line.units - line.done || 1, (units, why) => miss(line, units, why));
  });

  function miss(line, quantity, reason) {
    queue(async () => {
      const answer = await post(bench.dataset.short, { line: line.id, warehouse: house, quantity, reason });
      if (answer.refused) {
        say(answer.refused, "wrong");
        return;
      }
      line.units = Math.max(line.units - quantity, 0);
      line.done = Math.min(line.done, line.units);
      weighs = counted() > 0 && counted() === wanted();
      remember();
      if (!wanted()) {
        besides.unshift(order.number);
        close();
      }
      draw();
      say(`${quantity} of ${line.sku} short. The order stays open for it.`, "wait", answer.count);
    });
  }

  const prints = localStorage.getItem("bench prints");
  if (prints) part("print").checked = prints === "yes";
  part("print").addEventListener("change", (event) => {
    localStorage.setItem("bench prints", event.target.checked ? "yes" : "no");
    focus();
  });
  draw();
  if (bench.dataset.opened) queue(async () => open(await post(bench.dataset.open, { code: bench.dataset.opened, warehouse: house })));
});
