/**
 * The look of the report: one column of text, light or dark as the reader has it, wide tables that scroll by
 * themselves. A shade at a table's right edge says that there is more: a cover that scrolls along hides it at the end.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1c1e21; --soft: #5b6168; --line: #d5d9de; --tint: #f4f6f8; --link: #0a62a8; --shade: rgb(0 0 0 / .3); }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15171a; --ink: #e6e8ea; --soft: #a2a9b1; --line: #363b41; --tint: #1e2125; --link: #78b7ee; --shade: rgb(255 255 255 / .35); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1000px; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
header h2 { margin-top: 1.25rem; padding-top: 0; border-top: 0; }
p { margin: .5rem 0; max-width: 75ch; }
a { color: var(--link); }
dl { margin: 1rem 0; padding: .75rem 1rem; background: var(--tint); border-radius: 6px; font-size: .9rem; }
dl div { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .2rem 0; }
dt { flex: 0 0 12rem; color: var(--soft); }
dd { flex: 1 1 20rem; margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
nav ol { margin: 1rem 0 0; padding-left: 1.8rem; columns: 3 14rem; font-size: .95rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 1.75rem 2rem; margin: 1.5rem 0 2.5rem; }
figure { margin: 0; min-width: 0; }
figcaption, .caption { font-weight: 600; line-height: 1.35; margin: 1.5rem 0 .35rem; }
figcaption { margin-top: 0; }
figure > svg { display: block; width: 100%; max-width: 440px; height: auto; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .25rem 0; padding: 0; font-size: .85rem; }
.legend svg { vertical-align: middle; fill: none; }
.note { color: var(--soft); font-size: .85rem; line-height: 1.45; margin: .3rem 0; max-width: 95ch; }
details { font-size: .85rem; margin: .3rem 0; }
summary { cursor: pointer; color: var(--link); }
.table { overflow-x: auto; margin: 0 0 .4rem; background: linear-gradient(to right, var(--ground), var(--ground)) 100% / 1.5rem 100% no-repeat local, linear-gradient(to left, var(--shade), transparent) 100% / 1.5rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-size: .85rem; line-height: 1.35; font-variant-numeric: tabular-nums; border-bottom: 1.5px solid var(--ink); }
thead th { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink); vertical-align: bottom; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; }
tbody th { min-width: 9.5rem; }
tbody td:not(.number) { min-width: 8rem; }
tbody th { font-weight: 400; position: sticky; left: 0; background: var(--ground); background-clip: padding-box; }
thead th { font-weight: 600; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody tr:has(> th:empty) > * { border-top: 0; }
.number { text-align: right; white-space: nowrap; padding-left: .5rem; }
.number + :not(.number) { padding-left: .8rem; }
small { color: var(--soft); font-size: .8em; font-weight: 400; }
tbody .published { color: var(--soft); font-style: italic; }
@media (max-width: 600px) { tbody th, tbody td:not(.number) { min-width: 7rem; } }
@media print { .table { overflow: visible; } section { break-inside: auto; } nav, details { display: none; } }
`;
