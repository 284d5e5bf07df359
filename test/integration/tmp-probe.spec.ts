import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScratchClusters } from '../support/scratch-cluster.js';
import { connect } from '../support/scratch-database.js';
it('x', async () => {
  const clusters = await ScratchClusters.prepare();
  const folder = await clusters.dataFolder('killed');
  const postgres = await clusters.start(folder);
  const open = await connect(postgres.url);
  await open.query('BEGIN');
  await open.query('create table x(a int)');
  process.kill((await postgres.pid())!, 'SIGKILL');
  await postgres.restart().catch((e) => console.log(e.message));
  const logs = join(folder, 'postgres', 'log');
  console.log(
    readdirSync(logs)
      .map((n) => readFileSync(join(logs, n), 'utf8'))
      .join('\n'),
  );
  await clusters.remove();
}, 60000);
