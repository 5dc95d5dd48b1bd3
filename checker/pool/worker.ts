/** A worker thread: judges the parts that it is sent, one after another, as long as they matter. */
import { parentPort, workerData } from 'node:worker_threads';
import { tableFromData } from '../history/table-data.ts';
import { Judge, type Judged } from '../judge.ts';
import {
  END,
  errorData,
  GO_ON,
  NO_PART,
  STOP,
  TOO_MUCH_MEMORY,
  type Done,
  type Work,
  type WorkerData,
} from './messages.ts';
import { modelOf } from './model-reference.ts';
import { stoppedByMemory } from './resident-memory.ts';

const { model: reference, maxSteps, maxBytes, clients, untimed, control, current } = workerData as WorkerData;
const model = modelOf(reference);

parentPort!.on('message', (work: Work) => parentPort!.postMessage(judgeAll(work)));

function judgeAll({ first, count, table }: Work): Done {
  const judged: Judged[] = [];
  try {
    const judge = new Judge(tableFromData(table), model, {
      budget: { maxSteps, maxBytes, shouldStop },
      clients,
      untimed,
    });
    if (judge.parts.length !== count) throw new Error(`a worker sees ${judge.parts.length} parts in ${count}`);
    for (let i = 0; i < count && matters(first + i); i++) {
      Atomics.store(current, 0, first + i);
      const one = judge.judge(i);
      if (matters(first + i)) judged.push(Atomics.load(control, STOP) === TOO_MUCH_MEMORY ? stoppedByMemory(one) : one);
    }
    return { first, judged };
  } catch (error) {
    return { first, judged, error: errorData(error) };
  } finally {
    Atomics.store(current, 0, NO_PART);
  }
}

function matters(part: number): boolean {
  return part <= Atomics.load(control, END);
}

function shouldStop(): boolean {
  return Atomics.load(control, STOP) !== GO_ON || !matters(Atomics.load(current, 0));
}
