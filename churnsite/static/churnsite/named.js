// What the admin draws without a name or for a mouse only gets the names that assistive technology reads out, and keys.
"use strict";

// A searching list is a box beside the hidden select; the select's label names it.
function nameSearchingLists() {
  for (const box of document.querySelectorAll(".select2-selection")) {
    const select = box.closest(".select2-container")?.previousElementSibling;
    const label = select?.labels?.[0]?.textContent.replace("*", "").trim() || select?.getAttribute("aria-label");
    if (!label) continue;
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", label);
    box.querySelector("[role=textbox]")?.setAttribute("aria-label", label);
  }
}

// The sign beside a list of two columns tells its help by a label, which only a picture may have.
function nameSigns() {
  for (const sign of document.querySelectorAll("span.help-tooltip[aria-label]")) sign.setAttribute("role", "img");
}

// A field in a table is named by the heading of its column.
function nameCells() {
  for (const field of document.querySelectorAll("td[data-label] :is(input:not([type=hidden]), select, textarea)")) {
    if (field.labels?.length || field.getAttribute("aria-label")) continue;
    field.setAttribute("aria-label", field.closest("td").dataset.label.trim());
  }
}

// What reacts to a click and is neither a link nor a button becomes a button, with the keys of one.
const BUTTONS = { sidebar: /^sidebar/, theme: /^openTheme/ };

function press(event) {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  event.currentTarget.click();
}

function makeButtons() {
  const names = document.getElementById("control-names")?.dataset ?? {};
  for (const one of document.querySelectorAll(":is(a:not([href]), div, span)[x-on\\:click]")) {
    if (one.hasAttribute("role") || one.id.endsWith("-close")) continue;
    if (one.querySelector("a, button, input, select, textarea")) continue;
    one.setAttribute("role", "button");
    one.tabIndex = 0;
    one.addEventListener("keydown", press);
    const known = Object.keys(BUTTONS).find((name) => BUTTONS[name].test(one.getAttribute("x-on:click").trim()));
    if (names[known]) one.setAttribute("aria-label", names[known]);
  }
}

function nameAll() {
  nameSearchingLists();
  nameSigns();
  nameCells();
  makeButtons();
}

window.addEventListener("load", () => {
  nameAll();
  setTimeout(nameAll); // after what other scripts draw when all is loaded
  document.addEventListener("formset:added", () => setTimeout(nameAll));
});
