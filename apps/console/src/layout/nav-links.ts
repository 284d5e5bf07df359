import type { IconName } from '../parts/icon.jsx';
import type { May } from '../session/session.js';

export interface NavEntry {
  path: string;
  label: string;
  icon: IconName;
  /** Whether this is for whoever is signed in. */
  isFor?(may: May): boolean;
}

const forServerViewers = (may: May): boolean => may('viewer');
const forServerAdmins = (may: May): boolean => may('admin');

export const NAV_GROUPS: readonly { label: string; entries: readonly NavEntry[] }[] = [
  {
    label: 'Community',
    entries: [
      { path: '/', label: 'Overview', icon: 'overview' },
      { path: '/rooms', label: 'Rooms', icon: 'rooms' },
      { path: '/users', label: 'Users', icon: 'users' },
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
      { path: '/files', label: 'Files', icon: 'files' },
      { path: '/jobs', label: 'Jobs', icon: 'jobs', isFor: forServerViewers },
      { path: '/tokens', label: 'Access tokens', icon: 'token', isFor: forServerAdmins },
      { path: '/webhooks', label: 'Webhooks', icon: 'webhook' },
    ],
  },
];
