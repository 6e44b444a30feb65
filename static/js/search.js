// htmx is the heaviest part of a page that only searches: it comes when the field is used.
(() => {
  const field = document.querySelector("[data-htmx]");
  const fetch = () => {
    const script = document.createElement("script");
    script.src = field.dataset.htmx;
    script.onload = () => field.value && field.dispatchEvent(new Event("search"));
    document.head.append(script);
  };
  field?.addEventListener("focus", fetch, { once: true });
})();
