/** Links of the answers page: to runs, each at its operation. Only relative ones are followed: what came out of a campaign names no host and no script. */
import type { CardLink } from '../contract/index.ts';
import { html, type Markup, type Piece } from './escape.ts';

/** The words as a link; as plain text where the target is none of this campaign's own files. */
export function linked(href: string, name: string, words: Piece): Markup {
  return isRelative(href)
    ? html`<a class="${name}" href="${href}">${words}</a>`
    : html`<span class="${name}">${words}</span>`;
}

/** A path below the page or a place in it: no scheme, no host, no way up. */
function isRelative(href: string): boolean {
  const [path = ''] = href.split(/[?#]/);
  return !/^\/|[:\\]|\p{Cc}/u.test(path) && !path.split('/').includes('..');
}

/** A link to a run with what is to be found there. */
export function runLink(link: CardLink): Markup {
  return html`<span class="to"
    >${linked(link.href, 'run', link.words)}
    <span class="mut">at <code>${link.operation}</code>, ${WORLDS[link.world]}</span></span
  >`;
}

const WORLDS: Readonly<Record<CardLink['world'], string>> = { simulator: 'simulated', processes: 'real processes' };
