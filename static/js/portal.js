// Focus and announcements after a swap, and the copy button. No page depends on it.
(() => {
  const doc = document;
  const live = doc.getElementById("live");
  const say = (text, box = live) => box.textContent == text || (box.textContent = text);
  const fail = () => say(live.dataset.failed, live, (live.dataset.tone = "info"));
  const ready = (root) =>
    root.querySelectorAll("[data-copy]:only-of-type").forEach((code) => {
      const button = doc.createElement("button");
      button.className = "button";
      button.type = "button";
      button.textContent = code.dataset.copy;
      button.onclick = () =>
        navigator.clipboard.writeText(code.textContent).then(() => say(code.dataset.copied), fail);
      code.after(button);
    });
  ready(doc);
  doc.addEventListener("htmx:responseError", fail);
  doc.addEventListener("htmx:sendError", fail);
  doc.addEventListener("htmx:afterSettle", ({ target }) => {
    const { say: text, sayIn } = target.dataset;
    delete live.dataset.tone;
    ready(target);
    text && say(text, doc.getElementById(sayIn) || live);
    target.querySelector("[autofocus]")?.focus();
  });
})();
