/** The answers page as a test reads it. */
import type { Card } from '../../src/contract/index.ts';
import { renderAnswers } from '../../src/report/index.ts';
import { answersOf } from './answers-fixture.ts';

/** The card as it stands in the page. */
export function cardOf(page: string, id: string): string {
  return new RegExp(`<article class="[^"]*" id="${id}"[\\s\\S]*?</article>`).exec(page)![0];
}

/** What is read: without tags, entities and runs of space. */
export function textOf(markup: string): string {
  const text = markup.replace(/<title>[\s\S]*?<\/title\s*>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

/** A page of these cards. */
export function pageOf(...cards: readonly Card[]): string {
  return renderAnswers(answersOf(cards));
}
