// The child process of scratch-lock-taker.ts: takes the lock of each folder that it reads from stdin, and holds it.
require('./scratch-typescript.cjs');
const { DataFolderLock } = require('../../libs/storage/data-folder.ts');

const locks = [];
require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', async (folder) => {
    try {
      locks.push(await DataFolderLock.acquire(folder));
      console.log('taken');
    } catch (error) {
      console.log(error.name);
    }
  });
console.log('ready');
