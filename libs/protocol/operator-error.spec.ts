import { createServer, type AddressInfo } from 'node:net';
import { OperatorError, terminalText } from './operator-error.js';

describe('what a terminal shows', () => {
  it('of what an operator has to settle is its text', () => {
    expect(terminalText(new OperatorError('Set PORT.'))).toBe('Set PORT.');
  });

  it('of a taken port is which one, and what to do', async () => {
    const [one, other] = [createServer(), createServer()];
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    const { port } = one.address() as AddressInfo;
    const error = await new Promise((resolve) => other.once('error', resolve).listen(port, '127.0.0.1'));
    one.close();
    expect(terminalText(error)).toBe(
      `Port ${port} is taken by another program, maybe by another Plaza. Stop that one, or choose another port.`,
    );
  });

  it('of what else the system says is that', () => {
    const error = Object.assign(new Error('EACCES: permission denied'), { syscall: 'mkdir', code: 'EACCES' });
    expect(terminalText(error)).toBe('EACCES: permission denied');
  });

  it('of a bug is where it is', () => {
    expect(terminalText(new TypeError('no'))).toMatch(/TypeError: no\n\s+at /);
    expect(terminalText('thrown')).toBe('thrown');
  });
});
