/** Buttons that copy the command of a run. Where a page may not use the clipboard, as in a frame, the command is selected instead. */
import { all } from './dom.ts';

const SAID_FOR_MS = 1500;

export function offerCopies(): void {
  for (const button of all<HTMLButtonElement>('[data-copy]')) {
    const name = button.textContent;
    button.hidden = false;
    button.addEventListener('click', () => {
      void copy(button).then((said) => {
        button.textContent = said;
        setTimeout(() => (button.textContent = name), SAID_FOR_MS);
      });
    });
  }
}

async function copy(button: HTMLButtonElement): Promise<string> {
  try {
    await navigator.clipboard.writeText(button.dataset['copy'] ?? '');
    return 'Copied';
  } catch {
    select(button.parentElement!.querySelector('pre')!);
    return 'Selected, copy with Ctrl+C';
  }
}

function select(element: Element): void {
  const selection = getSelection();
  const range = document.createRange();
  range.selectNodeContents(element);
  selection?.removeAllRanges();
  selection?.addRange(range);
}
