// A page to keep: a button instead of the sentence that says how.
(() => {
  const hint = document.querySelector("[data-print]");
  const button = document.createElement("button");
  button.className = button.type = "button";
  button.textContent = hint.dataset.print;
  button.onclick = () => print();
  hint.replaceChildren(button);
})();
