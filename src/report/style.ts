/** The page's style sheet, inlined: light and dark by the reader's preference, print, and narrow screens. */

const LIGHT = `--bg:#f7f6f3;--panel:#fffefb;--panel2:#f3f1ec;--ink:#17191f;--ink2:#4a4e58;--ink3:#646872;--line:#e3e0d8;--line2:#cfcbc0;
--bad:#a93408;--badfill:#c2440d;--badsoft:#fbe9df;--badline:#f0c3ab;--onbad:#fff;--good:#0a6b68;--goodsoft:#dff0ee;--write:#1c5d9f;--writefill:#2f75bd;--read:#5a6070;--warn:#7d5200;--warnsoft:#fbf0d6;--warnline:#e8cf94;
--node:#3a3f4b;--onnode:#fff;--nodesoft:#c9c8c3;--fault:#6d4a91;--faultsoft:rgba(124,84,168,.075);--faulthatch:rgba(109,74,145,.26);--shadow:0 1px 2px rgba(30,25,10,.05),0 6px 24px -12px rgba(30,25,10,.12);--focus:#1c5d9f;color-scheme:light`;

const DARK = `--bg:#0e1014;--panel:#15181e;--panel2:#1c2028;--ink:#eceae5;--ink2:#b9bcc4;--ink3:#9aa0ab;--line:#272c36;--line2:#3a414e;
--bad:#ff9466;--badfill:#f2713a;--badsoft:#33190f;--badline:#6b3219;--onbad:#1b0d06;--good:#63cdc4;--goodsoft:#0f2b2a;--write:#8bbdf5;--writefill:#5b97dc;--read:#9aa1b0;--warn:#e9c46f;--warnsoft:#2c2412;--warnline:#5e4c20;
--node:#a4abb9;--onnode:#0e1014;--nodesoft:#414957;--fault:#c4a5e6;--faultsoft:rgba(180,140,225,.085);--faulthatch:rgba(190,155,230,.25);--shadow:none;--focus:#8bbdf5;color-scheme:dark`;

const THEMES = `:root{${LIGHT}}@media screen and (prefers-color-scheme:dark){:root{${DARK}}}`;

const BASE = `
:root{--sans:Inter,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:"JetBrains Mono",ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
*{box-sizing:border-box}html{scroll-padding-top:64px}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 var(--sans);-webkit-font-smoothing:antialiased;overflow-wrap:break-word}
a{color:inherit}:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
.num,td,dd{font-variant-numeric:tabular-nums}.mono,code,kbd{font-family:var(--mono);font-size:.92em}
.wrap{max-width:1360px;margin:0 auto;padding:0 32px}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--panel);padding:8px 12px;z-index:9}
header.top{border-bottom:1px solid var(--line)}header.top .wrap{display:flex;align-items:center;gap:18px;min-height:46px}
.brand{display:flex;gap:9px;align-items:center;font-weight:650;letter-spacing:-.01em}.crumbs{color:var(--ink3);font-size:13.5px;min-width:0}.crumbs b{font-weight:550;color:var(--ink)}
h1,h2,h3,p{margin:0}h1,h2,h3{letter-spacing:-.015em}h2{font-size:19px;font-weight:650;line-height:1.3}h3{font-size:15px;font-weight:620}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow);margin-top:14px}.sec{padding:20px 22px}
.lede{color:var(--ink2);margin-top:4px;max-width:76ch;font-size:14px}
.chip{display:inline-flex;border-radius:99px;font:550 12.5px/1 var(--sans);padding:6px 10px;border:1px solid var(--line2);color:var(--ink2);background:var(--panel)}
.chip.bad{color:var(--bad);background:var(--badsoft);border-color:var(--badline)}.chip.warn{color:var(--warn);background:var(--warnsoft);border-color:var(--warnline)}
.warn-t{color:var(--warn);font-weight:620}.bad-t{color:var(--bad);font-weight:620}.mut{color:var(--ink3)}.sm{font-size:12.5px;color:var(--ink3)}
table{border-collapse:collapse;width:100%;margin-top:8px;font-size:14px}thead th{font:600 12px/1.3 var(--sans);color:var(--ink3);border-bottom:1px solid var(--line2);vertical-align:bottom}th,td{text-align:left;padding:9px 10px;border-bottom:1px solid var(--line);vertical-align:top}tbody tr:last-child>*{border-bottom:0}.r{text-align:right;white-space:nowrap}
tbody th{font-weight:620}.wide{overflow-x:auto}.list{max-height:420px;overflow-y:auto}.nodes th,.nodes td{white-space:nowrap}.nodes td:nth-child(2),.nodes thead th{white-space:normal}.nodes th,.nodes td{padding-inline:8px}.nodes .val{max-width:14ch;overflow:hidden;text-overflow:ellipsis}
tr.hi>*{background:var(--badsoft)}tr.hi .sm,tr.hi .mut{color:var(--ink2)}tr:target>*{background:var(--warnsoft)}
pre{font:13px/1.6 var(--mono);background:var(--panel2);border-radius:9px;padding:13px 15px;margin:12px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.btn{border:1px solid var(--line2);background:var(--panel);color:var(--ink2);font:500 13px/1 var(--sans);padding:8px 11px;border-radius:7px;cursor:pointer}.btn:hover{color:var(--ink);border-color:var(--ink3)}
footer{color:var(--ink3);font-size:13px;padding:22px 0 36px;border-top:1px solid var(--line);margin-top:36px}`;

const HERO = `
.hero{display:grid;grid-template-columns:minmax(0,1fr) 392px;gap:48px;padding:18px 0 12px;align-items:start}
.verdict{display:flex;align-items:center;gap:10px;font-weight:650;font-size:17px;letter-spacing:-.01em;flex-wrap:wrap}.verdict svg{flex:none}.verdict.bad{color:var(--bad)}.verdict.good{color:var(--good)}.verdict.warn{color:var(--warn)}
h1{font-size:31px;line-height:1.24;font-weight:600;letter-spacing:-.024em;margin:10px 0 8px;text-wrap:balance}
h1 a{text-decoration:none;border-bottom:2px solid var(--line2);padding-bottom:1px;white-space:nowrap}h1 a:hover{border-color:currentColor}h1 .badv{color:var(--bad);border-color:var(--badline);white-space:nowrap}h1 .okv{color:var(--write);border-color:color-mix(in srgb,var(--write) 35%,transparent)}
.because{font-size:15.5px;color:var(--ink2);max-width:72ch}.because b{color:var(--ink);font-weight:600}
.facts{margin:0;display:grid;grid-template-columns:92px 1fr;font-size:13.5px;line-height:1.4}.facts dt{color:var(--ink3)}.facts dt,.facts dd{margin:0;padding:4px 0;border-top:1px solid var(--line)}.facts dt:first-of-type,.facts dd:first-of-type{border-top:0}.facts .mut{font-size:12.5px}
.tabs{display:flex;flex-wrap:wrap;gap:8px 10px;margin-top:14px}
.tab{flex:1 1 270px;max-width:440px;display:grid;grid-template-columns:auto 1fr;gap:0 11px;align-items:center;padding:6px 14px 6px 8px;border:1px solid var(--line);border-radius:11px;text-decoration:none;color:var(--ink2)}
.tab i{grid-row:span 2;font:650 13px/26px var(--sans);width:26px;height:26px;border-radius:7px;text-align:center;background:var(--panel2)}.tab b{line-height:1.35;font-weight:620;font-size:14.5px;color:var(--ink);white-space:nowrap}.tab em{grid-column:2;font-style:normal;line-height:1.35;font-size:12.5px;color:var(--ink3)}
.tab:hover{border-color:var(--line2)}.tab[aria-current=true]{background:var(--panel);border-color:var(--badfill);box-shadow:inset 0 0 0 1px var(--badfill)}.tab[aria-current=true] i{background:var(--badfill);color:var(--onbad)}`;

const TIMELINE = `
.tl{padding:12px 20px}.tlhead{display:flex;align-items:baseline;gap:4px 14px;flex-wrap:wrap;margin-bottom:8px}
.tlscroll{overflow-x:auto}.tlscroll svg{display:block;width:100%;min-width:1000px;height:auto}.whole svg{display:block;width:100%;height:auto}.whole{margin-top:12px}.whole .tlhead{margin-bottom:2px}
svg text{font-family:var(--sans);fill:var(--ink2);font-size:12px}svg .m{font-family:var(--mono);font-size:11.5px;letter-spacing:-.02em}svg .lab{font-weight:550;fill:var(--ink);font-size:12.5px}svg .ey{font-size:10.5px;font-weight:600;letter-spacing:.07em;fill:var(--ink3)}svg .dim{fill:var(--ink3)}svg .s{font-size:11px}svg .v{fill:var(--write);font-weight:700;font-size:12.5px}
.grid,.lane{stroke:var(--line);stroke-width:1}.plate{fill:var(--panel)}
.op{cursor:pointer}.op text{font-family:var(--mono);font-size:11.5px;letter-spacing:-.02em;fill:var(--ink);paint-order:stroke;stroke:var(--panel);stroke-width:4px;stroke-linejoin:round}.op path{stroke:var(--panel);stroke-width:1.7;fill:none}
.op.w rect{fill:var(--writefill)}.op.w text{fill:var(--write);font-weight:600}.op.r rect{fill:var(--panel);stroke:var(--read);stroke-width:1.3}.op.n rect{stroke-dasharray:1.5 1.5}.op.u rect{fill:url(#hUnknown);stroke:var(--ink3);stroke-dasharray:3 2}.op.u text,.op.f text{fill:var(--ink3)}.op.f rect{fill:none;stroke:var(--ink3);stroke-dasharray:2.5 2}
.op.bad rect{fill:var(--badfill);stroke:var(--badfill);stroke-dasharray:none}.op.bad text{fill:var(--bad);font-weight:700}.op.key text{font-weight:700;stroke-width:9px}.op text.in{stroke:none}.op.w text.in,.op.bad text.in{fill:var(--panel)}.op:focus{outline:none}.op:focus rect,.op:target rect,.op:hover rect{stroke:var(--focus);stroke-width:2.5;stroke-dasharray:none}
.gap .soft{fill:var(--badsoft)}.gap path{stroke:var(--badfill);stroke-width:1.4;fill:none}.gap .dash{stroke-dasharray:2 2;stroke-width:1.2}.gap text{fill:var(--bad);font-weight:680;font-size:12.5px}
.must .one{fill:color-mix(in srgb,var(--writefill) 20%,var(--panel))}.must .many{fill:url(#hUnknown)}.must .m.v{paint-order:stroke;stroke:var(--panel);stroke-width:3px}
.fault .band{fill:var(--faultsoft);stroke:var(--fault)}.fault .hatch{fill:url(#hFault)}.fault .wash,.node .hit{fill:var(--faultsoft)}.fault text,.fl{fill:var(--fault)!important;font-weight:650}.fl{font-size:11px!important}.fault .edge{stroke:var(--fault);stroke-dasharray:2 3}
.role.leader{fill:var(--node)}.role.deposed{fill:url(#hDeposed);stroke:var(--node)}.role.candidate{fill:var(--panel);stroke:var(--node);stroke-dasharray:3 2}.role.follower{fill:var(--nodesoft)}.role.down{fill:var(--line2)}
.rl{font-size:11px!important;fill:var(--ink2)}.rl.leader{fill:var(--onnode)!important;font-weight:600}.rl.deposed{fill:var(--ink)!important;font-weight:600}
.tick{stroke:var(--writefill);stroke-width:1.4}.st{font-size:10.5px!important;paint-order:stroke;stroke:var(--panel);stroke-width:3px}.st.key{font-weight:700;stroke-width:5px;fill:var(--write)!important}.served{fill:var(--badfill);stroke:var(--panel);stroke-width:1.5}
.at .m{font-weight:650;fill:var(--ink)!important;white-space:pre}.at.bad text{fill:var(--bad)!important}
.cur{pointer-events:none}.cur line{stroke:var(--badfill);stroke-width:1.5}.cur rect{fill:var(--badfill)}.cur text{fill:var(--onbad);font-weight:650;font-size:11.5px}.cur.calm line{stroke:var(--ink3);stroke-dasharray:4 3}.cur.calm rect{fill:var(--node)}.cur.calm text{fill:var(--onnode)}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;padding:10px 0 2px;border-top:1px solid var(--line);margin-top:6px;font-size:12.5px;color:var(--ink2)}.legend span{display:inline-flex;gap:7px;align-items:center}.legend svg{width:26px;height:14px}
.density{fill:var(--nodesoft)}.badtick{fill:var(--badfill)}.frame{fill:none;stroke:var(--ink);stroke-width:1.6}
.others,.elsewhere{display:none}.others .op{opacity:.5}.view.all .others,.others:has(:target),.view.all .elsewhere{display:revert}
.tlhead p{flex:1 1 300px}.controls{display:flex;flex:none;max-width:100%;flex-wrap:wrap;gap:6px 10px;align-items:center;margin-left:auto}.controls[hidden]{display:none}kbd{border:1px solid var(--line2);border-bottom-width:2px;border-radius:4px;padding:0 5px;font-size:11.5px;color:var(--ink2);background:var(--panel)}
.seg{display:inline-flex;border:1px solid var(--line2);border-radius:7px;overflow:hidden}.seg button{border:0;background:none;font:500 12.5px/1 var(--sans);padding:6px 10px;color:var(--ink3);cursor:pointer}.seg button[aria-pressed=true]{background:var(--panel2);color:var(--ink)}.seg button:focus-visible{outline-offset:-2px}
.events .grid,.events .axis,.events .st{display:none}.picture{touch-action:pan-x pan-y}
#tip{position:absolute;top:0;left:0;pointer-events:none;z-index:8;background:var(--ink);color:var(--bg);border-radius:9px;padding:8px 11px;font-size:12.5px;line-height:1.45;max-width:340px;visibility:hidden}#tip.on{visibility:visible}`;

const WHOLE = `
.lost{fill:var(--warn)}.nay{fill:var(--ink3)}.whole svg.dot{display:inline-block;width:9px;height:9px;margin:0 5px 0 1px;vertical-align:-.5px;min-width:0}.whole svg.line{display:inline-block;width:22px;height:10px;margin-right:6px;min-width:0}.whole.sec svg{margin-top:10px}
.lat path{fill:none;stroke-linejoin:round}.lat .p50{stroke-width:2.2}.lat .p99{stroke-width:1;opacity:.75}.lat.writes path{stroke:var(--writefill)}.lat.reads path{stroke:var(--read)}.lat.reads .p50{stroke-dasharray:5 2.5}
.whole .lede{max-width:none}.whole svg text{paint-order:stroke;stroke:var(--panel);stroke-width:3px}.span,.middle{fill:none;stroke:var(--badfill);stroke-width:1.4}.middle{stroke-width:4;stroke-linecap:square}.mark{paint-order:stroke;stroke:var(--panel);stroke-width:3px}.ring{fill:none;stroke:var(--ink);stroke-width:2}.column{fill:var(--badfill);opacity:.8}.pair{display:flex;flex-wrap:wrap;gap:8px 40px;margin-top:14px}.pair figure{margin:0;flex:1 1 340px;min-width:0}.pair svg{min-width:0!important}`;

const EXPLORER = `
.scripted .unscripted,:root:not(.scripted) .scripted-only{display:none}.explorer{margin-top:10px}.explorer .tlhead{align-items:center}
.excontrols{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin:2px 0 8px}.excontrols select{font:13px var(--mono);color:var(--ink);background:var(--panel);border:1px solid var(--line2);border-radius:7px;padding:4px 7px;min-width:90px;margin-left:5px;max-width:220px}
.exview{border:1px solid var(--line);border-radius:8px;cursor:grab;touch-action:pan-y;overflow:hidden}.exview:active{cursor:grabbing}.exview.over{cursor:pointer}.exview canvas{display:block;width:100%}.ex-said{font-size:13px;min-height:1.6em}
[data-events] .seg:has([data-order],[data-axis]){display:none}.exploring .frame{stroke:var(--ink3);stroke-dasharray:3 3}.exploring .frame.now{stroke:var(--ink);stroke-dasharray:none}.frame.now[width="0"]{display:none}.scripted .whole svg[data-end-ns]{cursor:ew-resize;touch-action:pan-y}`;

const PROOF = `
.two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.16fr);gap:0 20px}
.proof{list-style:none;margin:14px 0 0;padding:0}.step{display:grid;grid-template-columns:26px 1fr auto;gap:4px 12px;padding:11px 0;border-top:1px solid var(--line);align-items:baseline}
.step .n{font:650 12.5px/22px var(--sans);width:22px;height:22px;border-radius:50%;text-align:center;background:var(--panel2);color:var(--ink2)}.step.bad .n{background:var(--badfill);color:var(--onbad)}
.step .o a{font-weight:600;font-size:14px;text-decoration:none}.step .o a:hover{text-decoration:underline}.who{color:var(--ink3)}.step .why{grid-column:2/4;color:var(--ink2);font-size:13.5px}.step .s{font:600 13px var(--mono);color:var(--bad)}
.concl{margin-top:12px;padding:12px 14px;border-radius:10px;background:var(--badsoft);font-size:14px}
.files{list-style:none;padding:0;margin:10px 0 0;font-size:13.5px}.files li{display:flex;justify-content:space-between;gap:18px;padding:7px 0;border-top:1px solid var(--line)}`;

const MEDIA = `
@media (max-width:1100px){.hero,.two{grid-template-columns:minmax(0,1fr)}.hero{gap:20px}h1{font-size:27px}.wrap{padding:0 18px}}
@media (max-width:720px){h1{font-size:24px}.tl{padding:12px}.sec{padding:16px}.tab{max-width:none}.whole .wide>svg{min-width:900px}.scripted .whole svg[data-end-ns]{touch-action:auto}}
@page{size:A4 landscape;margin:11mm}
@media print{:root{--bg:#fff;--panel:#fff;--panel2:#f4f4f4;--shadow:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}.btn,.controls,.skip,.noprint{display:none!important}.panel{break-inside:avoid;box-shadow:none}body{font-size:10.5pt}.tlscroll,.list{overflow:visible;max-height:none}.tlscroll svg{min-width:0}.hero{grid-template-columns:1fr 330px;gap:24px;padding:6px 0 0}.facts{font-size:11.5px;line-height:1.25}.facts dt,.facts dd{padding:2px 0}.facts .mut{font-size:10.5px}header.top .wrap{min-height:34px}.tl{break-inside:auto;padding:8px 14px}.tlscroll,.whole,.legend{break-inside:avoid}.tlhead{break-after:avoid}.legend{font-size:11px;padding-top:5px}h1{font-size:22px;margin:6px 0}.two{grid-template-columns:1fr 1fr}.wrap{padding:0}th,td{padding:6px 5px;font-size:11px}}`;

/** The style sheet of a page whose stories have the given slugs; all but the first are shown only when they are the target. */
export function styleSheet(slugs: readonly string[]): string {
  return THEMES + BASE + HERO + TIMELINE + WHOLE + EXPLORER + PROOF + choose(slugs) + MEDIA;
}

const CAMPAIGN = `
.cmx{border-collapse:separate;border-spacing:6px;margin:10px -6px 0;width:calc(100% + 12px)}.cmx th,.cmx td{border:0;padding:0;vertical-align:middle}.cmx thead th{padding:4px 2px}.cmx tbody th{font-weight:500;padding:0 2px}.cmx .sys th{padding:16px 2px 4px;font-weight:650;border-bottom:1px solid var(--line)}
.c{display:flex;justify-content:space-between;align-items:center;gap:8px;min-height:34px;padding:0 11px;border-radius:8px;border:1px solid transparent;text-decoration:none;font-weight:620;font-size:13.5px;white-space:nowrap}.c small{font-weight:500;font-size:12px}a.c:hover{border-color:currentColor}
.c.ok{background:var(--goodsoft);color:var(--good)}.c.expected{color:var(--ink2);border-color:var(--line2);background:repeating-linear-gradient(-45deg,var(--panel2) 0 5px,var(--panel) 5px 9px)}.c.unexpected{background:var(--badfill);color:var(--onbad)}.c.unknown{background:var(--warnsoft);color:var(--warn);border:1px dashed var(--warnline)}
.key{display:flex;flex-wrap:wrap;gap:8px 22px;border-top:1px solid var(--line);margin-top:12px;padding-top:12px;font-size:13px;color:var(--ink2)}.key span{display:inline-flex;gap:8px;align-items:center}.key .c{min-height:26px}
.trend{width:100%;height:auto;margin-top:8px}.trend polyline{fill:none;stroke-width:2}.trend .axis{stroke:var(--line)}.trend text{font:12px var(--sans);fill:var(--ink2)}.trend .dim{fill:var(--ink3);font-size:11px}.runs .r,.runs td:nth-child(3){white-space:nowrap}.runs th{font-weight:550}.lower{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.5fr);gap:0 20px}.lower.alone{grid-template-columns:minmax(0,1fr)}@media (max-width:1100px){.lower{grid-template-columns:minmax(0,1fr)}}
@media (max-width:720px){.runs thead{position:absolute;left:-999px}.runs tr{display:block;padding:9px 0;border-bottom:1px solid var(--line)}.runs th,.runs td{display:block;border:0;padding:1px 0;text-align:left!important;white-space:normal!important}.runs td:last-child::before{content:"late by ";color:var(--ink3)}}`;

const LIST = `
.filter{display:flex;flex-wrap:wrap;gap:8px 18px;align-items:end;margin:10px 0}.filter label{display:grid;gap:3px;font-size:12.5px;color:var(--ink3)}select,input[type=search]{font:14px var(--sans);color:var(--ink);background:var(--panel);border:1px solid var(--line2);border-radius:7px;padding:7px 9px;min-width:180px}
.good-t{color:var(--good);font-weight:620;white-space:nowrap}.bad-t,.warn-t,.mut-t{white-space:nowrap}.compare th:first-child{width:220px}.differs td{background:var(--warnsoft)}`;

/** The style sheet of lists and comparisons. */
export function listStyle(): string {
  return THEMES + BASE + HERO + LIST + MEDIA;
}

/** The style sheet of a campaign's page. */
export function campaignStyle(): string {
  return THEMES + BASE + HERO + PROOF + CAMPAIGN + MEDIA;
}

/** The style sheet of a page that brings what only it has. */
export function pageStyle(own: string): string {
  return THEMES + BASE + HERO + TIMELINE + own + MEDIA;
}

/** `#a2`, or anything inside its story, shows that story instead of the first. */
function choose(slugs: readonly string[]): string {
  const [first, ...others] = slugs;
  if (first === undefined || others.length === 0) return '';
  const rules = others.map((slug) => {
    const when = `:root:has(#${slug}:target,.for-${slug} :target)`;
    return `${when} .for-${slug}{display:revert}${when} .two.for-${slug}{display:grid}${when} .for-${first}{display:none}`;
  });
  return `${others.map((slug) => `.for-${slug}`).join(',')}{display:none}${rules.join('')}`;
}
