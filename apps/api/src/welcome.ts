import { joinLink, publicOrigin } from '../../../libs/community/join-link.js';
import { RoomsService } from '../../../libs/community/rooms.service.js';
import type { Config } from '../../../libs/config/config.js';
import { formatFilesUrl, overlap } from '../../../libs/config/files-url.js';
import type { RoomToken } from '../../../libs/protocol/ids.js';
import type { RunningServer } from './server.js';

const LOBBY = {
  token: 'lobby' as RoomToken,
  name: 'Lobby',
  description: 'The first room of this community.',
};

/** Makes the lobby of a fresh installation, so that there is something to join. */
export async function makeFirstRoom({ app }: RunningServer): Promise<void> {
  await app.get(RoomsService).createFirst(LOBBY);
}

/** What the person at the terminal needs to know: where to join, where the data is, what to do next. */
export async function welcomeText(config: Config, server: RunningServer): Promise<string> {
  const origin = publicOrigin(config, server.port);
  const { publicKeyHex } = server.identity.keys;
  const rooms = await server.app.get(RoomsService).all();
  const links = rooms.map(({ token }) => `  ${joinLink(origin, token, publicKeyHex)}`);
  const hasFiles = overlap(config.files, { kind: 'folder', path: config.dataDir });
  const inFolder = [server.database.kind === 'embedded' && 'database', 'key', hasFiles && 'files'].filter(
    Boolean,
  );
  const elsewhere = server.database.kind === 'embedded' ? '' : ' and the PostgreSQL of DATABASE_URL';
  const label = (text: string): string => text.padEnd(hasFiles ? 5 : 6);
  return [
    '',
    `Plaza is running on port ${server.port}.`,
    '',
    `Page for people: ${origin}/`,
    `For moderators:  ${origin}/admin`,
    '',
    `Join ${rooms.length === 1 ? 'link' : 'links'}:`,
    ...links,
    '',
    `${label('Data:')} ${config.dataDir} (${inFolder.join(', ')})${elsewhere}`,
    ...(hasFiles ? [] : [`${label('Files:')} ${formatFilesUrl(config.files)}`]),
    `${label('Key:')} ${config.keyFile} (back it up: without it every join link is dead)`,
    '',
    'Next:',
    '  npx plaza moderator add YOUR_SESSION_ID --global --admin   become the admin',
    '  npx plaza token create --name me --role admin              open the console with it',
    '  npx plaza room create TOKEN --name "Name"                  open another room',
    ...(config.publicUrl === undefined
      ? ['  PUBLIC_URL=https://chat.example.org in the file .env       once it has a public address']
      : []),
    '  Ctrl-C                                                     stop',
    '',
  ].join('\n');
}
