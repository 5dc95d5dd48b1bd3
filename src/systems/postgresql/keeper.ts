/**
 * A keeper runs one PostgreSQL server and decides, with the keepers of the other nodes, who is the primary: PostgreSQL itself never promotes
 * anybody. It sees the others only through their servers, over the same links as their logs go.
 */
import { setTimeout as sleepMs } from 'node:timers/promises';
import type { NodeId } from '../../contract/names.ts';
import { decide, primaryIn, type Decision } from './election.ts';
import type { KeeperOptions } from './keeper-options.ts';
import { PgConnection } from './pg-connection.ts';
import { Server } from './server.ts';
import { standingOver, type Standing } from './standing.ts';

const ROUND_MS = 150;
const ASK_MS = 500;
/** Nothing is to be had by haste before the server runs. */
const ASK_FIRST_MS = 2000;
/** Before a replica that has just begun stands for election itself: others begin more slowly. */
const OTHERS_START_WITHIN_MS = 3000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #server: Server;
  readonly #own: PgConnection;
  readonly #peers: readonly (readonly [node: NodeId, connection: PgConnection])[];
  readonly #nodes: number;
  #follows: NodeId | null = null;
  #latest = 0;
  #sawPrimaryMs = performance.now() + OTHERS_START_WITHIN_MS;
  #gotLogMs = performance.now();

  /** `onEnd` is told why, when its server ends by itself. */
  constructor(options: KeeperOptions, onEnd: (why: string) => void) {
    this.#options = options;
    this.#own = new PgConnection(options.self);
    this.#peers = Object.entries(options.peers).map(([node, at]) => [node, new PgConnection(at)] as const);
    this.#nodes = Object.keys(options.peers).length + 1;
    this.#server = new Server(options, (how) => onEnd(`postgres ended by itself: ${how}`));
  }

  /** For ever. */
  async run(): Promise<never> {
    await this.#begin();
    for (;;) {
      await sleepMs(ROUND_MS);
      const [own, others] = await Promise.all([standingOver(this.#own, ASK_MS), this.#lookAround(ASK_MS)]);
      if (own !== null) await this.#carryOut(this.#judge(own, others));
    }
  }

  /**
   * Who was the primary may have been replaced while it was down: it asks a majority before it serves anybody. One that never was started has no
   * successor.
   */
  async #begin(): Promise<void> {
    while (this.#server.isPrimary && this.#server.wasStarted) {
      const others = await this.#lookAround(ASK_FIRST_MS);
      const latest = Math.max(...[...others.values()].map(({ timeline }) => timeline));
      if (latest > (await this.#server.timeline())) this.#server.stepDown();
      else if (others.size + 1 > this.#nodes / 2) break;
      else await sleepMs(ROUND_MS);
    }
    this.#server.start();
  }

  async #lookAround(timeoutMs: number): Promise<ReadonlyMap<NodeId, Standing>> {
    const looks = this.#peers.map(async ([node, connection]) => {
      return [node, await standingOver(connection, timeoutMs)] as const;
    });
    const seen = await Promise.all(looks);
    return new Map(seen.flatMap(([node, standing]) => (standing === null ? [] : [[node, standing] as const])));
  }

  #judge(own: Standing, others: ReadonlyMap<NodeId, Standing>): Decision {
    const { node: self } = this.#options;
    const nowMs = performance.now();
    this.#latest = Math.max(this.#latest, ...[own, ...others.values()].map(({ timeline }) => timeline));
    const latest = this.#latest;
    const isReceiving = own.receivesFrom !== null;
    const hasPrimary = own.isPrimary || primaryIn({ self, own, others, latest }) !== null;
    if (isReceiving || hasPrimary) this.#sawPrimaryMs = Math.max(this.#sawPrimaryMs, nowMs);
    if (isReceiving || !hasPrimary) this.#gotLogMs = nowMs;
    return decide({
      self,
      own,
      others,
      latest,
      nodes: this.#nodes,
      follows: this.#follows,
      withoutPrimaryMs: nowMs - this.#sawPrimaryMs,
      withoutLogMs: nowMs - this.#gotLogMs,
    });
  }

  async #carryOut(decision: Decision): Promise<void> {
    if (decision.kind === 'stay') return;
    console.error(`keeper: ${JSON.stringify(decision)}`);
    if (decision.kind === 'promote') {
      await this.#server.promote();
      return;
    }
    const { kind, primary } = decision;
    if (kind === 'follow' && (await this.#server.follow(primary)).kind !== 'answered') return;
    if (kind === 'yield') await this.#server.yieldTo(primary);
    if (kind === 'copy') await this.#copy(primary);
    this.#follows = primary;
    this.#gotLogMs = performance.now();
  }

  /** One that fails is tried again when it has been without the other's log for as long again. */
  async #copy(primary: NodeId): Promise<void> {
    try {
      await this.#server.copy(primary);
    } catch (error) {
      console.error(`keeper: ${(error as Error).message}`);
    }
  }
}
