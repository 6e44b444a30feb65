// Focus and announcements after a swap; the copy button.
(() => {
  const { clipboard } = navigator;
  const find = (id) => document.getElementById(id);
  const live = find("live");
  const say = (text, box = live) => box.textContent == text || (box.textContent = text);
  const fail = () => say(live.dataset.failed, live, (live.dataset.tone = "info"));
  const ready = ({ target }) => {
    const { say: text } = target.dataset;
    delete live.dataset.tone;
    if (text) say(text, find("progress-summary") || live);
    target.querySelector("[autofocus],h1[tabindex]")?.focus();
    target.querySelectorAll("[data-copy]").forEach((code) => {
      const button = document.createElement("button");
      button.className = button.type = "button";
      button.textContent = code.dataset.copy;
      button.onclick = () =>
        clipboard.writeText(code.textContent).then(() => say(code.dataset.copied), fail);
      if (clipboard) code.after(button);
    });
  };
  ready({ target: document.body });
  addEventListener("htmx:afterSettle", ready);
  addEventListener("htmx:responseError", fail);
  addEventListener("htmx:sendError", fail);
})();
