"use strict";
/* The map's month slider, what is pointed at, and the list of a chosen kecamatan's desa. All figures are in the page. */
(() => {
  const source = document.getElementById("map-data");
  if (!source) return;
  const { months, areas } = JSON.parse(source.textContent);
  const SUPPRESSED = -1;
  const slider = document.getElementById("month");
  let now = months.length - 1;
  let pointed = null;
  let chosen = null;

  const say = (indonesian, english) => (document.body.dataset.lang === "en" ? english : indonesian);
  const thousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");
  const month = () => say(...months[now]);
  const count = (value) => {
    if (value === null) return "–";
    return value === SUPPRESSED ? `• (${say("disembunyikan", "suppressed")})` : thousands(value);
  };
  const percent = (tenths) => `${Math.floor(tenths / 10)},${tenths % 10}\u00a0%`;
  const hasShare = (area) => area.p[now] !== null && area.p[now] !== SUPPRESSED;
  const share = (area) => {
    if (hasShare(area)) return percent(area.p[now]);
    switch (area.s[now]) {
      case "s": return say("disembunyikan", "suppressed");
      case "m": return say("tidak ada yang diukur", "nobody measured");
      case "u": return say("tidak diketahui", "unknown");
      default: return say("terlalu sedikit untuk persentase", "too few for a percentage");
    }
  };
  const beside = (area) =>
    `${say("diukur", "measured")} ${count(area.m[now])} ${say("dari", "of")} ${count(area.d[now])} ${say("sasaran", "due")}`;
  const interval = (area) => (area.l?.[now] == null ? "" : `${percent(area.l[now]).slice(0, -2)}–${percent(area.h[now])}`);
  const words = (area) => {
    const place = area.k ? `Desa ${area.n}, ${area.k}` : `Kecamatan ${area.n}`;
    const few = hasShare(area) && area.s[now] === "f"
      ? ` (${say("terlalu sedikit yang diukur untuk kelas", "too few measured for a class")})` : "";
    return `${place}: ${share(area)}${few}; ${beside(area)}`;
  };

  const marks = [...document.querySelectorAll("[data-area]")].filter((mark) => areas[mark.dataset.area]);
  const tiles = [...document.querySelectorAll("[data-tile]")];

  const showPointed = () => {
    const area = areas[pointed];
    if (!area) return;
    const between = interval(area) ? ` · ${say("taksiran 95\u00a0%", "95\u00a0% estimate")} ${interval(area)}` : "";
    document.getElementById("pointed").textContent = words(area) + between;
  };

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const showChosen = () => {
    const box = document.getElementById("chosen");
    const area = areas[chosen];
    box.hidden = !area;
    if (!area) return;
    box.replaceChildren(element("h2", `${area.n}, ${month()}`), element("p", `${share(area)}; ${beside(area)}`));
    const desa = Object.entries(areas).filter(([code, one]) => one.k && code.startsWith(`${chosen}.`));
    const table = element("table", "");
    const withInterval = desa.some(([, one]) => one.l);
    const heads = [
      [say("Desa", "Village"), ""], [say("Stunting", "Stunting"), "num"],
      [say("Diukur / sasaran", "Measured / due"), "num"],
      ...(withInterval ? [[say("Taksiran 95 %", "95 % estimate"), "num"]] : []),
    ];
    const head = table.createTHead().insertRow();
    for (const [text, kind] of heads) head.append(element("th", text, { scope: "col", class: kind }));
    const body = table.createTBody();
    for (const [code, one] of desa) {
      const row = body.insertRow();
      const name = element("th", "", { scope: "row" });
      name.append(element("a", one.n, { href: `desa.html#${code}` }));
      row.append(name);
      const cells = [share(one), `${count(one.m[now])} / ${count(one.d[now])}`, ...(withInterval ? [interval(one) || "–"] : [])];
      for (const text of cells) row.append(element("td", text, { class: "num" }));
    }
    const scroll = element("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Desa di ${area.n}` });
    scroll.append(table);
    box.append(scroll);
  };

  const show = () => {
    for (const mark of marks) {
      const area = areas[mark.dataset.area];
      mark.setAttribute("class", `a s${area.s[now]}`);
      mark.firstElementChild.textContent = words(area);
    }
    for (const text of document.querySelectorAll("[data-share]")) {
      const area = areas[text.dataset.share];
      text.textContent = hasShare(area) ? percent(area.p[now]) : area.s[now] === "s" ? "•" : "–";
    }
    for (const tile of tiles) {
      const area = areas[tile.dataset.tile];
      if (area) tile.setAttribute("aria-label", words(area));
    }
    document.getElementById("map-month").textContent = month();
    slider?.setAttribute("aria-valuetext", month());
    showPointed();
    showChosen();
  };
  const go = (place) => {
    now = Math.max(0, Math.min(months.length - 1, place));
    if (slider) slider.value = now;
    show();
  };

  slider?.addEventListener("input", () => go(Number(slider.value)));
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => go(now + Number(button.dataset.step)));
  }
  for (const controls of document.querySelectorAll(".controls[hidden]")) controls.hidden = false;

  const choosable = tiles.filter((tile) => areas[tile.dataset.tile]);
  for (const tile of choosable) {
    tile.setAttribute("role", "button");
    tile.setAttribute("aria-controls", "chosen");
    tile.setAttribute("aria-expanded", "false");
  }
  const choose = (code) => {
    chosen = chosen === code ? null : code;
    for (const tile of choosable) {
      tile.classList.toggle("chosen", tile.dataset.tile === chosen);
      tile.setAttribute("aria-expanded", String(tile.dataset.tile === chosen));
    }
    showChosen();
    if (chosen) document.getElementById("chosen").scrollIntoView({ block: "nearest" });
  };
  const point = (event) => {
    const code = event.target.closest("[data-area]")?.dataset.area ?? event.target.closest("[data-tile]")?.dataset.tile;
    if (areas[code]) { pointed = code; showPointed(); }
  };
  for (const map of document.querySelectorAll(".tiles, .shapes")) {
    // a finger points by its click: words that grow before it would move the map away from under it
    map.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") point(event); });
    map.parentElement.addEventListener("focusin", point); // on the SVG itself it would make that a stop of the keyboard
    map.addEventListener("click", (event) => {
      const tile = event.target.closest("[data-tile]")?.dataset.tile;
      const desa = event.target.closest("[data-area]")?.dataset.area;
      point(event);
      choose(tile ?? desa?.split(".").slice(0, 3).join("."));
    });
  }

  // the tiles are one stop of the keyboard: arrows go on from there, Enter chooses
  const beyond = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.querySelector(".tiles")?.addEventListener("keydown", (event) => {
    const tile = event.target.closest("[data-tile]");
    if (!tile) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (areas[tile.dataset.tile]) choose(tile.dataset.tile);
    }
    const step = beyond[event.key];
    if (!step) return;
    event.preventDefault();
    const [column, row] = [Number(tile.dataset.column), Number(tile.dataset.row)];
    const far = (other) => {
      const [across, down] = [Number(other.dataset.column) - column, Number(other.dataset.row) - row];
      const along = across * step[0] + down * step[1];
      return along > 0 ? along + 3 * Math.abs(across * step[1] + down * step[0]) : Infinity;
    };
    const next = tiles.reduce((best, other) => (far(other) < far(best) ? other : best), tile);
    if (far(next) === Infinity) return;
    tile.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });

  const views = [...document.querySelectorAll("[data-view]")];
  const view = (name) => {
    for (const one of views) one.hidden = one.dataset.view !== name;
    for (const button of document.querySelectorAll("[data-map]")) {
      button.setAttribute("aria-pressed", String(button.dataset.map === name));
    }
  };
  for (const button of document.querySelectorAll("[data-map]")) button.addEventListener("click", () => view(button.dataset.map));
  if (views.length > 1) view("tiles");

  document.addEventListener("language", show);
  show();
})();
