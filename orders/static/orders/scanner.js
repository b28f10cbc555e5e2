/* What every page with a scanner needs: the field always ready, sounds, answers of the server, the window for what is
   missing. A scanner types like a keyboard and ends with Enter. */
(() => {
  "use strict";

  let sounds = null;

  function tone(frequency, start, length) {
    const swing = sounds.createOscillator();
    const volume = sounds.createGain();
    swing.frequency.value = frequency;
    volume.gain.value = 0.12;
    swing.connect(volume).connect(sounds.destination);
    swing.start(sounds.currentTime + start);
    swing.stop(sounds.currentTime + start + length);
  }

  // High and short is right, low and twice is wrong, rising is done.
  const MELODIES = {
    right: [[1320, 0, 0.07]],
    wrong: [[196, 0, 0.18], [165, 0.22, 0.3]],
    done: [[660, 0, 0.09], [880, 0.1, 0.09], [1175, 0.2, 0.14]],
  };

  function sound(name) {
    try {
      sounds = sounds || new AudioContext();
      MELODIES[name].forEach((note) => tone(...note));
    } catch {
      // Without a loudspeaker the page still shows it.
    }
    document.documentElement.dataset.sounded = name;
  }

  function say(text, kind, link) {
    const place = document.querySelector("[data-said]");
    place.replaceChildren(text);
    place.className = `wb-said wb-said-${kind}`;
    if (link) {
      const anchor = document.createElement("a");
      Object.assign(anchor, { href: link, textContent: "Count the shelf", className: "wb-button wb-small" });
      place.append(" ", anchor);
    }
    sound(kind === "wait" ? "right" : kind);
  }

  async function post(address, body) {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    let answer;
    try {
      answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify(body),
      });
    } catch {
      return { refused: "The server cannot be reached. Nothing was counted." };
    }
    if (answer.redirected || answer.status === 403) {
      window.location.reload();
      return { refused: "You are no longer signed in." };
    }
    const type = answer.headers.get("Content-Type") || "";
    if (!type.includes("json")) return { refused: "Something went wrong. Nothing was counted." };
    const read = await answer.json();
    return answer.ok ? read : { refused: read.detail, code: read.code };
  }

  // One thing after the other: a scanner is quicker than a server.
  let last = Promise.resolve();
  function queue(work) {
    last = last.then(work, work);
    return last;
  }

  function focus() {
    const field = document.querySelector("[data-keep-focus]");
    if (field && !document.querySelector("dialog[open]")) field.focus({ preventScroll: true });
  }

  document.addEventListener("DOMContentLoaded", focus);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a, input, select, textarea, dialog, summary")) focus();
  });
  // Wherever the focus went, what is typed goes into the field.
  document.addEventListener("keydown", (event) => {
    const here = document.activeElement;
    const types = here && here.matches("input:not([type=checkbox]), select, textarea");
    if (!types && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) focus();
  });

  // Ask how many are missing, and why: `done(units, reason)` unless somebody goes back.
  function askShort(sku, most, done) {
    const dialog = document.getElementById("wb-short");
    const units = dialog.querySelector("input");
    dialog.querySelector("[data-sku]").textContent = sku;
    Object.assign(units, { max: most, value: 1 });
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue) done(Number(units.value), dialog.returnValue);
      focus();
    }, { once: true });
    dialog.showModal();
    units.select();
  }

  window.wbScanner = { sound, say, post, queue, focus, askShort };
})();
