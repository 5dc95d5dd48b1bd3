/** Addresses as they stand in configurations, hellos and on command lines: host:port. */

/** The parts of `host:port`; undefined where it is no such text. */
export function readAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || !(Number(port) > 0 && Number(port) < 65_536)) return undefined;
  return { host, port: Number(port) };
}
