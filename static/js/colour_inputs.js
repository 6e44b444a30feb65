// Keeps a colour in writing and the browser's picker beside it alike. Without it, the server
// takes whichever of the two was changed.
document.querySelectorAll('input[type="color"][name$="_picker"]').forEach((picker) => {
  const name = picker.name.replace(/_picker$/, "");
  const written = picker.form.elements.namedItem(name);
  picker.addEventListener("input", () => { written.value = picker.value; });
  written.addEventListener("input", () => {
    const typed = written.value.trim();
    if (/^#[0-9a-f]{6}$/i.test(typed)) picker.value = typed.toLowerCase();
  });
});
