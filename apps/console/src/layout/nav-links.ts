import type { IconName } from '../parts/icon.jsx';
import type { Rights } from '../session/session.js';

export interface NavEntry {
  path: string;
  label: string;
  icon: IconName;
  /** Whether this is for whoever is signed in. */
  isFor?(rights: Rights): boolean;
}

const forServerViewers = ({ may }: Rights): boolean => may('viewer');
const forServerAdmins = ({ may }: Rights): boolean => may('admin');

export const NAV_GROUPS: readonly { label: string; entries: readonly NavEntry[] }[] = [
  {
    label: 'Community',
    entries: [
      { path: '/', label: 'Overview', icon: 'overview' },
      { path: '/rooms', label: 'Rooms', icon: 'rooms' },
      { path: '/users', label: 'Users', icon: 'users', isFor: forServerViewers },
    ],
  },
  {
    label: 'Moderation',
    entries: [
      { path: '/bans', label: 'Bans and mutes', icon: 'ban' },
      { path: '/rules', label: 'Server rules', icon: 'rules', isFor: forServerViewers },
      { path: '/log', label: 'Log', icon: 'log' },
    ],
  },
  {
    label: 'Server',
    entries: [
      { path: '/files', label: 'Files', icon: 'files', isFor: forServerViewers },
      { path: '/jobs', label: 'Jobs', icon: 'jobs', isFor: forServerViewers },
      { path: '/tokens', label: 'Access tokens', icon: 'token', isFor: forServerAdmins },
      { path: '/webhooks', label: 'Webhooks', icon: 'webhook', isFor: ({ anywhere }) => anywhere('admin') },
    ],
  },
];
