-- How the page of an audit looks (html.lua). Contrast of all text is at least 4.5 to 1 in both schemes, which
-- tests/peers/audit_page.test.mjs reckons.

return [==[
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --raised: #eef0f4; --ink: #171b21; --dim: #535c68; --line: #d9dee5;
  --accent: #0a50c2; --on-accent: #ffffff; --shadow: 0 1px 2px #0f172a14, 0 4px 16px #0f172a0d;
  --managed: #0c6236; --managed-tint: #e0f3e7; --declared: #0b4aa6; --declared-tint: #e2ecfc;
  --adoptable: #075763; --adoptable-tint: #dcf1f4; --foreign: #56369e; --foreign-tint: #ede7fb;
  --orphan: #824500; --orphan-tint: #fdedd8; --gone: #961a26; --gone-tint: #fde6e8;
  --missing: #454e5b; --missing-tint: #e8ebf0; --stale: #87125a; --stale-tint: #fbe5f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101317; --card: #171b21; --raised: #20262e; --ink: #e8ebf0; --dim: #a6afbb; --line: #2d343e;
    --accent: #9dc1ff; --on-accent: #0d1726; --shadow: 0 1px 2px #00000066;
    --managed: #86dfab; --managed-tint: #12301f; --declared: #a3c7ff; --declared-tint: #142b4c;
    --adoptable: #84dcea; --adoptable-tint: #0e3239; --foreign: #cdb9ff; --foreign-tint: #2c2249;
    --orphan: #ffc680; --orphan-tint: #3c2706; --gone: #ffa9b0; --gone-tint: #45151b;
    --missing: #c4ccd7; --missing-tint: #2a313a; --stale: #ffa6d9; --stale-tint: #421331;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 1360px; margin: 0 auto; padding: 32px 24px 48px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 0; font-size: 15px; }
.where { margin: 4px 0 0; color: var(--dim); overflow-wrap: anywhere; }
.line { margin: 2px 0 0; color: var(--dim); }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 22px 0 12px; }
.tools { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin: 0 0 14px; }
button { font: inherit; color: inherit; cursor: pointer; }
button:focus-visible, input:focus-visible, summary:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px;
}
.chip {
  display: inline-flex; gap: 7px; align-items: center; padding: 4px 12px; min-height: 34px;
  border: 1px solid var(--line); border-radius: 999px; background: var(--card);
}
.chip b { font-variant-numeric: tabular-nums; }
.chip::before { content: ""; width: 9px; height: 9px; border-radius: 50%; background: var(--tone, var(--dim)); }
.chip.mark::before { background: none; border: 2px solid var(--orphan); }
.chip:hover { border-color: var(--dim); }
.chip[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.chip[aria-pressed="true"]::before { background: var(--on-accent); border-color: var(--on-accent); }
#find {
  flex: 0 1 420px; min-height: 38px; padding: 6px 14px; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card); color: var(--ink); font: inherit;
}
#find::placeholder { color: var(--dim); opacity: 1; }
.shown { margin: 0; color: var(--dim); font-size: 13.5px; }
.sheet { background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); }
.grid { overflow: clip; }
table { width: 100%; border-collapse: separate; border-spacing: 0; }
caption { padding: 0; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
thead th {
  position: sticky; top: 0; z-index: 1; padding: 0; text-align: left; background: var(--raised);
  border-bottom: 1px solid var(--line); font-weight: 600; font-size: 13.5px;
}
thead th:first-child { border-top-left-radius: 13px; }
thead th:last-child { border-top-right-radius: 13px; }
thead button {
  display: flex; gap: 6px; align-items: center; width: 100%; padding: 10px 14px; border: 0; background: none;
  text-align: left; font-weight: inherit; white-space: nowrap;
}
thead button::after { content: "\2195"; color: var(--dim); font-weight: 400; }
[aria-sort="ascending"] button::after { content: "\2191"; color: var(--accent); }
[aria-sort="descending"] button::after { content: "\2193"; color: var(--accent); }
thead .number button { justify-content: flex-end; }
tbody td, tbody th {
  padding: 10px 14px; vertical-align: top; text-align: left; font-weight: 400;
  border-bottom: 1px solid var(--line);
}
tbody tr:last-child > * { border-bottom: 0; }
tbody tr.row:hover > * { background: var(--raised); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.title { font-weight: 600; overflow-wrap: anywhere; unicode-bidi: isolate; }
.none { color: var(--dim); font-weight: 400; }
.about { color: var(--dim); font-size: 13.5px; overflow-wrap: anywhere; unicode-bidi: isolate; }
.id { font: 12.5px/1.75 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; user-select: all; }
.text { overflow-wrap: anywhere; unicode-bidi: isolate; }
td > .text { display: inline-block; min-width: 10ch; max-width: 24ch; }
.badge {
  display: inline-block; padding: 1px 10px; border-radius: 999px; font-size: 13px; font-weight: 600;
  color: var(--tone); background: var(--tint); white-space: nowrap;
}
.mark-badge {
  display: inline-block; margin: 4px 6px 0 0; padding: 0 8px; border-radius: 6px; font-size: 12.5px;
  border: 1px solid currentColor; color: var(--orphan); white-space: nowrap;
}
.odd {
  padding: 0 4px; border-radius: 4px; background: var(--gone-tint); color: var(--gone); font-size: 0.82em;
  font-weight: 500; white-space: nowrap;
}
.managed { --tone: var(--managed); --tint: var(--managed-tint); }
.declared { --tone: var(--declared); --tint: var(--declared-tint); }
.adoptable { --tone: var(--adoptable); --tint: var(--adoptable-tint); }
.foreign { --tone: var(--foreign); --tint: var(--foreign-tint); }
.orphan { --tone: var(--orphan); --tint: var(--orphan-tint); }
.gone { --tone: var(--gone); --tint: var(--gone-tint); }
.missing { --tone: var(--missing); --tint: var(--missing-tint); }
.stale { --tone: var(--stale); --tint: var(--stale-tint); }
.open {
  min-width: 64px; padding: 2px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  white-space: nowrap;
}
.open::after { content: " \25BE"; color: var(--dim); }
.open[aria-expanded="true"]::after { content: " \25B4"; }
.open:hover { border-color: var(--dim); }
tr.detail > td { padding: 12px 18px 16px; background: var(--page); }
.facts { display: grid; grid-template-columns: 100px 1fr; gap: 4px 18px; margin: 0; font-size: 14px; }
.facts dt { color: var(--dim); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts ul { margin: 0; padding: 0; list-style: none; }
.nothing { padding: 28px 16px; text-align: center; color: var(--dim); }
details { margin-top: 18px; padding: 12px 18px; }
summary { cursor: pointer; font-weight: 600; }
.words { display: grid; grid-template-columns: max-content 1fr; gap: 8px 18px; margin: 14px 0 4px; }
.words dd { margin: 0; }
.warnings ul { margin: 10px 0 2px; padding-left: 20px; }
.warnings li { margin: 4px 0; overflow-wrap: anywhere; }
.warnings .about { display: block; }
@media (max-width: 760px) {
  main { padding: 20px 14px 32px; }
  h1 { font-size: 22px; }
  #find { flex: 1 1 100%; }
  .grid { overflow: visible; background: none; border: 0; border-radius: 0; box-shadow: none; }
  table, tbody, tr.row, tr.detail, tr.row > *, tr.detail > * { display: block; }
  thead { display: block; }
  thead tr { display: flex; flex-wrap: wrap; gap: 6px; padding: 0 0 12px; }
  thead th { position: static; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
  thead th:first-child, thead th:last-child { border-radius: 8px; }
  thead button { padding: 4px 10px; min-height: 34px; }
  tbody tr.row {
    display: grid; grid-template-columns: 1fr auto; gap: 4px 10px; margin-bottom: 10px; padding: 12px 14px;
    background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow);
  }
  tbody tr.row > * { padding: 0; border: 0; grid-column: 1 / -1; }
  tbody tr.row:hover > * { background: none; }
  tbody tr.row > .c-title { grid-column: 1; grid-row: 1; }
  tbody tr.row > .c-status { grid-column: 2; grid-row: 1; }
  tbody tr.row > td[data-name] { display: flex; gap: 12px; justify-content: space-between; align-items: baseline; }
  tbody tr.row > td[data-name]::before { content: attr(data-name); color: var(--dim); font-size: 13.5px; }
  tbody tr.row > td.empty { display: none; }
  td > .text { min-width: 0; max-width: none; text-align: right; }
  .id { font-size: 12px; overflow-wrap: anywhere; text-align: right; }
  tr.detail { margin: -4px 0 12px; }
  tr.detail > td { border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
  .facts, .words { grid-template-columns: 1fr; gap: 2px; }
  .facts dd, .words dd { margin-bottom: 8px; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --raised: #ffffff; --ink: #000000; --dim: #444444; --line: #bbbbbb;
    --managed: #000000; --declared: #000000; --adoptable: #000000; --foreign: #000000; --orphan: #000000;
    --gone: #000000; --missing: #000000; --stale: #000000;
    --managed-tint: #ffffff; --declared-tint: #ffffff; --adoptable-tint: #ffffff; --foreign-tint: #ffffff;
    --orphan-tint: #ffffff; --gone-tint: #ffffff; --missing-tint: #ffffff; --stale-tint: #ffffff;
    --shadow: none;
  }
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .chips, .tools, .open, thead button::after { display: none !important; }
  .sheet { border: 0; border-radius: 0; }
  .badge { padding: 0; }
  .id { font-size: 8pt; }
  thead th { position: static; }
  thead button { padding: 4px 8px; }
  tbody td, tbody th { padding: 4px 8px; }
  tr { break-inside: avoid; }
  tr.row.more > * { border-bottom: 0; }
  tr.detail[hidden]:not(.out) { display: table-row !important; }
  tr.detail > td { padding: 0 8px 6px 24px; background: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .chip, .open, tbody tr.row > * { transition: background-color 120ms, border-color 120ms; }
}
]==]
