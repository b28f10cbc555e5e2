// Shows what the words of a template make of an example while they are typed.
document.addEventListener("DOMContentLoaded", () => {
    const preview = document.querySelector(".wb-preview");
    const form = document.querySelector("#notificationtemplate_form");
    if (!preview || !form) return;

    const find = (selector) => preview.querySelector(selector);
    const frame = find("iframe"), plain = find("pre"), problems = find(".wb-preview-problems");
    const parts = ["subject", "text", "html"];
    let waiting, asked = 0;

    const list = (target, rows) => target.replaceChildren(...rows.map((children) => {
        const row = document.createElement("li");
        row.append(...children);
        return row;
    }));
    const strong = (text) => Object.assign(document.createElement("b"), { textContent: text });

    function show(answer) {
        const wrong = answer.problems || [];
        problems.hidden = wrong.length === 0;
        list(problems, wrong.map((found) => [strong(found.field), " ", found.detail]));
        preview.classList.toggle("wb-stale", wrong.length > 0);
        if (answer.variables) list(find(".wb-preview-variables"), answer.variables.map((name) => [name]));
        if (wrong.length) return;
        find(".wb-preview-subject strong").textContent = answer.subject;
        if (frame.srcdoc !== answer.html) frame.srcdoc = answer.html;
        plain.textContent = answer.text;
    }

    async function ask() {
        const turn = ++asked;
        const body = new FormData();
        body.set("kind", preview.dataset.kind || form.elements.kind?.value || "");
        for (const part of parts) body.set(part, form.elements[part].value);
        const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
        try {
            const response = await fetch(preview.dataset.url, { method: "POST", body, headers });
            const answer = await response.json();
            if (turn === asked) show(answer);
        } catch {
            if (turn === asked) show({ problems: [{ field: "", detail: "The preview is not available just now." }] });
        }
    }

    form.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(ask, 300);
    });
    preview.querySelectorAll("[data-mode]").forEach((button) => button.addEventListener("click", () => {
        preview.dataset.mode = button.dataset.mode;
        preview.querySelectorAll("[data-mode]").forEach((other) => other.setAttribute("aria-pressed", other === button));
        frame.hidden = button.dataset.mode === "text";
        plain.hidden = !frame.hidden;
    }));
    ask();
});
