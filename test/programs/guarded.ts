/** Starts a guard, registers the process whose pid is the argument, says the guard's pid, and lives until it is killed. */
import { startGuard } from '../../src/cluster/guard.ts';
import { processState } from '../../src/cluster/process-state.ts';

const pid = Number(process.argv[2]);
const guard = startGuard();
guard.add(pid, processState(pid)!.startTime);
process.stdout.write(`${guard.pid}\n`);
setInterval(() => {}, 1000);
