import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, onionCall, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(180_000);

let server: PlazaProcess;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { REQUIRE_BLINDED_IDS: 'false' } });
});
afterAll(() => server?.stop());
afterAll(endEverything);

const UNBLINDED = { unblinded: true };

describe('a server that does not require blinded ids', () => {
  it('does not claim the capability blind', async () => {
    const { json } = await call(server, undefined, 'GET', '/capabilities');
    expect(json).toEqual({ capabilities: ['reactions', 'sogs'] });
  });

  it('says that blind is missing when it is required', async () => {
    const { status, json } = await call(server, undefined, 'GET', '/capabilities?required=sogs,blind');
    expect({ status, json }).toEqual({
      status: 412,
      json: { capabilities: ['reactions', 'sogs'], missing: ['blind'] },
    });
  });

  it('knows the owner of a 00 key by their 05 id', async () => {
    const account = newAccount(server);
    const { status, json } = await post(server, account, 'lobby', 'hello', UNBLINDED);
    expect({ status, author: json.session_id }).toEqual({ status: 201, author: account.sessionId });
    const { json: recent } = await call(server, undefined, 'GET', '/room/lobby/messages/recent?limit=1');
    expect(recent[0]).toMatchObject({ id: json.id, session_id: account.sessionId });
  });

  it('knows them inside an onion too', async () => {
    const account = newAccount(server);
    const json = messageBody(account, 'hello', UNBLINDED);
    const answer = await onionCall(server, account, 'POST', '/room/lobby/message', { json, auth: UNBLINDED });
    expect(answer.json).toMatchObject({ session_id: account.sessionId });
  });

  it('holds a message of a 00 key against that key', async () => {
    const account = newAccount(server);
    const json = messageBody(account, 'hello'); // signed under the blinded key
    const answer = await call(server, account, 'POST', '/room/lobby/message', { json, auth: UNBLINDED });
    expect(answer.status).toBe(400);
  });

  it('still lets blinded users in, as another person', async () => {
    const account = newAccount(server);
    await post(server, account, 'lobby', 'hello', UNBLINDED);
    const { json } = await post(server, account, 'lobby', 'hello');
    expect(json.session_id).toBe(account.blindedId);
  });

  it('refuses a wrong signature of a 00 key', async () => {
    const account = newAccount(server);
    const auth = { ...UNBLINDED, signature: Buffer.alloc(64) };
    expect((await call(server, account, 'GET', '/rooms', { auth })).status).toBe(401);
  });

  it('refuses the same nonce of a 00 key twice', async () => {
    const account = newAccount(server);
    const auth = { ...UNBLINDED, nonce: Buffer.alloc(16, 7) };
    expect((await call(server, account, 'GET', '/rooms', { auth })).status).toBe(200);
    expect((await call(server, account, 'GET', '/rooms', { auth })).status).toBe(425);
  });
});

describe('a server that does', () => {
  it('refuses a 00 key in the words that make clients blind theirs', async () => {
    const blinding = await startPlaza();
    const answer = await call(blinding, newAccount(blinding), 'GET', '/rooms', { auth: UNBLINDED });
    expect({ status: answer.status, text: answer.text }).toEqual({
      status: 400,
      text: 'Invalid authentication: this server requires the use of blinded ids',
    });
    await blinding.stop();
  });
});
