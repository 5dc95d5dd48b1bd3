/** The style sheet of the answers page, over what all pages have in common. */
import { pageStyle } from './style.ts';

const HEAD = `
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.banner{border-radius:11px;padding:12px 16px;margin-top:14px;font-size:14.5px;border:1px solid var(--warnline);background:var(--warnsoft);color:var(--warn)}.banner.bad{background:var(--badfill);border-color:var(--badfill);color:var(--onbad);font-size:17px;padding:16px 20px}
.ahead{padding:30px 0 22px;display:grid;grid-template-columns:minmax(0,1fr) auto;gap:20px 40px;align-items:end}.ahead h1{font-size:38px;line-height:1.12;font-weight:660;letter-spacing:-.03em;margin:0}.ahead p{margin-top:10px;color:var(--ink2);font-size:16.5px;max-width:62ch}.ahead p.sm{font-size:12.5px;color:var(--ink3);max-width:none}
.tally{display:flex;flex-wrap:wrap;gap:10px 24px;list-style:none;margin:0;padding:0}.tally b{display:flex;gap:8px;align-items:center;font-size:26px;font-weight:650;letter-spacing:-.02em;line-height:1.1}.tally span{font-size:13px;color:var(--ink3)}.tally .none b{color:var(--ink3);font-weight:450}
.si{flex:none;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}.si .full{fill:currentColor;stroke:none}.si .on{stroke:var(--panel);stroke-width:2.1}.si.answered{color:var(--write)}.si.holds{color:var(--good)}.si.correction{color:var(--warn)}.si.not-as-expected{color:var(--bad)}.si.not-tested{color:var(--ink3)}
.chip{align-items:center;gap:6px;white-space:nowrap}.chip.good{color:var(--good);background:var(--goodsoft);border-color:transparent}.good-t{color:var(--good);font-weight:620}
.lay{display:grid;grid-template-columns:252px minmax(0,1fr);gap:34px;align-items:start}
.eyebrow{font:600 11.5px/1.2 var(--sans);letter-spacing:.07em;text-transform:uppercase;color:var(--ink3)}
.qs{scrollbar-width:thin;position:sticky;top:14px;max-height:calc(100vh - 28px);overflow-y:auto;font-size:13px;line-height:1.35;padding-top:14px}.qs ol{list-style:none;margin:8px 0 0;padding:0}.qs a{display:grid;grid-template-columns:16px 1fr;gap:9px;text-decoration:none;padding:6px 8px;border-radius:8px;color:var(--ink2)}.qs a[aria-current]{background:var(--panel);color:var(--ink);box-shadow:inset 0 0 0 1px var(--line2)}.qs a:hover{background:var(--panel2);color:var(--ink)}.qs b{font:600 12px var(--mono);color:var(--ink3)}.qs .q{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}`;

const CARD = `
.card{padding:22px 26px;margin:0 0 20px}.lay .card:first-child{margin-top:14px}.pair .card:first-child{margin-top:0}.card.star{padding:28px 32px 26px}.card:target{box-shadow:0 0 0 2px var(--focus)}
.chd{display:flex;align-items:center;gap:10px;flex-wrap:wrap}.chd .id{font:650 13px/1 var(--mono);color:var(--ink3)}.perma{margin-left:auto;color:var(--ink3);font-size:13px;text-decoration:none}.perma:hover{text-decoration:underline}
.note{margin:14px 0 16px;padding-left:14px;border-left:3px solid var(--line2)}.note p{font:14px/1.6 var(--mono);color:var(--ink2)}.ln{font-size:12px;color:var(--ink3)}
.ans{font-size:22px;line-height:1.3;font-weight:640;letter-spacing:-.02em;text-wrap:balance;max-width:38em}.star .ans{font-size:31px;letter-spacing:-.025em;line-height:1.2}.pair .ans{font-size:20px}
.x{margin-top:8px;color:var(--ink2);max-width:78ch}.fell{margin-bottom:14px;padding:12px 14px;border-radius:10px;background:var(--badsoft);color:var(--ink);border:1px solid var(--badline)}.fell b{color:var(--bad);display:block}.fell span{display:block;font-size:14px}
.ev{display:flex;flex-wrap:wrap;margin:18px 0 0;border-top:1px solid var(--line)}.ev div{flex:1 1 150px;padding:13px 18px 0 0;display:flex;flex-direction:column-reverse;justify-content:flex-end}.ev dd{margin:0;font-size:22px;font-weight:640;letter-spacing:-.02em;line-height:1.25}.ev dd small{display:block;font-size:13px;font-weight:500;letter-spacing:0;color:var(--ink3);white-space:nowrap}.ev dt{font-size:13px;color:var(--ink3);line-height:1.4;max-width:30ch}
.go{list-style:none;margin:16px 0 0;padding:0;font-size:13.5px}.go li{padding:2px 0 2px 16px;text-indent:-16px}.go li::before{content:'→ ';color:var(--write);display:inline-block;width:16px;text-indent:0}a.run{font-weight:600;color:var(--write)}.go .mut{font-size:12.5px}
.again{display:flex;gap:6px 12px;flex-wrap:wrap;align-items:center;margin-top:16px;padding-top:12px;border-top:1px solid var(--line)}.again pre{margin:0;padding:5px 10px;font-size:12px;border-radius:7px;min-width:0}.again .btn{padding:6px 9px;font-size:12px}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:20px}.lay .pair:first-child{margin-top:14px}.pair .card{display:flex;flex-direction:column}.pair .again{margin-top:auto}.pair .again{padding-top:12px}.pair .card>:nth-last-child(2){margin-bottom:16px}
details summary{cursor:pointer;font-size:13.5px;color:var(--ink2);width:fit-content}.claims{margin-top:16px}.claims ul{list-style:none;margin:8px 0 0;padding:0}.claims li{display:grid;grid-template-columns:18px 1fr;gap:8px;padding:7px 0;border-top:1px solid var(--line);font-size:14px}.claims li>span:last-child{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:0 18px}.claims small{color:var(--ink3);font-size:12.5px}.claims .n{background:var(--badsoft)}.claims .n small{color:var(--ink2)}`;

const EVIDENCE = `
caption{text-align:left;font:600 12.5px/1.3 var(--sans);color:var(--ink2);padding:0 0 6px}.mx,.promises{margin-top:20px}
.mx td{padding:0 4px 6px;border:0;vertical-align:middle}.mx thead th{border:0;padding:4px 6px 8px}.mx th[scope=row]{width:236px;min-width:150px;font-size:14px;font-weight:600;padding:8px 10px 12px 0;vertical-align:middle;border:0}.mx th[scope=row] span{display:block;font-weight:400;color:var(--ink3);font-size:12.5px}.mx thead th:first-child{padding-left:0}
.cell{position:relative;display:flex;flex-direction:column;justify-content:center;gap:3px;border-radius:8px;padding:7px 11px 9px;min-height:52px;min-width:96px;font:600 14px/1.15 var(--sans);text-decoration:none;background:var(--panel2);overflow:hidden}.cell small{font-weight:450;font-size:12px}.cell i{position:absolute;left:0;bottom:0;height:4px;background:var(--badfill)}
.cell.b{background:var(--badsoft);color:var(--bad)}.cell.z{background:var(--goodsoft);color:var(--good)}.cell.no{background:var(--badfill);color:var(--onbad)}.cell.no i{background:var(--onbad)}a.cell:hover{box-shadow:inset 0 0 0 1.5px currentColor}
.mx .tot{padding-left:8px;vertical-align:middle;font-size:14px;white-space:nowrap}.tot small{display:block;color:var(--ink3);font-size:12px}
.split{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:14px;margin-top:18px}.side{padding:14px 16px;border-radius:11px;border:1px solid var(--line);font-size:14px;color:var(--ink2);display:flex;flex-direction:column}.side .go{margin-top:auto;padding-top:10px}.side h3{margin-bottom:3px}
.pic{display:block;width:100%;max-width:660px;height:auto;margin:12px 0 4px}.pic .op{cursor:default}.pic .op.fine rect{stroke:var(--good);stroke-width:2.2;fill:var(--goodsoft)}.pic .op.fine text{fill:var(--good);font-weight:700}.both rect{fill:var(--goodsoft)}.both text{fill:var(--good);font-weight:650;font-size:12.5px;paint-order:stroke;stroke:var(--panel);stroke-width:3px}.pic .gap text{paint-order:stroke;stroke:var(--panel);stroke-width:3px}
.words{font-size:12.5px}.words summary{font-size:12.5px;color:var(--ink3)}.words ol{margin:6px 0 0;padding-left:22px}.words li{padding:2px 0;overflow-wrap:anywhere}
.promises td,.promises thead th{white-space:nowrap}.promises .why{white-space:normal;min-width:220px;font-size:13px;color:var(--ink2)}.promises th[scope=row]{min-width:180px}
figure{margin:18px 0 0}figcaption{font-size:14px;color:var(--ink2);margin-bottom:8px}.chart figcaption{font-weight:600;font-size:13.5px}.chart ul{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:fit-content(40%) minmax(60px,1fr) auto;gap:7px 10px;font-size:13px;color:var(--ink2)}.chart li{display:grid;grid-column:1/-1;grid-template-columns:subgrid;align-items:center}.bar{height:12px}.bar i{display:block;height:12px;border-radius:3px;background:var(--writefill)}.chart b{text-align:right;font-weight:550;color:var(--ink)}.chart .sm{margin-top:8px}
.ab{display:grid;grid-template-columns:1fr 1fr;gap:12px}.ab div{border-radius:10px;padding:12px 14px;background:var(--panel2);font-size:13.5px;color:var(--ink2)}.ab b{display:block;font-size:20px;letter-spacing:-.02em;font-weight:640}.ab small{display:block;color:var(--ink2);font-size:12.5px}`;

const NARROW = `
@media (max-width:1100px){.lay,.pair,.ahead,.split{grid-template-columns:minmax(0,1fr)}.pair{gap:0}.lay{gap:0}.qs{position:static;max-height:none;columns:2}.qs .eyebrow{column-span:all}.qs li{break-inside:avoid}}
@media (max-width:720px){.card,.card.star{padding:18px 16px}.ahead h1{font-size:28px}.star .ans{font-size:24px}.ans,.pair .ans{font-size:19px}.qs{columns:1}.side{padding:12px}.mx th[scope=row]{width:132px;min-width:132px;position:sticky;left:0;z-index:1;background:var(--panel)}}
@media print{.lay,.pair{grid-template-columns:1fr}.split{grid-template-columns:1fr 1fr}.pair{gap:0}.qs{display:none}.ahead{padding-top:0}.again .sm{display:block}.card{padding:14px 18px;margin-bottom:12px}.card.star{break-inside:auto}.side,figure,tr{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}}`;

/**
 * The whole style sheet.
 * @param ids of the cards: the one that the address names is marked in the contents, without a script
 */
export function answersStyle(ids: readonly string[]): string {
  const current = ids
    .filter((id) => /^[A-Za-z][\w-]*$/.test(id))
    .map((id) => `:root:has(#${id}:target) .qs:not(.live) a[href="#${id}"]`);
  const marked =
    current.length === 0
      ? ''
      : `${current.join(',')}{background:var(--panel);color:var(--ink);box-shadow:inset 0 0 0 1px var(--line2)}`;
  return pageStyle(HEAD + CARD + EVIDENCE) + NARROW + marked;
}
