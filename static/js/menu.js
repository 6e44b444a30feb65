// A menu closes by Escape, and when the focus goes elsewhere: it must not cover what comes next.
(() => {
  const close = (menu) => (menu.open = false);
  const opened = () => [...document.querySelectorAll(".menu[open]")];
  addEventListener("focusin", ({ target }) =>
    opened().forEach((menu) => menu.contains(target) || close(menu)),
  );
  addEventListener("keydown", ({ key }) => {
    if (key == "Escape") opened().forEach((menu) => close(menu) || menu.firstElementChild.focus());
  });
})();
