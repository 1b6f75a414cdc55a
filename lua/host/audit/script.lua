-- What the page of an audit does (html.lua): it makes the table of the data, sorts and filters. Whatever comes
-- from the data becomes text of an element, never markup.

return [==[
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = data.audit, words = data.words;
  const ranks = new Map(words.statuses.concat(words.marks).map((word, i) => [word, i]));
  const byId = (id) => document.getElementById(id);

  // ---- Elements

  const element = (name, classes, ...children) => {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    made.append(...children);
    return made;
  };

  // What steers a terminal or the order of letters, or is not seen, is named.
  const ODD = new RegExp("[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e" +
    "\\u2060-\\u206f\\ufeff\\ufff9-\\uffff]");
  const shown = (text) => {
    const parts = [];
    let run = "";
    for (const letter of String(text)) {
      const joins = letter === "\u200d" && run !== "";
      if (!ODD.test(letter) || joins) {
        run += letter;
        continue;
      }
      if (run) parts.push(run);
      run = "";
      const code = letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      parts.push(element("span", "odd", "U+" + code));
    }
    if (run) parts.push(run);
    return parts;
  };

  const count = (n, noun) => n + " " + noun + (n === 1 ? "" : "s");
  const date = (seconds) =>
    new Date(seconds * 1000).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
  const account = (ns) => ns.account ?? ns.account_id;
  const place = (b) => b.file + ":" + b.line;

  // ---- Columns: name, class, what it sorts by, what it shows

  const titleCell = (ns) => {
    const cell = element("th", "c-title");
    cell.scope = "row";
    cell.append(ns.title === null ? element("div", "title none", "(no namespace has this id)")
      : element("div", "title", ...shown(ns.title)));
    if (ns.description) cell.append(element("div", "about", ...shown(ns.description)));
    for (const mark of ns.marks) cell.append(element("span", "mark-badge", mark));
    return cell;
  };

  const several = new Set(all.namespaces.map(account)).size > 1;
  const some = (member) => all.namespaces.some((ns) => ns[member]);
  const textCell = (text) => text ? element("td", "", element("span", "text", ...shown(text))) : element("td", "empty");
  const numberCell = (text) => element("td", text === "" ? "number empty" : "number", text);

  const columns = [
    { name: "Status", key: (ns) => ranks.get(ns.status),
      cell: (ns) => element("td", "c-status", element("span", "badge " + ns.status, ns.status)) },
    { name: "Namespace", key: (ns) => ns.title, cell: titleCell },
    { name: "Id", key: (ns) => ns.id,
      cell: (ns) => ns.id ? element("td", "", element("code", "id", ns.id)) : element("td", "empty") },
    { name: "Account", when: several, key: account, cell: (ns) => textCell(account(ns)) },
    { name: "Owner", when: some("owner"), key: (ns) => ns.owner || null, cell: (ns) => textCell(ns.owner) },
    { name: "Jurisdiction", when: some("jurisdiction"), key: (ns) => ns.jurisdiction || null,
      cell: (ns) => textCell(ns.jurisdiction) },
    { name: "Mode", when: some("mode"), key: (ns) => ns.mode || null, cell: (ns) => textCell(ns.mode) },
    { name: "Keys", number: true, when: some("keys"), key: (ns) => ns.keys ? ns.keys.count : null,
      cell: (ns) => numberCell(ns.keys ? ns.keys.count.toLocaleString("en") : "") },
    { name: "Next expiry", number: true, when: all.namespaces.some((ns) => ns.keys && ns.keys.nearest_expiration),
      key: (ns) => ns.keys && ns.keys.nearest_expiration,
      cell: (ns) => numberCell(ns.keys && ns.keys.nearest_expiration ? date(ns.keys.nearest_expiration) : "") },
    { name: "Bindings", number: true, key: (ns) => ns.bindings.length, cell: null },
  ].filter((column) => column.when !== false);

  // ---- What is behind a row

  const facts = (ns) => {
    const list = element("dl", "facts");
    const add = (name, ...parts) => list.append(element("dt", "", name), element("dd", "", ...parts));
    const lines = (items) => element("ul", "", ...items.map((parts) => element("li", "text", ...parts)));
    if (ns.bindings.length > 0)
      add("Bound in", lines(ns.bindings.map((b) => [...shown(place(b)), " as ",
        element("b", "", ...shown(b.binding)), ...(b.env === null ? [" (top level"] : [" (", ...shown(b.env)]),
        b.member === "preview_id" ? ", preview_id)" : ")"])));
    if (ns.projects.length > 0)
      add("Recorded by", lines(ns.projects.map((p) => [...shown(p.address), " of ",
        ...(p.name === null ? ["another project"] : ["project ", element("b", "", ...shown(p.name))]),
        ", ", ...shown(p.state)])));
    if (ns.address !== null && ns.address !== ns.title) add("Address", ...shown(ns.address));
    if (ns.ttl_seconds !== null) add("Default ttl", data.durations[ns.ttl_seconds]);
    if (ns.keys && ns.keys.without_expiration > 0) {
      const first = ns.keys.without_expiration_first;
      const more = ns.keys.without_expiration - first.length;
      add("Never expire", count(ns.keys.without_expiration, "key") + ": ",
        ...first.flatMap((key, i) => [i ? ", " : "", ...shown(key)]), more > 0 ? " and " + more + " more" : "");
    }
    return list.childElementCount > 0 ? list : null;
  };

  const text = (ns) => [ns.title, ns.id, ns.address, ns.owner, ns.description, account(ns), ns.status, ...ns.marks,
    ...ns.bindings.flatMap((b) => [b.file, b.binding, b.env]), ...ns.projects.flatMap((p) => [p.name, p.state])]
    .filter((part) => part).join("\n").toLowerCase();

  const makeRow = (ns, index) => {
    const row = element("tr", "row");
    const behind = facts(ns);
    let detail = null;
    row.setAttribute("role", "row");
    for (const column of columns) {
      const cell = column.cell ? column.cell(ns) : element("td", "number");
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
      if (column.name !== "Status" && column.name !== "Namespace") cell.dataset.name = column.name;
      row.append(cell);
      if (column.cell) continue;
      if (!behind) {
        cell.append(element("span", "none", "0"));
        continue;
      }
      const button = element("button", "open", ns.bindings.length > 0 ? String(ns.bindings.length) : "more");
      button.type = "button";
      button.append(element("span", "unseen", ", details of " + (ns.title ?? ns.id)));
      button.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-controls", "detail-" + index);
      cell.append(button);
      const inside = element("td", "", behind);
      inside.colSpan = columns.length;
      inside.setAttribute("role", "cell");
      detail = element("tr", "detail", inside);
      detail.id = "detail-" + index;
      detail.hidden = true;
      detail.setAttribute("role", "row");
      row.classList.add("more");
      button.addEventListener("click", () => {
        detail.hidden = !detail.hidden;
        button.setAttribute("aria-expanded", String(!detail.hidden));
      });
    }
    return { ns, row, detail, index, text: text(ns) };
  };

  const rows = all.namespaces.map(makeRow);

  // ---- Sorting: what has nothing comes last, both ways

  const body = byId("rows");
  let sorted = { column: columns[1], down: false };

  const compare = (a, b) => {
    const x = sorted.column.key(a.ns) ?? null, y = sorted.column.key(b.ns) ?? null;
    if (x === y) return a.index - b.index;
    if (x === null || y === null) return x === null ? 1 : -1;
    return (x < y ? -1 : 1) * (sorted.down ? -1 : 1);
  };

  const placeRows = () => {
    const list = document.createDocumentFragment();
    for (const item of [...rows].sort(compare)) list.append(item.row, ...(item.detail ? [item.detail] : []));
    body.replaceChildren(list);
  };

  for (const column of columns) {
    const button = element("button", "", column.name);
    button.type = "button";
    column.head = element("th", column.number ? "number" : "", button);
    column.head.scope = "col";
    column.head.setAttribute("role", "columnheader");
    column.head.setAttribute("aria-sort", "none");
    byId("heads").append(column.head);
    button.addEventListener("click", () => {
      sorted.column.head.setAttribute("aria-sort", "none");
      sorted = { column, down: sorted.column === column && !sorted.down };
      column.head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      placeRows();
    });
  }
  sorted.column.head.setAttribute("aria-sort", "ascending");

  // ---- Filtering

  const chosen = new Set();
  const find = byId("find");

  const filter = () => {
    const wanted = find.value.trim().toLowerCase().split(/\s+/).filter((word) => word);
    let n = 0;
    for (const item of rows) {
      const fits = chosen.size === 0 || chosen.has(item.ns.status) || item.ns.marks.some((mark) => chosen.has(mark));
      const out = !fits || !wanted.every((word) => item.text.includes(word));
      item.row.hidden = out;
      if (item.detail) {
        item.detail.classList.toggle("out", out);
        const open = item.row.querySelector(".open").getAttribute("aria-expanded") === "true";
        item.detail.hidden = out || !open;
      }
      n += out ? 0 : 1;
    }
    byId("nothing").hidden = n > 0;
    if (rows.length === 0) byId("nothing").textContent = "There is no namespace.";
    byId("shown").textContent = n === rows.length ? count(n, "row") : n + " of " + count(rows.length, "row");
  };

  for (const word of words.statuses.concat(words.marks)) {
    const n = all.summary[word];
    if (n === 0) continue;
    const chip = element("button", "chip " + (words.marks.includes(word) ? "mark" : word), word,
      element("b", "", String(n)));
    chip.type = "button";
    chip.title = words.meanings[word];
    chip.setAttribute("aria-pressed", "false");
    chip.addEventListener("click", () => {
      if (!chosen.delete(word)) chosen.add(word);
      chip.setAttribute("aria-pressed", String(chosen.has(word)));
      filter();
    });
    byId("chips").append(chip);
  }
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      find.value = "";
      filter();
    }
  });

  // ---- Around the table

  byId("where").append(...shown(all.where));
  byId("line").textContent = data.line;
  if (data.naming !== null) byId("naming").append(...shown(data.naming));
  document.title = "KV namespaces of " + all.where;
  for (const word of words.statuses.concat(words.marks)) {
    const mark = words.marks.includes(word);
    byId("words").append(element("dt", "", element("span", mark ? "mark-badge" : "badge " + word, word)),
      element("dd", "", words.meanings[word]));
  }
  if (all.diagnostics.length > 0) {
    byId("warnings").hidden = false;
    byId("warnings-count").textContent = count(all.diagnostics.length, "warning");
    for (const d of all.diagnostics)
      byId("warnings-list").append(element("li", "", ...(d.file ? [element("b", "", ...shown(d.file)), ": "] : []),
        ...shown(d.message), ...(d.hint ? [element("span", "about", ...shown(d.hint))] : [])));
  }
  placeRows();
  filter();
})();
]==]
