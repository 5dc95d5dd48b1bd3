/**
 * The page's script, inlined. Nothing depends on it: without scripts the first anomaly is shown whole and the links between
 * anomalies work by CSS. It adds copying, j/k, details on hover and focus, and scrolls a narrow screen to the anomaly.
 */
export const SCRIPT: string = `
const $=(s,e=document)=>[...e.querySelectorAll(s)];
for(const b of $('[data-copy]')){b.hidden=false;b.onclick=async()=>{const was=b.textContent;
try{await navigator.clipboard.writeText(b.dataset.copy);b.textContent='Copied'}
catch{const r=document.createRange();r.selectNodeContents(b.parentElement.querySelector('pre'));const s=getSelection();s.removeAllRanges();s.addRange(r);b.textContent='Selected, copy with Ctrl+C'}
setTimeout(()=>b.textContent=was,1500)}}
const tabs=$('.tab'),current=()=>{const m=(location.hash.slice(1)+' ').match(/^(a\\d+)[ -]/);return m&&tabs.some(t=>t.hash==='#'+m[1])?m[1]:tabs[0]?.hash.slice(1)};
const mark=()=>{const c=current();for(const t of tabs)t.hash==='#'+c?t.setAttribute('aria-current','true'):t.removeAttribute('aria-current')};
const centre=()=>{for(const s of $('.tlscroll'))if(s.clientWidth&&s.scrollWidth>s.clientWidth)s.scrollLeft=s.dataset.at*s.scrollWidth-s.clientWidth/2};
const arrive=()=>{mark();centre()};addEventListener('hashchange',arrive);addEventListener('load',arrive);arrive();
addEventListener('keydown',e=>{if(e.ctrlKey||e.metaKey||e.altKey||!tabs.length||(e.key!=='j'&&e.key!=='k'))return;
const at=tabs.findIndex(t=>t.hash==='#'+current());location.hash=tabs[(at+(e.key==='j'?1:tabs.length-1))%tabs.length].hash});
const tip=document.getElementById('tip');
const show=o=>{const t=o.querySelector('title');if(!t)return;tip.textContent=t.textContent;const b=o.querySelector('rect').getBoundingClientRect();
tip.classList.add('on');tip.style.left=Math.max(8,Math.min(b.left+scrollX,scrollX+innerWidth-tip.offsetWidth-12))+'px';tip.style.top=(b.top+scrollY-tip.offsetHeight-8)+'px'};
const hide=()=>tip.classList.remove('on');
for(const o of $('a.op')){o.addEventListener('mouseenter',()=>show(o));o.addEventListener('focus',()=>show(o));o.addEventListener('mouseleave',hide);o.addEventListener('blur',hide)}
`.trim();
