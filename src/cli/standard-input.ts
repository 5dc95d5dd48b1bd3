/** What `-` on the command line stands for. */
export const STANDARD_INPUT = '/dev/stdin';
