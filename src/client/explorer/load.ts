/** From the page's template to columns: base64, gzip, varints. Nothing of it is done before somebody wants to see it. */
import { decodeRun, type RunColumns } from '../../report/explorer/run-columns.ts';

/** @throws where the browser cannot unpack gzip */
export async function loadRun(template: HTMLTemplateElement): Promise<RunColumns> {
  const packed = Uint8Array.from(atob(template.content.textContent), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return decodeRun(new Uint8Array(await new Response(unpacked).arrayBuffer()));
}
