/** The name of the file by which clients come to that port of a host; in its node's folder. */
export function socketNameOf(port: number): string {
  return `port-${port}.sock`;
}
