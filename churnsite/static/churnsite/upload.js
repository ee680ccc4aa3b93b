// A file is dropped onto its field, and its sending shows progress. Without this script the field works as any other.
"use strict";

function size(bytes) {
  const mega = bytes / 1e6;
  return mega >= 0.1 ? `${mega.toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

function tell(place, field) {
  const file = field.files[0];
  place.querySelector("[data-drop-name]").textContent = file ? `${file.name} (${size(file.size)})` : "";
}

function take(place, field, event) {
  event.preventDefault();
  place.classList.remove("over");
  if (event.dataTransfer.files.length === 0) return;
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  field.files = one.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
}

// Where the page stays the same the form was refused: it is sent again as a form, which shows why.
function go(form, button, asked) {
  const next = new URL(asked.responseURL || location.href, location.href);
  if (asked.status < 400 && next.pathname !== location.pathname) location.assign(next);
  else form.requestSubmit(button);
}

function send(form, place, button) {
  const asked = new XMLHttpRequest();
  const [shown, broken] = ["progress", "broken"].map((name) => place.querySelector(`[data-drop-${name}]`));
  const bar = shown.querySelector("progress");
  const values = new FormData(form);
  values.append(button.name, button.value);
  [shown.hidden, broken.hidden] = [false, true];
  asked.upload.addEventListener("progress", (now) => now.lengthComputable && (bar.value = now.loaded / now.total));
  asked.addEventListener("load", () => go(form, button, asked));
  asked.addEventListener("error", () => {
    [shown.hidden, broken.hidden] = [true, false];
    delete form.dataset.sent;
  });
  asked.open("POST", location.href);
  asked.send(values);
}

function prepare(place) {
  const field = place.querySelector("input[type=file]");
  const form = field.form;
  const changed = (event) => {
    event.stopPropagation(); // the admin's own script looks for the name's place in a field of its own
    tell(place, field);
  };
  place.addEventListener("change", changed, true);
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => take(place, field, event));
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "_save" || !field.files.length || form.dataset.sent) return;
    event.preventDefault();
    form.dataset.sent = "yes";
    send(form, place, event.submitter);
  });
}

// A file that misses the field would replace the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-drop]").forEach(prepare));
