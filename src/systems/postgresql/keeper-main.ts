/** The keeper as a program: its only argument says, as JSON, whose keeper it is. It ends with 1 when its server ends by itself. */
import { Keeper } from './keeper.ts';
import type { KeeperOptions } from './keeper-options.ts';

const options = JSON.parse(process.argv[2]!) as KeeperOptions;
const keeper = new Keeper(options, (why) => {
  console.error(why);
  process.exit(1);
});
await keeper.run();
