// A process that lives until it is killed.
setInterval(() => {}, 1000);
process.stdout.write('running\n');
