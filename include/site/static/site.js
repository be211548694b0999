"use strict";
/* What all pages do: the language, tables sorted by their headings, a box that filters. Without it a page is whole. */
(() => {
  const memory = {
    // a page opened from a disk may have no storage
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* kept for this page alone */ } },
  };

  // what can hold one language only: names of elements and titles of drawings; data-en is the other
  const rename = () => {
    for (const one of document.querySelectorAll("[data-en]")) {
      const isNamed = one.hasAttribute("aria-label");
      one.dataset.id ??= isNamed ? one.getAttribute("aria-label") : one.textContent;
      const text = document.body.dataset.lang === "en" ? one.dataset.en : one.dataset.id;
      if (isNamed) one.setAttribute("aria-label", text);
      else one.textContent = text;
    }
  };
  document.addEventListener("drawn", rename);

  const setLanguage = (language) => {
    document.body.dataset.lang = language;
    document.documentElement.lang = language;
    rename();
    for (const button of document.querySelectorAll("[data-set-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setLang === language));
    }
    document.dispatchEvent(new CustomEvent("language", { detail: language }));
  };
  for (const button of document.querySelectorAll("[data-set-lang]")) {
    button.addEventListener("click", () => {
      setLanguage(button.dataset.setLang);
      memory.set("tegak-lang", button.dataset.setLang);
    });
  }
  // what needs JavaScript is shown by it
  document.querySelector(".language").hidden = false;
  if (memory.get("tegak-lang") === "en") setLanguage("en");

  // on a telephone the pages stand behind a button
  const menu = document.querySelector(".menu");
  menu.hidden = false;
  menu.addEventListener("click", () => {
    menu.setAttribute("aria-expanded", String(menu.getAttribute("aria-expanded") === "false"));
  });

  // a cell's own value, else its text; numbers before words, what is empty last
  const key = (cell) => {
    const text = cell?.dataset.sort ?? cell?.textContent.trim() ?? "";
    return text === "" || isNaN(Number(text)) ? text : Number(text);
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1;
    return a.localeCompare(b, "id");
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const downwards = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", downwards ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row, order) => ({ row, order, key: key(row.cells[place]) }));
        rows.sort((a, b) => {
          if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "") || a.order - b.order;
          return (downwards ? -1 : 1) * compare(a.key, b.key) || a.order - b.order;
        });
        table.tBodies[0].append(...rows.map(({ row }) => row));
      });
    });
  }

  for (const box of document.querySelectorAll("input[data-filters]")) {
    const list = document.querySelector(box.dataset.filters);
    box.closest("[hidden]")?.removeAttribute("hidden");
    const items = list.tBodies ? [...list.tBodies[0].rows] : [...list.children];
    const said = document.querySelector(box.dataset.says ?? "#none");
    const filter = () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const item of items) {
        const text = (item.dataset.text ?? item.textContent).toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        found += item.hidden ? 0 : 1;
      }
      if (said) said.textContent = `${found} / ${items.length}`;
    };
    box.addEventListener("input", filter);
    filter();
  }
})();
