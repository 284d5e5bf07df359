import { Command } from 'commander';
import { readKeyFile } from '../../../libs/config/key-file.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { serverKeysOf } from '../../../libs/crypto/server-keys.js';
import { CommandError } from './command-error.js';
import { configOrWarn } from './installation.js';
import { printFields, printJson } from './output.js';

export function keyCommand(): Command {
  const key = new Command('key').description('the key that this server is known by');
  key
    .command('show')
    .description('the public key, as in join links; never the private one')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza key show')
    .action(showKey);
  return key;
}

async function showKey({ json }: { json?: true }): Promise<void> {
  const { keyFile } = configOrWarn();
  const privateKey = await readKeyFile(keyFile);
  if (!privateKey)
    throw new CommandError(`There is no key yet: ${keyFile} is made when the server first starts.`);
  const { publicKeyHex } = serverKeysOf(selectCryptoBackend('sodium'), privateKey);
  if (json) printJson({ publicKey: publicKeyHex, keyFile });
  else printFields({ 'public key': publicKeyHex, 'key file': keyFile });
}
