/** Rules about who may count which vote. In each story two candidates of one term meet, and only the rule keeps one of them from leading. */
import { describe, expect, test } from 'vitest';
import { rulesOf } from '../../src/raft/rules.ts';
import { brokenOn } from './broken.ts';
import { Table, type TableOptions } from './harness.ts';

/** Who leads in the end, in which term, and what broke. */
interface End {
  readonly leaders: readonly string[];
  readonly broken: readonly string[];
}

function tableOf(mutant: string | null, options: TableOptions = {}): Table {
  return new Table({ ...options, rules: rulesOf(mutant)! });
}

function endOf(table: Table): End {
  const leaders = table.ids.filter((id) => table.raft(id).role === 'leader');
  return { leaders: leaders.map((id) => `${id} in ${table.raft(id).term}`), broken: brokenOn(table) };
}

/** A pre-vote, if there is one, and a vote: `candidate` asks these voters and nobody else, and hears them. */
function stand(table: Table, candidate: string, voters: readonly string[]): void {
  table.timeOut(candidate);
  do {
    for (const request of table.take(({ from }) => from === candidate)) {
      if (voters.includes(request.to)) table.deliver(request);
    }
    for (const vote of table.take(({ to }) => to === candidate)) table.deliver(vote);
  } while (table.sent('requestVote', { from: candidate }).length > 0);
}

describe('M08 leader-votes', () => {
  /** n1 leads term 2 by n3's vote, when the request of the other candidate of that term comes. */
  const lateRequest = (mutant: string | null): End => {
    const table = tableOf(mutant);
    table.timeOut('n2');
    const requests = table.take();
    stand(table, 'n1', ['n3']);
    table.take();
    for (const request of requests.filter(({ to }) => to === 'n1')) table.deliver(request);
    for (const vote of table.take()) table.deliver(vote);
    return endOf(table);
  };

  test('a leader elects another one in its own term', () => {
    expect(lateRequest('M08')).toEqual({ leaders: ['n1 in 2', 'n2 in 2'], broken: ['single-vote', 'election-safety'] });
  });

  test('the correct node does not', () => expect(lateRequest(null)).toEqual({ leaders: ['n1 in 2'], broken: [] }));
});

describe('M09a duplicate-grants', () => {
  /** n3 leads term 2 by three of five; n2's vote for n1 in that term comes twice. */
  const votedTwice = (mutant: string | null): End => {
    const table = tableOf(mutant, { nodes: 5 });
    table.timeOut('n1');
    for (const request of table.take().filter(({ to }) => to === 'n2')) table.deliver(request);
    const [vote] = table.take();
    stand(table, 'n3', ['n4', 'n5']);
    table.take();
    table.deliver(vote!);
    table.deliver(vote!);
    return endOf(table);
  };

  test('two voters of five make a leader', () => {
    expect(votedTwice('M09a')).toEqual({ leaders: ['n1 in 2', 'n3 in 2'], broken: ['election-safety'] });
  });

  test('the correct node counts a voter once', () => {
    expect(votedTwice(null)).toEqual({ leaders: ['n3 in 2'], broken: [] });
  });
});

describe('M09b old-term-grants', () => {
  /** n2 votes for n1 in term 2, and for n3, which leads, in term 3; the first of these votes comes when n1 stands in term 3, too. */
  const lateVote = (mutant: string | null): End => {
    const table = tableOf(mutant);
    table.timeOut('n1');
    for (const request of table.take().filter(({ to }) => to === 'n2')) table.deliver(request);
    const [vote] = table.take();
    table.timeOut('n3');
    table.take();
    stand(table, 'n3', ['n2']);
    table.timeOut('n1');
    table.take();
    table.deliver(vote!);
    return endOf(table);
  };

  test('a vote of the term before makes a second leader', () => {
    expect(lateVote('M09b')).toEqual({ leaders: ['n1 in 3', 'n3 in 3'], broken: ['election-safety'] });
  });

  test('the correct node does not count it', () => {
    expect(lateVote(null)).toEqual({ leaders: ['n3 in 3'], broken: [] });
  });
});

describe('M09c pre-vote-grants', () => {
  /** Two pre-votes bring n1 to stand in term 2, in which n2 is elected; two more pre-votes for n1 come late. */
  const latePreVotes = (mutant: string | null): End => {
    const table = tableOf(mutant, { nodes: 5, core: { preVote: true } });
    table.timeOut('n1');
    for (const request of table.take()) table.deliver(request);
    const preVotes = table.take();
    for (const preVote of preVotes.slice(0, 2)) table.deliver(preVote);
    table.take();
    stand(table, 'n2', ['n3', 'n4']);
    table.take();
    for (const preVote of preVotes.slice(2)) table.deliver(preVote);
    return endOf(table);
  };

  test('who would be voted for leads', () => {
    expect(latePreVotes('M09c')).toEqual({ leaders: ['n1 in 2', 'n2 in 2'], broken: ['election-safety'] });
  });

  test('the correct node waits for votes', () => {
    expect(latePreVotes(null)).toEqual({ leaders: ['n2 in 2'], broken: [] });
  });
});
