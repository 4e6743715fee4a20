"use strict";
// All texts enter by textContent: a name is never read as markup.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const byId = (id) => document.getElementById(id);
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const NAME = 0, LABEL = 1, PREDICTED = 2, SCORE = 3, SCORE_TRUE = 4, VALUES = 5, THUMB = 6, REASON = 7;

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  // Dark or light: what was chosen, else what the system prefers.
  const root = document.documentElement;
  function isDark() {
    const chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function stored(action) {
    // A page opened from disk may have no storage: then the choice lasts as long as the page.
    try { return action(window.localStorage); } catch (error) { return null; }
  }
  const theme = stored((storage) => storage.getItem("sensitivity-theme"));
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  const themeButton = byId("theme");
  themeButton.hidden = false;
  themeButton.setAttribute("aria-pressed", String(isDark()));
  themeButton.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    themeButton.setAttribute("aria-pressed", String(isDark()));
    stored((storage) => storage.setItem("sensitivity-theme", root.dataset.theme));
  });

  // One image: a button with its little picture; a click enlarges it.
  function blank(image) {
    return make("span", { class: "blank" }, image[REASON] || words["samples.no_picture"]);
  }
  function picture(image) {
    if (image[THUMB] === null) return blank(image);
    const [uri, width, height] = data.thumbs[image[THUMB]];
    return make("img", { src: uri, width, height, alt: "" });
  }
  // A path's last part: the whole name is in the tooltip and in the viewer.
  function shortName(name) { return name.split(/[\\/]/).filter(Boolean).pop() || name; }
  function isWrong(image) { return image[LABEL] !== image[PREDICTED]; }
  function thumb(places, index) {
    const image = data.images[places[index]];
    const said = isWrong(image) ? make("b", {}, image[PREDICTED]) : document.createTextNode(image[PREDICTED]);
    const label = isWrong(image) ? `${image[LABEL]} → ` : "";
    const what = make("bdi", { class: "what" }, label, said, make("br"), shortName(image[NAME]));
    const button = make("button", { type: "button", title: image[NAME] }, picture(image), what);
    if (isWrong(image)) button.className = "is-wrong";
    button.addEventListener("click", () => open(places, index));
    return button;
  }
  function strip(title, places) {
    const box = make("div", { class: "strip" });
    places.forEach((_, index) => box.append(thumb(places, index)));
    if (!places.length) box.append(make("span", { class: "note" }, words["samples.none"]));
    return [make("h4", {}, title), box];
  }

  // The viewer.
  const viewer = byId("viewer");
  let current = { places: [], index: 0 };
  function score(value) { return value === null ? "–" : value.toFixed(3); }
  function show() {
    const image = data.images[current.places[current.index]];
    byId("viewer-title").replaceChildren(make("bdi", {}, image[NAME]));
    const rows = [[words.label, image[LABEL]], [words.predicted, image[PREDICTED]],
      [words.score, score(image[SCORE])], [words.score_true, score(image[SCORE_TRUE])]];
    data.features.forEach((feature, place) => {
      const value = image[VALUES][place];
      rows.push([feature.title, value === null ? "–" : String(value)]);
    });
    const table = make("table", {}, make("tbody", {}, ...rows.map(([name, value]) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, make("bdi", {}, value))))));
    byId("viewer-body").replaceChildren(make("div", {}, picture(image)), table);
    byId("viewer-previous").disabled = current.index === 0;
    byId("viewer-next").disabled = current.index === current.places.length - 1;
  }
  function open(places, index) {
    current = { places, index };
    show();
    viewer.showModal();
    byId("viewer-title").focus();
  }
  function step(by) {
    const index = current.index + by;
    if (index < 0 || index >= current.places.length) return;
    current.index = index;
    show();
  }
  byId("viewer-close").addEventListener("click", () => viewer.close());
  byId("viewer-previous").addEventListener("click", () => step(-1));
  byId("viewer-next").addEventListener("click", () => step(1));
  viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });

  // The images of a bin.
  const features = all(".feature");
  // A feature without a verdict is folded until it is asked for.
  function unfold(section, open) {
    const fold = section.querySelector("details.fold");
    if (fold) fold.open = open;
  }
  const told = new Map(data.features.map((feature) => [feature.id, feature]));
  let chosenClass = "";
  function errorsOf(id, name) {
    // A class may be called like something that every object has.
    const ofFeature = data.errors[id] || {};
    return Object.hasOwn(ofFeature, name) ? ofFeature[name] : null;
  }
  function codeOf(section, bin) {
    const button = all(".bins button", section)[bin];
    return button ? button.dataset.bin : null;
  }
  function choose(section, code) {
    all(".bins button", section).forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.bin === code)));
    const place = all(".bins button", section).findIndex((button) => button.dataset.bin === code);
    all(".chart .bin", section).forEach((bin) =>
      bin.classList.toggle("chosen", bin.dataset.bin === String(place)));
    const box = section.querySelector(".samples");
    if (!data.images.length) {
      box.replaceChildren(make("p", { class: "note" }, words["samples.off"]));
      return;
    }
    const roles = (data.bins[section.dataset.id] || {})[code] || {};
    const parts = [make("p", { class: "note" }, `${words.samples}: ${told.get(section.dataset.id).bins[code]}`)];
    for (const role of ["wrong", "confident", "right"]) {
      const places = (roles[role] || []).filter((index) =>
        !chosenClass || [data.images[index][LABEL], data.images[index][PREDICTED]].includes(chosenClass));
      if (role !== "confident" || places.length) parts.push(...strip(words[`samples.${role}`], places));
    }
    const errors = errorsOf(section.dataset.id, chosenClass);
    if (errors && String(errors[0]) === code) {
      parts.push(...strip(words["samples.class_errors"].replace("{name}", chosenClass), errors[1]));
    }
    box.replaceChildren(...parts);
  }
  function chosenCode(section) {
    const pressed = section.querySelector('.bins button[aria-pressed="true"]');
    return pressed ? pressed.dataset.bin : null;
  }
  features.forEach((section) => {
    section.querySelector(".bins").hidden = false;
    all(".bins button", section).forEach((button) =>
      button.addEventListener("click", () => choose(section, button.dataset.bin)));
    section.addEventListener("click", (event) => {
      const bin = event.target.closest && event.target.closest(".chart.trend .bin, .chart .bin[data-bin]");
      if (bin && section.contains(bin)) choose(section, codeOf(section, Number(bin.dataset.bin)));
    });
  });

  // One class, or all of them, in every feature.
  function panelOf(section, name) {
    const there = all(".panel", section).find((panel) => panel.dataset.class === name);
    if (there) return there;
    const template = section.querySelector("template");
    const found = template && Array.from(template.content.children).find((panel) => panel.dataset.class === name);
    if (!found) return null;
    const panel = found.cloneNode(true);
    panel.dataset.added = "1";
    section.querySelector(".panels").append(panel);
    return panel;
  }
  function showClass(section) {
    all('.panel[data-added="1"]', section).forEach((panel) => panel.remove());
    const wanted = chosenClass && panelOf(section, chosenClass);
    all(".panel", section).forEach((panel) => { panel.hidden = Boolean(wanted) && panel !== wanted; });
    all(".closed", section).forEach((note) => { note.hidden = Boolean(wanted); });
    const code = chosenCode(section);
    if (code !== null) choose(section, code);
  }

  // Search, filter, order.
  const filters = byId("filters");
  if (filters) {
    filters.hidden = false;
    byId("about-samples").hidden = !data.images.length;
    filters.addEventListener("submit", (event) => event.preventDefault());
    const select = byId("class"), search = byId("search"), sort = byId("sort"), only = byId("only");
    select.append(make("option", { value: "" }, words.every_class));
    data.classes.forEach((name) => select.append(make("option", { value: name }, name)));
    const titles = new Map(features.map((section) =>
      [section, `${section.dataset.title}\n${section.dataset.name}`.toLowerCase()]));
    const names = data.images.map((image) => image[NAME].toLowerCase());

    const files = byId("files");
    function findFiles(text) {
      const found = [];
      if (text) names.forEach((name, index) => { if (name.includes(text)) found.push(index); });
      files.hidden = !found.length;
      const title = words.matches.replace("{n}", found.length.toLocaleString("en"));
      files.replaceChildren(...(found.length ? strip(title, found.slice(0, 24)) : []));
      return found.length > 0;
    }
    function apply() {
      const text = search.value.trim().toLowerCase();
      const classHit = text && data.classes.some((name) => name.toLowerCase().includes(text));
      let shown = 0;
      features.forEach((section) => {
        const matches = !text || titles.get(section).includes(text) || (classHit && hasClass(section, text));
        const worth = !only.checked || section.querySelector('.panel[data-told="1"]');
        section.hidden = !(matches && worth);
        // What is searched for by its name is open as long as that is searched for.
        const found = text !== "" && titles.get(section).includes(text);
        if (found !== Boolean(section.dataset.found)) {
          unfold(section, found);
          section.dataset.found = found ? "1" : "";
        }
        if (!section.hidden) shown += 1;
      });
      const found = findFiles(text);
      byId("nothing").hidden = shown > 0 || found;
    }
    function hasClass(section, text) {
      const template = section.querySelector("template");
      const panels = all(".panel", section).concat(template ? Array.from(template.content.children) : []);
      return panels.some((panel) => panel.dataset.class.toLowerCase().includes(text));
    }
    search.addEventListener("input", apply);
    only.addEventListener("change", apply);
    select.addEventListener("change", () => {
      chosenClass = select.value;
      features.forEach(showClass);
      // What is folded has no verdict on any class; of one class the line would tell too much.
      const folded = byId("about-folded");
      if (folded) folded.hidden = chosenClass !== "";
    });
    all(".closed").forEach((note) => { note.hidden = false; });
    sort.addEventListener("change", () => {
      const list = byId("list");
      const order = sort.value === "name"
        ? features.slice().sort((a, b) => a.dataset.title.localeCompare(b.dataset.title)) : features;
      list.append(...order);
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "/" && !typing && !viewer.open) { event.preventDefault(); search.focus(); }
    });

    // From a finding to its images: its class, and its worst bin.
    all(".look").forEach((link) => link.addEventListener("click", () => {
      const section = byId(link.getAttribute("href").slice(1)).closest(".feature");
      unfold(section, true);
      select.value = link.dataset.class === "all" ? "" : link.dataset.class;
      select.dispatchEvent(new Event("change"));
      const errors = errorsOf(section.dataset.id, chosenClass);
      const code = errors ? String(errors[0]) : worst(section);
      if (code !== null) choose(section, code);
    }));
  }
  function worst(section) {
    const codes = Object.keys(data.bins[section.dataset.id] || {}).filter((code) => code !== "-1");
    const values = section.querySelector(".panel").dataset.worst;
    return values !== undefined && codes.includes(values) ? values : codes[0] || null;
  }

  // What a link leads to is opened, also by browsers that would not; and all of it for paper.
  function reveal() {
    const target = byId(window.location.hash.slice(1));
    const section = target && target.closest(".feature");
    if (!section || !section.querySelector("details.fold:not([open])")) return;
    unfold(section, true);
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = all("details.fold:not([open])");
    opened.forEach((fold) => { fold.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((fold) => { fold.open = false; }));

  // Two features at once.
  const crossings = data.crossings;
  if (crossings) {
    const one = byId("one"), other = byId("other"), ofClass = byId("crossed-class");
    byId("crossing").hidden = false;
    byId("crossing").addEventListener("submit", (event) => event.preventDefault());
    crossings.features.forEach((feature, place) => {
      one.append(make("option", { value: place }, feature.title));
      other.append(make("option", { value: place }, feature.title));
    });
    crossings.classes.forEach((name, place) =>
      ofClass.append(make("option", { value: place }, place ? name : words.every_class)));
    other.value = "1";
    const level = (value) => (value >= 0.95 ? 0 : value >= 0.85 ? 1 : value >= 0.7 ? 2 : value >= 0.5 ? 3 : 4);
    const draw = () => {
      let i = Number(one.value), j = Number(other.value);
      if (i === j) { j = i ? 0 : 1; other.value = String(j); }
      const [low, high] = i < j ? [i, j] : [j, i];
      const pair = crossings.pairs.find((each) => each.one === low && each.other === high);
      const rows = crossings.features[i].labels, columns = crossings.features[j].labels;
      const width = crossings.features[high].labels.length, k = Number(ofClass.value);
      const head = make("tr", {}, make("td", {}), ...columns.map((label) => make("th", { scope: "col" }, label)));
      const body = rows.map((label, row) => make("tr", {}, make("th", { scope: "row" }, label),
        ...columns.map((_, column) => {
          const cell = i < j ? row * width + column : column * width + row;
          const n = pair.n[k][cell], value = n ? pair.right[k][cell] / n : null;
          const kind = value === null || n < 10 ? "few" : `level${level(value)}`;
          const text = value === null ? "–" : `${(100 * value).toFixed(0)} %`;
          return make("td", { class: `level ${kind}` }, text, make("br"), make("small", {}, `${words.n} ${n.toLocaleString("en")}`));
        })));
      const metric = k ? words["metric.recall"] : words["metric.accuracy"];
      byId("crossed").replaceChildren(make("table", {},
        make("caption", {}, `${metric}: ${crossings.features[i].title} × ${crossings.features[j].title}`),
        make("thead", {}, head), make("tbody", {}, ...body)));
    };
    [one, other, ofClass].forEach((input) => input.addEventListener("change", draw));
    draw();
  }

  // A table whose heads sort it.
  all("table.sortable").forEach((table) => {
    const heads = all("thead th", table), body = table.tBodies[0];
    const key = (row, place) => {
      const cell = row.children[place];
      const text = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.replace(/,/g, "");
      return text === "" || Number.isNaN(Number(text)) ? text : Number(text);
    };
    heads.forEach((head, place) => {
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const compare = (a, b) => (typeof a === "number" && typeof b === "number"
          ? a - b : String(a).localeCompare(String(b)));
        const rows = Array.from(body.rows).sort((a, b) => compare(key(a, place), key(b, place)));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  });
})();
