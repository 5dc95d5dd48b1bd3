/** Which clients are witnesses, where each enters, and which process numbers they use up. */
import { expect, test } from 'vitest';
import { layOutSlots } from '../../src/run/slots.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

function laidOut(clients: number, hasReads = true): readonly string[] {
  return layOutSlots(clients, NODES, { hasReads }).map(
    ({ role, entry }) => `${role === 'witness' ? 'reads' : 'uses'} ${entry}`,
  );
}

test('ten clients of five nodes: one writer and one witness at each', () => {
  expect(laidOut(10)).toEqual([...NODES.map((node) => `uses ${node}`), ...NODES.map((node) => `reads ${node}`)]);
});

test('writers beyond the nodes go round, witnesses do not multiply', () => {
  expect(laidOut(12).filter((it) => it.startsWith('reads')).length).toBe(5);
  expect(laidOut(12)[5]).toBe('uses n1');
});

test('with few clients as many are witnesses as leave two writers, or one of two', () => {
  expect(laidOut(1)).toEqual(['uses n1']);
  expect(laidOut(2)).toEqual(['uses n1', 'reads n1']);
  expect(laidOut(3)).toEqual(['uses n1', 'uses n2', 'reads n1']);
  expect(laidOut(5)).toEqual(['uses n1', 'uses n2', 'reads n1', 'reads n2', 'reads n3']);
});

test('where there is nothing to read nobody is a witness', () => {
  expect(laidOut(6, false)).toEqual([...NODES.map((node) => `uses ${node}`), 'uses n1']);
});
