"use strict";
/* One desa at a time: a search over names and codes, and all that the page holds of the desa in the address. */
(() => {
  const source = document.getElementById("data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const HIDDEN = -1, TOO_FEW = -2;
  const SERIES = ["due", "measured", "heights", "stunted", "coverage", "pct", "estimate", "low", "high"];
  const villages = data.desa.map(([code, name, kecamatan, series, reached, convergence, families, priority, criteria, visits, visitsOfWeek]) => ({
    code, name, kecamatan: data.kecamatan[kecamatan], reached, convergence, families, priority, criteria, visits, visitsOfWeek,
    ...Object.fromEntries(SERIES.map((column, place) => [column, series[place]])),
  }));
  const byCode = new Map(villages.map((village) => [village.code, village]));
  // where the address led without this script
  document.querySelectorAll("#all tr[id]").forEach((row) => row.removeAttribute("id"));

  // what is typed and what is sought lose their diacritics, quotes and case
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f'"`’‘“”]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
  for (const village of villages) {
    village.nameKey = fold(village.name);
    village.kecamatanKey = fold(village.kecamatan);
    village.key = `${village.nameKey} ${village.kecamatanKey} ${fold(village.code)} ${village.code.replace(/\D/g, "")}`;
  }

  const el = (tag, attributes = {}, ...children) => {
    const made = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  };
  const t = (indonesian, english) => indonesian === english ? [indonesian] : [el("span", { lang: "id" }, indonesian), el("span", { lang: "en" }, english)];
  // words of a mart by their number, with what stands in their places
  const words = (number, ...values) => t(...data.words[number].map((text) => text.replace(/\{(\d)\}/g, (_, place) => values[place - 1])));
  const named = (indonesian, english) => ({ "aria-label": indonesian, "data-en": english });

  // numbers as people in Indonesia write them: 1.234 and 25,3 %
  const whole = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");
  const tenths = (value) => `${whole(Math.floor(value / 10))},${value % 10}`;
  const sign = (kind, mark, words) => el("span", { class: kind }, el("span", { "aria-hidden": "true" }, mark), el("span", { class: "unseen" }, t(...words)));
  const figure = (value, form = whole) => {
    if (value === null || value === undefined) return sign("unknown", "–", ["tidak diketahui", "unknown"]);
    if (value === HIDDEN) return sign("hidden", "•", ["disembunyikan", "suppressed"]);
    if (value === TOO_FEW) return sign("few", `<${data.least}`, ["terlalu sedikit untuk persentase", "too few for a percentage"]);
    return document.createTextNode(form(value));
  };
  const percent = (value) => figure(value, (known) => `${tenths(known)}\u00a0%`);
  const isKnown = (value) => value !== null && value !== undefined && value >= 0;
  const range = (low, high) => isKnown(low) ? [`${tenths(low)}–`, percent(high)] : [figure(low)];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];
  const ENGLISH = { Mei: "May", Agu: "Aug", Okt: "Oct", Des: "Dec" };
  const month = (text, tag = "span") => {
    const name = MONTHS[Number(text.slice(5)) - 1];
    const year = `\u00a0${text.slice(0, 4)}`;
    return ENGLISH[name] ? [el(tag, { lang: "id" }, name + year), el(tag, { lang: "en" }, ENGLISH[name] + year)] : [name + year];
  };
  const beside = (village, place) => t("diukur ", "measured ").map((part, language) => {
    part.append(figure(village.measured[place]), language ? " of " : " dari ", figure(village.due[place]), language ? " due" : " sasaran");
    return part;
  });

  // ---- the search -------------------------------------------------------------------------------------------------
  const box = document.getElementById("q");
  const hits = document.getElementById("hits");
  const found = document.getElementById("found");
  const card = document.getElementById("village");
  const MOST_HITS = 10;
  let shownHits = [];
  let active = -1;

  const TITLES = new Set(["desa", "kel", "kelurahan", "kec", "kecamatan"]);
  const sought = (text) => fold(text).split(" ").filter((word) => word && !TITLES.has(word));
  const search = (text) => {
    const words = sought(text);
    if (!words.length) return [];
    const rank = (village) => village.nameKey.startsWith(words[0]) ? 0 : village.nameKey.includes(words[0]) ? 1 : 2;
    return villages.filter((village) => words.every((word) => village.key.includes(word)))
      .map((village) => [rank(village), village]).sort((a, b) => a[0] - b[0]).map(([, village]) => village);
  };
  // letters to add, leave out or change until one name is the other
  const distance = (a, b) => {
    let above = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= b.length; j += 1) row.push(Math.min(row[j - 1] + 1, above[j] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      above = row;
    }
    return above[b.length];
  };
  const MOST_NEAR = 5;
  const near = (text) => {
    const typed = sought(text).join(" ");
    const most = Math.min(3, Math.floor(typed.length / 4));
    const names = (village) => [village.nameKey, village.kecamatanKey, `${village.nameKey} ${village.kecamatanKey}`];
    const far = (village) => Math.min(...names(village).filter((name) => Math.abs(name.length - typed.length) <= most).map((name) => distance(typed, name)));
    return /\d/.test(typed) ? [] : villages.map((village) => [far(village), village]).filter(([off]) => off <= most)
      .sort((a, b) => a[0] - b[0]).slice(0, MOST_NEAR).map(([, village]) => village);
  };
  const close = () => {
    hits.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    active = place;
    [...hits.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
    if (place >= 0) box.setAttribute("aria-activedescendant", `hit-${place}`);
  };
  const list = () => {
    const all = search(box.value);
    const isNear = !all.length;
    shownHits = isNear ? near(box.value) : all.slice(0, MOST_HITS);
    hits.replaceChildren(...shownHits.map((village, number) => {
      const option = el("li", { role: "option", id: `hit-${number}`, "aria-selected": "false" },
        el("b", {}, village.name), el("span", {}, `Kec. ${village.kecamatan || "–"}`), el("code", {}, village.code));
      option.addEventListener("mousedown", (event) => { event.preventDefault(); open(village); });
      return option;
    }));
    const typed = sought(box.value).length > 0;
    hits.hidden = !shownHits.length;
    box.setAttribute("aria-expanded", String(shownHits.length > 0));
    found.replaceChildren(...(!typed ? [] : all.length
      ? t(`${whole(all.length)} desa cocok${all.length > MOST_HITS ? `, ${MOST_HITS} ditampilkan` : ""}`, `${whole(all.length)} desa found${all.length > MOST_HITS ? `, ${MOST_HITS} shown` : ""}`)
      : shownHits.length ? t("Tidak ada desa yang cocok; yang namanya paling mirip ditampilkan.", "No desa matches; those with the nearest names are shown.")
      : t("Tidak ada desa yang cocok.", "No desa matches.")));
    // Enter opens what was typed, not what is merely like it
    mark(shownHits.length && !isNear ? 0 : -1);
  };
  const open = (village) => {
    close();
    box.value = "";
    if (location.hash === `#${village.code}`) show();
    else location.hash = village.code;
  };
  box.addEventListener("input", list);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (hits.hidden) list();
      else mark(((event.key === "ArrowDown" ? active + 1 : Math.max(active, 0) - 1) + shownHits.length) % shownHits.length);
    } else if (event.key === "Enter" && active >= 0 && shownHits[active]) {
      event.preventDefault();
      open(shownHits[active]);
    } else if (event.key === "Escape") close();
  });
  document.getElementById("finder").hidden = false;

  // ---- one desa ---------------------------------------------------------------------------------------------------
  const card_ = (big, ...small) => el("li", {}, el("b", {}, big), el("span", {}, ...small));
  const table = (label, heads, rows) => el("div", { class: "scroll", tabindex: "0", role: "region", ...named(...label) },
    el("table", {}, el("thead", {}, el("tr", {}, heads.map(([words, kind]) => el("th", { scope: "col", ...(kind ? { class: kind } : {}) }, words)))), el("tbody", {}, rows)));
  const cell = (content, kind) => el("td", kind ? { class: kind } : {}, content);

  const newestGiven = (village) => {
    for (let place = data.months.length - 1; place >= 0; place -= 1) {
      if (village.measured[place] > 0 || village.measured[place] === HIDDEN) return place;
    }
    return -1;
  };

  const figures = (village) => {
    const place = newestGiven(village);
    const cards = [];
    if (place >= 0) {
      const word = data.public
        ? t("stunting menurut register", "stunted by the register")
        : t("stunting terhitung dari register", "stunted, as counted by the register");
      cards.push(card_(percent(village.pct[place]), word, " · ", month(data.months[place]), "; ", beside(village, place)));
      const estimated = isKnown(village.estimate[place]);
      cards.push(card_(range(village.low[place], village.high[place]), data.public
        ? t("selang 95 %, dihitung (Wilson) dari angka yang diterbitkan", "95 % interval, worked out (Wilson) from the published counts")
        : [t("selang 95 %", "95 % interval"), estimated ? [t("; taksiran ", "; estimate "), percent(village.estimate[place])] : ""]));
      cards.push(card_(percent(village.coverage[place]), t("cakupan; ", "coverage; "), beside(village, place)));
    }
    if (village.convergence.length) {
      const [households, low, high] = village.convergence;
      cards.push(card_(range(low, high), t("rumah tangga 1000 HPK dengan semua layanan, dari ", "households of the first 1,000 days with all services, of "), figure(households), t("; sisanya belum diketahui", "; the rest is not known"), " · ", t(...data.convergenceQuarter)));
    }
    return cards.length ? el("ul", { class: "cards" }, cards) : "";
  };

  const chart = (village, width) => {
    const months = data.months;
    const height = 250, left = 46, right = 24, top = 16, bottom = 74, bars = 34;
    const step = (width - left - right) / Math.max(months.length, 1);
    const x = (place) => left + (place + 0.5) * step;
    const known = [village.pct, village.high, village.estimate].flat().filter(isKnown);
    const most = Math.max(50, Math.ceil(Math.max(0, ...known) / 100) * 100);
    const y = (value) => top + (height - top - bottom) * (1 - value / most);
    const floor = height - 22;
    const svg = el("svg:svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "trend", ...named(`Stunting per bulan di ${village.name}; tabel di bawah memuat angkanya.`, `Stunting by month in ${village.name}; the table below has the figures.`) });
    const every = most <= 200 ? 50 : most <= 500 ? 100 : 200;
    for (let value = 0; value <= most; value += every) {
      svg.append(el("svg:line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }));
      svg.append(el("svg:text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, `${value / 10} %`));
    }
    const most_due = Math.max(1, ...village.due.filter(isKnown));
    const wide = Math.max(2, Math.min(18, step * 0.55));
    months.forEach((_, place) => {
      if (isKnown(village.low[place]) && isKnown(village.high[place])) {
        svg.append(el("svg:rect", { x: x(place) - wide / 2, width: wide, y: y(village.high[place]), height: Math.max(1, y(village.low[place]) - y(village.high[place])), rx: Math.min(3, wide / 2), class: "band" }));
      }
      if (isKnown(village.due[place])) {
        const tall = bars * village.due[place] / most_due;
        svg.append(el("svg:rect", { x: x(place) - wide / 2, width: wide, y: floor - tall, height: tall, class: "due" }));
        if (isKnown(village.measured[place])) {
          const part = bars * village.measured[place] / most_due;
          svg.append(el("svg:rect", { x: x(place) - wide / 2, width: wide, y: floor - part, height: part, class: "measured" }));
        }
      }
    });
    const line = (series, kind) => {
      let path = "", last = false;
      months.forEach((_, place) => {
        if (isKnown(series[place])) path += `${last ? "L" : "M"}${x(place).toFixed(1)} ${y(series[place]).toFixed(1)}`;
        last = isKnown(series[place]);
      });
      if (path) svg.append(el("svg:path", { d: path, class: kind }));
    };
    line(village.estimate.some(isKnown) ? village.estimate : village.pct, "line");
    months.forEach((_, place) => {
      if (isKnown(village.pct[place])) svg.append(el("svg:circle", { cx: x(place), cy: y(village.pct[place]), r: Math.min(4, Math.max(2, step * 0.2)), class: "dot" }));
      else if (village.pct[place] < 0) svg.append(el("svg:text", { x: x(place), y: y(0) - 6, "text-anchor": "middle" }, village.pct[place] === HIDDEN ? "•" : `<${data.least}`));
    });
    const labels = Math.max(1, Math.ceil(months.length / Math.floor((width - left) / 64)));
    months.forEach((text, place) => {
      if ((months.length - 1 - place) % labels === 0) svg.append(el("svg:text", { x: x(place), y: height - 5, "text-anchor": "middle" }, month(text, "svg:tspan")));
    });
    return svg;
  };

  const trend = (village) => {
    const frame = el("div", { class: "frame" });
    const draw = () => frame.replaceChildren(chart(village, Math.max(280, Math.round(frame.clientWidth || 640))));
    const mark = (kind, words) => el("li", {}, el("i", { class: `key ${kind}`, "aria-hidden": "true" }), el("span", {}, words));
    const estimated = village.estimate.some(isKnown);
    const legend = el("ul", { class: "legend" },
      mark("dot", t("terhitung dari register", "as counted by the register")),
      estimated ? mark("line", t("taksiran", "estimate")) : "",
      mark("band", data.public ? t("selang 95 % (Wilson)", "95 % interval (Wilson)") : t("selang 95 % taksiran", "95 % interval of the estimate")),
      mark("measured", t("anak diukur", "children measured")), mark("due", t("sasaran", "due")));
    const rows = data.months.map((text, place) => el("tr", {}, el("th", { scope: "row" }, month(text)),
      cell(percent(village.pct[place]), "num"), cell(figure(village.stunted[place]), "num"), cell(figure(village.heights[place]), "num"),
      cell(range(village.low[place], village.high[place]), "num"), cell([figure(village.measured[place]), " / ", figure(village.due[place])], "num"), cell(percent(village.coverage[place]), "num"))).reverse();
    const monthly = el("details", {}, el("summary", {}, t("Angka per bulan", "Figures by month")),
      table(["Angka per bulan", "Figures by month"], [[t("Bulan", "Month")], [t("Stunting", "Stunting"), "num"], [t("Anak stunting", "Stunted"), "num"], [t("Tinggi sah", "Valid heights"), "num"], [t("Selang 95 %", "95 % interval"), "num"], [t("Diukur / sasaran", "Measured / due"), "num"], [t("Cakupan", "Coverage"), "num"]], rows));
    const made = el("figure", { class: "panel" }, el("h3", {}, t("Stunting menurut register, per bulan", "Stunting by the register, by month")), legend, frame, monthly);
    requestAnimationFrame(draw);
    new ResizeObserver(() => { if (frame.isConnected && frame.firstChild && Math.abs(frame.firstChild.width.baseVal.value - frame.clientWidth) > 2) draw(); }).observe(frame);
    return made;
  };

  const priority = (village) => {
    const parts = [];
    if (village.priority.length) {
      const [group, possible, reasons, met, known] = village.priority;
      parts.push(el("p", { class: "verdict" }, el("b", {}, group === null ? "–" : words(group)), possible !== null && possible !== group ? [t(", mungkin ", ", possibly "), words(possible)] : "",
        el("span", { class: "note" }, t(` · ${met} alasan dari ${known} kriteria yang diketahui`, ` · ${met} reasons of ${known} known criteria`))));
      if (reasons.length) parts.push(el("ul", { class: "reasons" }, reasons.map((reason) => el("li", {}, words(...reason)))));
    }
    if (village.criteria.length) {
      const WORDS = { holds: ["●", "alasan", "a reason"], undecided: ["◐", "belum dapat diputuskan", "cannot be decided"], fails: ["○", "bukan alasan", "no reason"], unknown: ["–", "tidak diketahui", "unknown"] };
      const order = Object.keys(WORDS);
      const known = [...village.criteria].sort((a, b) => order.indexOf(data.states[a[1]]) - order.indexOf(data.states[b[1]]));
      const items = known.map(([label, state]) => {
        const [mark, indonesian, english] = WORDS[data.states[state]] ?? ["", data.states[state], data.states[state]];
        return el("li", { class: `criterion ${data.states[state]}` }, el("span", { class: "state", "aria-hidden": "true" }, mark), el("span", {}, words(label), " ", el("small", {}, t(indonesian, english))));
      });
      parts.push(el("ul", { class: "criteria" }, items));
    }
    if (village.visits.some(Boolean)) {
      parts.push(el("p", {}, t("Daftar kunjungan bulan ini: ", "This month's list of visits: "), data.visits.map((category, place) => [place ? ", " : "", whole(village.visits[place]), " ", t(...category)]),
        t(`; ${whole(village.visitsOfWeek)} di antaranya pekan pertama. `, `; ${whole(village.visitsOfWeek)} of them in the first week. `),
        el("span", { class: "note" }, t("Nama anak tidak ada di sini: minta daftar nama kepada petugas data.", "Names of children are not here: ask the data officer for the list of names."))));
    }
    return parts.length ? el("section", { class: "panel" }, el("h3", {}, t("Mengapa desa ini (tidak) didahulukan", "Why this desa comes first, or not")), parts) : "";
  };

  const reached = (village) => {
    const parts = [];
    if (village.reached.length) {
      const rows = village.reached.map(([number, numerator, denominator, pct, status]) => {
        const [name, english, agency, unit, target, verified, falls] = data.indicators[number];
        const bar = el("span", { class: "bar", "aria-hidden": "true" });
        bar.append(el("span", { style: `width:${isKnown(pct) ? Math.min(100, pct / 10) : 0}%` }));
        if (target !== null) bar.append(el("i", { style: `left:${Math.min(100, target / 10)}%` }));
        return el("tr", {}, el("th", { scope: "row" }, t(name, english), el("small", { class: "by" }, agency, falls ? t(" · makin rendah makin baik", " · lower is better") : "")), cell([percent(pct), bar, el("small", { class: "by" }, figure(numerator), " / ", figure(denominator), " ", t(...unit)), status === null || target === null || data.public ? "" : el("small", { class: "by" }, words(status))], "num reach"),
          cell([target === null ? "" : [percent(target), " "],
            target === null ? el("small", {}, t("tanpa target", "no target")) : data.public && !verified ? el("small", { class: "by" }, t("belum terverifikasi", "not verified")) : ""], "num"));
      });
      parts.push(table(["Capaian di desa ini", "Reached in this desa"], [[t("Layanan", "Service")], [t("Capaian", "Reached"), "num"], [t("Target", "Target"), "num"]], rows));
    }
    const [risk, riskKnown, accompanied, accompaniedKnown] = village.families;
    if (village.families.length) {
      parts.push(el("p", {}, t("Keluarga berisiko stunting (KRS) menurut BKKBN: ", "Families at risk of stunting (KRS) by BKKBN: "), figure(risk), t(" dari ", " of "), figure(riskKnown),
        t("; didampingi ", "; accompanied "), figure(accompanied), t(" dari ", " of "), figure(accompaniedKnown), " (", t(...data.familiesAsOf), ")."));
    }
    const lacking = village.convergence[3];
    if (lacking !== null && lacking !== undefined) parts.push(el("p", {}, t("Layanan 1000 HPK yang paling banyak kurang: ", "Service of the first 1,000 days that is lacking most: "), el("b", {}, words(lacking)), ` (${village.convergence[4]}).`));
    return parts.length ? el("section", {}, el("h3", {}, t("Apa yang sudah sampai di desa ini, ", "What has reached this desa, "), t(...data.quarter)), parts) : "";
  };

  const show = () => {
    const code = decodeURIComponent(location.hash.slice(1));
    const village = byCode.get(code);
    card.hidden = !village;
    // the address may lead to a place of the page instead
    found.replaceChildren(...(village || !code || document.getElementById(code) ? [] : t(`Tidak ada desa dengan kode ${code}.`, `No desa has the code ${code}.`)));
    if (!village) return;
    const nothing = newestGiven(village) < 0;
    card.replaceChildren(el("p", { class: "eyebrow" }, village.kecamatan ? `Kecamatan ${village.kecamatan} · ` : "", el("code", {}, village.code)), el("h2", {}, village.name),
      nothing ? el("p", { class: "empty" }, t("Belum ada satu anak pun yang tercatat diukur di desa ini, jadi prevalensinya tidak diketahui. Tidak diketahui bukan nol.", "Not a single child of this desa is on record as measured, so its prevalence is not known. Unknown is not zero.")) : "",
      figures(village), nothing ? "" : trend(village), priority(village), reached(village));
    document.title = `${village.name} · Tegak`;
    document.querySelector("title").removeAttribute("data-en");
    document.dispatchEvent(new Event("drawn"));
    card.focus({ preventScroll: true });
    document.getElementById("finder").scrollIntoView({ block: "start" });
  };
  window.addEventListener("hashchange", show);
  window.addEventListener("beforeprint", () => card.querySelectorAll("details").forEach((part) => { part.open = true; }));
  show();
})();
