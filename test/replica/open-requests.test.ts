/** The table of open requests. */
import { expect, test } from 'vitest';
import { OpenRequests } from '../../src/replica/open-requests.ts';

const REQUEST = { connection: 1, attempt: 7, readKey: null };

test('a command is answered by the very entry that it became, not by another of the same index', () => {
  const requests = new OpenRequests();
  requests.place(requests.open(REQUEST), { index: 5, term: 2 });
  expect(requests.takeAt({ index: 4, term: 2 })).toBeUndefined();
  expect(requests.takeAt({ index: 5, term: 3 })).toBeUndefined();
  requests.place(requests.open(REQUEST), { index: 5, term: 4 });
  expect(requests.takeAt({ index: 5, term: 4 })).toEqual(REQUEST);
  expect(requests.takeAt({ index: 5, term: 4 })).toBeUndefined();
});

test('a connection that is lost takes its requests along, and no others', () => {
  const requests = new OpenRequests();
  const [first, second] = [requests.open(REQUEST), requests.open(REQUEST)];
  const other = requests.open({ ...REQUEST, connection: 2 });
  requests.take(first);
  expect(requests.dropConnection(1)).toEqual([second]);
  expect(requests.dropConnection(1)).toEqual([]);
  expect(requests.take(other)).toEqual({ ...REQUEST, connection: 2 });
});
