/** What the shapes of a timeline mean. */
import { html, type Markup } from './escape.ts';
import type { TimelineInput } from './timeline-input.ts';

/** Only the shapes that this picture has. */
export function legend({ scene, probes, versions }: TimelineInput): Markup {
  const kinds = new Set(scene.bars.map(({ kind }) => kind));
  const areRegisters = scene.bars.every(({ input }) => ['read', 'write', 'cas'].includes(input.f));
  const entries: readonly (readonly [boolean, Markup, string])[] = [
    [kinds.has('change'), swatch('op w'), areRegisters ? 'write, acknowledged' : 'change, acknowledged'],
    [kinds.has('read'), swatch('op r'), 'read'],
    [kinds.has('mismatch'), swatch('op r n'), areRegisters ? 'compare-and-set answered no' : 'answered no'],
    [scene.anomaly !== null, swatch('op r bad'), 'fits in no order'],
    [kinds.has('unknown'), swatch('op u'), 'no answer, outcome unknown'],
    [kinds.has('refused'), swatch('op f'), 'refused, no effect'],
    [
      versions !== null,
      html`<svg viewBox="0 0 26 14" aria-hidden="true">
        <g class="must"><rect class="many" x="2" y="1" width="22" height="12" /></g>
      </svg>`,
      'more than one value possible',
    ],
    ...(probes.tracks.length === 0 ? [] : NODE_LEGEND),
  ];
  return html`<div class="legend">
    ${entries.map(([shown, picture, words]) => (shown ? html`<span>${picture}${words}</span>` : null))}
  </div>`;
}

function swatch(name: string): Markup {
  const narrow = name.startsWith('op r');
  const [y, height] = name === 'op r n' ? [3.5, 7] : [1, 12];
  const cross = name.endsWith('bad') ? html`<path d="M10 4l6 6m0 -6l-6 6" />` : null;
  return html`<svg viewBox="0 0 26 14" aria-hidden="true">
    <g class="${name}">
      <rect x="${narrow ? 8 : 2}" y="${y}" width="${narrow ? 10 : 22}" height="${height}" rx="3" />
      ${cross}
    </g>
  </svg>`;
}

function roleSwatch(look: string, height: number): Markup {
  return html`<svg viewBox="0 0 26 14" aria-hidden="true">
    <rect class="role ${look}" x="1" y="${7 - height / 2}" width="24" height="${height}" rx="2" />
  </svg>`;
}

const NODE_LEGEND: readonly (readonly [boolean, Markup, string])[] = [
  [true, roleSwatch('leader', 11), 'leader'],
  [true, roleSwatch('deposed', 11), 'deposed, unaware'],
  [true, roleSwatch('candidate', 11), 'candidate'],
  [true, roleSwatch('follower', 4), 'follower'],
  [
    true,
    html`<svg viewBox="0 0 26 14" aria-hidden="true"><path class="tick" d="M6 2v11" /></svg>`,
    'entry applied: index and value',
  ],
];
