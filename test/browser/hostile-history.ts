/** A history of a system whose keys and values are attacks on the page that shows them. */

export const HOSTILE_KEY: string = `k"><img src=x onerror="document.title='owned'">`;
export const HOSTILE_OLD: string = `</script><script>document.title='owned'</script>`;
export const HOSTILE_NEW: string = `]]></svg></title></template><!--\u2028'"&amp;${'é字😀\u202e'}`;

/** A stale read of the old value, as history.jsonl. */
export function hostileHistory(): string {
  const calls = [
    { process: 0, f: 'write', value: HOSTILE_OLD, answer: HOSTILE_OLD },
    { process: 0, f: 'write', value: HOSTILE_NEW, answer: HOSTILE_NEW },
    { process: 1, f: 'read', value: null, answer: HOSTILE_OLD },
  ];
  const lines = calls.flatMap(({ process, f, value, answer }, nth) => [
    {
      index: 2 * nth,
      time: (2 * nth + 1) * 1e6,
      process,
      type: 'invoke',
      f,
      key: HOSTILE_KEY,
      value,
      node: HOSTILE_OLD,
    },
    {
      index: 2 * nth + 1,
      time: (2 * nth + 2) * 1e6,
      process,
      type: 'ok',
      f,
      key: HOSTILE_KEY,
      value: answer,
      node: HOSTILE_OLD,
    },
  ]);
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
