/** What all pages have in common: one file that loads nothing, its head, header, footer and script. */
import { PAGE_SCRIPT } from './client-script.ts';
import { html, Markup } from './escape.ts';

export interface Shell {
  /** Begins with ✕, ✓ or ?. */
  readonly title: string;
  readonly style: string;
  readonly name: string;
  readonly about: string;
  readonly version: string;
  /** Before everything that is seen. */
  readonly before?: Markup;
  readonly main: Markup;
  /** Of pages with an explorer: the browser's part, bundled. */
  readonly client?: string;
}

/** The whole page. */
export function shell({ title, style, name, about, version, before, main, client = '' }: Shell): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline';img-src data:"
        />
        <title>${title} · stalemate</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        ${before ?? null}<a class="skip" href="#main">Skip to the result</a>
        <header class="top">
          <div class="wrap">
            <span class="brand">${LOGO}stalemate</span><span class="crumbs"><b>${name}</b> · ${about}</span>
          </div>
        </header>
        <main id="main" class="wrap">${main}</main>
        <div id="tip" aria-hidden="true"></div>
        <footer>
          <div class="wrap">
            stalemate ${version} · report format 1 · loads nothing, works offline and without scripts
          </div>
        </footer>
        <script>
          ${new Markup(PAGE_SCRIPT)};
          ${new Markup(client)};
        </script>
      </body>
    </html> `.text;
}

const LOGO: Markup = html`<svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
  <rect x="2" y="3.5" width="18" height="3.2" rx="1.6" fill="currentColor" />
  <rect x="2" y="9.4" width="8.5" height="3.2" rx="1.6" fill="currentColor" opacity=".45" />
  <circle cx="16" cy="11" r="2.4" fill="var(--badfill)" />
  <rect x="2" y="15.3" width="18" height="3.2" rx="1.6" fill="currentColor" />
</svg>`;
