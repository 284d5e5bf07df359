import { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { PostFloods } from './post-floods.js';

const KIB = 1024;
const REFUSED = expect.objectContaining({ status: 429 }) as Error;

/** 100 at once in a room, 200 on the server. */
function floods(): PostFloods {
  const { config } = loadConfig({ env: {}, cwd: '/' });
  const abuseLimits = { ...config.abuseLimits, roomPostsPerSecondMax: 1, serverPostsPerSecondMax: 2 };
  return new PostFloods(new Config({ ...config, abuseLimits }));
}

const times = (count: number, write: () => void): void => {
  for (let at = 0; at < count; at++) write();
};

describe('what all users together write', () => {
  it('has a bound in a room, while other rooms go on', () => {
    const all = floods();
    times(100, () => all.count(1, 200));
    expect(() => all.count(1, 200)).toThrow(REFUSED);
    all.count(2, 200);
  });

  it('counts once more for every 4 KiB', () => {
    const all = floods();
    times(1, () => all.count(1, 256 * KIB)); // 65
    times(7, () => all.count(1, 16 * KIB)); // 35
    expect(() => all.count(1, 0)).toThrow(REFUSED);
  });

  it('has a bound on the server, for direct messages too', () => {
    const all = floods();
    times(90, () => all.count(1, 0));
    times(110, () => all.countDirect(4 * KIB - 1));
    expect(() => all.countDirect(0)).toThrow(REFUSED);
    expect(() => all.count(2, 0)).toThrow(REFUSED);
  });
});
